"""Downloads: their queue, their steps, and what became of each series."""
