"""The geometry of RTSTRUCT conversion, without DICOM: contours to voxels."""
