"""IDC Browser in a window of its own, on the slicer-core wheel and VTK."""
