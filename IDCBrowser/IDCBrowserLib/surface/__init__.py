"""Surfaces in DICOM objects: encapsulated STL."""
