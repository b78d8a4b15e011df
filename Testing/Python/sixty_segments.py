"""A segmentation of sixty segments that share one labelmap of 300 slices: ours, or as a plain Slicer makes it."""

import numpy as np
import slicer

SEGMENTS = 60


def add(own, size=256):
    """In slices of ``size`` x ``size`` pixels."""
    array = np.zeros((300, size, size), np.uint8)
    for number in range(SEGMENTS):
        array[4 * number : 4 * number + 60, 4 * number : 4 * number + 4, 20:200] = number + 1
    if own:
        from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
        from IDCBrowserLib.scene.provenance import SOURCE_ATTRIBUTE, mark
        from IDCBrowserLib.scene.segments.segmentation import add_segmentation
        from IDCBrowserLib.volume.geometry import Geometry

        geometry = Geometry(array.shape, (1, 1, 1), (0, 0, 0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
        segments = tuple(Segment(number, number, f"S{number}") for number in range(1, SEGMENTS + 1))
        node = add_segmentation(slicer.mrmlScene, Labelmap((array,), geometry, segments, Source("SEG")), "Sixty")
        # As whatever is loaded.
        mark(node, {SOURCE_ATTRIBUTE: "SEG"})
        return
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    slicer.util.updateVolumeFromArray(volume, array)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    node.CreateDefaultDisplayNodes()
    slicer.modules.segmentations.logic().ImportLabelmapToSegmentationNode(volume, node)
