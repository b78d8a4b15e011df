"""The page on which reports are read."""
