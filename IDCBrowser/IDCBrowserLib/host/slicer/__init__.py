"""The host in 3D Slicer: module, layout, DICOM database, plugins, scripting."""
