"""Shared by all of the logic: the states that panels draw, and what is remembered between sessions."""
