"""The narrow panel in Slicer's module dock, and what stands in it."""
