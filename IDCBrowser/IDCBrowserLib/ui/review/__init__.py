"""The page of review lists."""
