"""Clinical attributes as filters: which there are, what the tables say of each case, and the series that have a value."""
