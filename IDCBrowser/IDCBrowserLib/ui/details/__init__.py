"""Panels for the row that is looked at."""
