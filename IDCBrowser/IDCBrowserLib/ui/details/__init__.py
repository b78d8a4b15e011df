"""Panels for the current row: details, preview, relations."""
