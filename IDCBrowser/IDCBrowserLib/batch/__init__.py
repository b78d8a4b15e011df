"""Many series at once: fetched, verified, converted, measured, each item in a process that may die."""
