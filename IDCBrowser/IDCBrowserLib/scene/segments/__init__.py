"""Segmentations in the scene: made from labelmaps, as rows, their colors, lines, contours and voxels."""
