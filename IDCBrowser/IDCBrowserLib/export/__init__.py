"""Segmentations as DICOM objects that refer to the images they were drawn on; the way back from ``labelmap``."""
