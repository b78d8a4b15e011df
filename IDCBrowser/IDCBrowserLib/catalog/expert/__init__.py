"""Queries that the user writes in SQL: checked, run in a process of their own, with limits."""
