"""The Storage page."""
