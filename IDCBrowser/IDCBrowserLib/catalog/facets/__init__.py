"""Counts of the values of columns, under filters."""
