"""The catalog laid out for fast browsing: files that a process of its own makes from the index, and what is read from them."""
