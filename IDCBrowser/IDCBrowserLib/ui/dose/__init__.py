"""The page "Dose"."""
