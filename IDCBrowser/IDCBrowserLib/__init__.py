"""IDC Browser: from "which scans exist?" to "here they are, with their segmentations, in my scene".

The folders are laid out as the data flows: catalog, selection, transfer, store, volume, labelmap, scene;
ui, engine, host, cli and demo stand around that street and call it. See ``CONTRIBUTING.md``.
"""

__version__ = "0.1.0"
