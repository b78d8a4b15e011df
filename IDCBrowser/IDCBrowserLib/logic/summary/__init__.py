"""Figures of what is shown, as charts and as a table."""
