"""DICOM SEG: headers, frames, segments, and their place on a grid."""
