"""From files to nodes of the scene, in steps that do not stop the window. The same for both hosts."""
