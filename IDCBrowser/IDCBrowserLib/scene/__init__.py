"""Voxels to MRML: volumes, segmentations, labelmap volumes, terminology, colors."""
