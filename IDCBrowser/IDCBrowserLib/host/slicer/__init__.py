"""IDC Browser in 3D Slicer."""
