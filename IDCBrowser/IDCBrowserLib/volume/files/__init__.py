"""Volumes as NRRD and NIfTI files."""
