"""Reads image series as voxels on a grid: what ``labelmap`` aligns to and what ``scene`` shows."""
