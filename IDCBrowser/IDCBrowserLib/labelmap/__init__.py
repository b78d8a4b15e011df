"""Converts SEG and RTSTRUCT to voxels: numpy arrays with geometry and coded segments."""
