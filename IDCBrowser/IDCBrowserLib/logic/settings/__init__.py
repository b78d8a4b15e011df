"""What the user sets, index files and releases."""
