"""The programs around the panels: 3D Slicer, or the standalone window on the slicer-core wheel."""
