"""User settings, index files and IDC releases."""
