"""Slicer's DICOM database as the store of the panels, and the plugins for Slicer's DICOM module."""
