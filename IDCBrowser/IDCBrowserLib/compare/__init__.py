"""Segmentations against each other: which segments are the same structure, how well they agree, and what they agree on."""
