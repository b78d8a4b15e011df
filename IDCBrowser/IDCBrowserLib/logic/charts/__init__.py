"""Charts: bars with labels and numbers, and where their parts go."""
