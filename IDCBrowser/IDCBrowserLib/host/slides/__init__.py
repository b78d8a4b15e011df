"""Slides in the slice views of both hosts: tiles of finer levels, and of their segmentations, at the place and zoom of a view."""
