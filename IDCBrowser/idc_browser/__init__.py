"""IDC Browser in Python and notebooks: find series of the NCI Imaging Data Commons, download them, and get voxels as arrays.

::

    import idc_browser

    found = idc_browser.find(collection_id="nlst", Modality="SEG", limit=10)
    found.to_pandas()
    found.download("data")
    for labelmap in found.labelmaps("data"):
        print(labelmap.geometry.spacing, [segment.name for segment in labelmap.segments])

What this page describes is promised; ``IDCBrowserLib`` below it may change.
"""

from __future__ import annotations

from idc_browser.found import Found, find, plan
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.pixels import Volume

__all__ = ["Found", "Geometry", "IDCBrowserError", "Labelmap", "Segment", "Volume", "find", "plan"]
