"""Label volumes as files: NRRD, Slicer segmentations, NIfTI, and raw arrays for the host."""
