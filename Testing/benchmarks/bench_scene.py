"""60 segments over 300 slices of 512 x 512 into the scene: what the window's main thread is held up, against Slicer's own import.

The peer is what Slicer's SEG plugin does with the same voxels: a labelmap volume node and ``ImportLabelmapToSegmentationNode``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "IDCBrowser"))

from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.volume.geometry import Geometry

SHAPE = (300, 512, 512)
SEGMENTS = 60
GEOMETRY = Geometry(SHAPE, (0.8, 0.8, 1.0), (-200.0, -200.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))


def main() -> None:
    """Print the table."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from IDCBrowserLib.host.standalone.scene import StandaloneScene
    from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
    from IDCBrowserLib.scene.volumes import add_scalar_volume

    with tempfile.TemporaryDirectory() as folder:
        voxels = mapped(boxes(), Path(folder) / "layer.raw")
        labelmap = Labelmap((voxels,), GEOMETRY, segments(), Source("SEG", series_uid="1.2.3"))
        host = StandaloneScene()
        image = mapped(np.zeros(SHAPE, np.int16), Path(folder) / "image.raw")
        volume_s, volume = seconds(lambda: add_scalar_volume(host.scene, image, GEOMETRY, "CT", (400, 40)))
        ours_s, made = seconds(lambda: add_labelmap(host.scene, labelmap, "1.2.3", [volume]))
        peer_s, node = seconds(lambda: slicers_import(host.scene, made.labelmap_volume))
        host.scene.RemoveNode(node)
        show("60 segments: segmentation and labelmap volume", ours_s, peer_s)
        print(f"   the image itself {volume_s * 1000:.0f} ms")
        views(host, volume, made.segmentation)
        host.release()


def views(host: Any, volume: Any, segmentation: Any) -> None:
    """The first picture of four views, and what a step of the wheel costs with 60 segments shown."""
    from IDCBrowserLib.host.standalone.views import ViewGrid
    from IDCBrowserLib.qtbinding import QtWidgets

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    grid = ViewGrid(host)
    grid.resize(1100, 800)
    grid.fit(volume, segmentation)
    first_s, _picture = seconds(grid.grab)
    steps = sorted(seconds(lambda: (grid.axial.move_by(1), grid.axial.grab()))[0] for _ in range(20))
    print(f"   first picture of the four views {first_s * 1000:.0f} ms")
    print(f"   a step of the wheel {steps[10] * 1000:.0f} ms (slowest {steps[-1] * 1000:.0f})")
    grid.release()
    del application


def slicers_import(scene: Any, labelmap_volume: Any) -> Any:
    """The peer."""
    import slicer

    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    if not slicer.vtkSlicerSegmentationsModuleLogic.ImportLabelmapToSegmentationNode(labelmap_volume, node):
        raise SystemExit("Slicer's import failed")
    if node.GetSegmentation().GetNumberOfSegments() != SEGMENTS:
        raise SystemExit("Slicer's import found another number of segments")
    return node


def boxes() -> Any:
    """Random boxes of 20 to 56 voxels a side, each a label."""
    random = np.random.default_rng(1)
    voxels = np.zeros(SHAPE, np.uint8)
    places = [(k, j, i) for k in (60, 150, 240) for j in (60, 170, 280, 390) for i in (50, 140, 230, 320, 410)]
    for number, (k, j, i) in enumerate(places):
        half = int(random.integers(10, 28))
        voxels[k - half : k + half, j - half : j + half, i - half : i + half] = number + 1
    return voxels


def segments() -> tuple[Segment, ...]:
    """Their names and colors."""
    return tuple(Segment(number, number, f"Segment {number}", color=(number * 4, 255 - number * 4, 128)) for number in range(1, SEGMENTS + 1))


def mapped(array: Any, path: Path) -> Any:
    """As the engine hands voxels over."""
    array.tofile(path)
    return np.memmap(path, array.dtype, "c", shape=array.shape)


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long it takes, and what it gives."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def show(what: str, ours: float, peer: float) -> None:
    """One line of the table."""
    print(f"{what:60} ours {ours:8.3f} s   Slicer's import {peer:8.3f} s   ratio 1/{peer / ours:.0f}")


if __name__ == "__main__":
    main()
