"""Comparison of segmentations: which segments are the same structure, how well they agree, and their consensus."""
