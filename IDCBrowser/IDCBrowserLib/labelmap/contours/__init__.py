"""Contours to voxels: the geometry of RTSTRUCT conversion, without DICOM."""
