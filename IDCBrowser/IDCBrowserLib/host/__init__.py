"""Where it runs: 3D Slicer, or standalone on the slicer-core wheel."""
