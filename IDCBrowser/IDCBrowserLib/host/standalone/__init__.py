"""The standalone program: its window, views and scene on the slicer-core wheel and VTK."""
