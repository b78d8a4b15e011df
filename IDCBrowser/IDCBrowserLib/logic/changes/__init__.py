"""What of a cohort is still the same, and what changed in it between releases."""
