"""How what is loaded is shown, as values that hold for the next case as well: layout, planes, windows, segments by code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.provenance import volumes_of_series
from IDCBrowserLib.scene.segments.segment_rows import SegmentRow, SourceRow
from IDCBrowserLib.scene.slice_planes import slice_nodes

if TYPE_CHECKING:
    from slicer import vtkMRMLScalarVolumeDisplayNode, vtkMRMLScene

# Values of these mean the same in every series: Hounsfield units, SUV. Those of MR depend on the scanner.
_COMPARABLE = ("CT", "PT")
_STANDARD = ("Axial", "Coronal", "Sagittal")


@dataclass(frozen=True)
class Arrangement:
    """``layout`` as the host names it; ``planes`` by view; ``windows`` (window, level) by modality; ``segments`` seen or not, by code or name;
    ``opacity``, ``line_width``, ``line_style`` and ``filled`` of segmentations, None where there was none; ``one_color``: each of several is shown in
    one color, None where there was one at most."""

    layout: str = ""
    planes: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    segments: Mapping[str, bool] = field(default_factory=dict)
    opacity: float | None = None
    line_width: int | None = None
    filled: bool | None = None
    line_style: str | None = None
    one_color: bool | None = None


def read_arrangement(
    scene: vtkMRMLScene, sources: Iterable[SourceRow], modalities: Mapping[str, str], layout: str, former: Arrangement
) -> Arrangement:
    """Of what is loaded; what is not there now is as in ``former``. ``modalities`` by series UID."""
    shown = [source for source in sources if source.visible]
    windows = {
        modality: (float(display.GetWindow()), float(display.GetLevel()))
        for uid, modality in modalities.items()
        if modality in _COMPARABLE
        for display in _displays(scene, uid)
    }
    segments = {name_of(segment): segment.visible for source in shown for segment in source.segments}
    last = shown[-1] if shown else None
    return Arrangement(
        layout,
        {**former.planes, **_planes(scene)},
        {**former.windows, **windows},
        {**former.segments, **segments},
        last.opacity if last is not None else former.opacity,
        last.line_width if last is not None else former.line_width,
        last.filled if last is not None else former.filled,
        last.line_style if last is not None else former.line_style,
        any(source.one_color is not None for source in shown) if len(shown) > 1 else former.one_color,
    )


def apply_windows(scene: vtkMRMLScene, arrangement: Arrangement, modalities: Mapping[str, str]) -> None:
    """To the images of these series."""
    for uid, modality in modalities.items():
        if modality in arrangement.windows:
            for display in _displays(scene, uid):
                display.AutoWindowLevelOff()
                display.SetWindowLevel(*arrangement.windows[modality])


def apply_planes(scene: vtkMRMLScene, arrangement: Arrangement) -> None:
    """To the slice views; only planes that every image has."""
    for node in slice_nodes(scene):
        plane = arrangement.planes.get(node.GetLayoutName() or "", "")
        # A view that follows the image's own planes is "Reformat" and stays so.
        if plane and node.GetOrientation() in _STANDARD and node.GetOrientation() != plane:
            node.SetOrientation(plane)


def name_of(segment: SegmentRow) -> str:
    """What a segment is called in every case: its code, else its name."""
    return segment.code or segment.name


def _planes(scene: vtkMRMLScene) -> dict[str, str]:
    return {node.GetLayoutName() or "": node.GetOrientation() for node in slice_nodes(scene) if node.GetOrientation() in _STANDARD}


def _displays(scene: vtkMRMLScene, series_uid: str) -> list[vtkMRMLScalarVolumeDisplayNode]:
    from slicer import vtkMRMLScalarVolumeDisplayNode as Scalar

    displays = [volume.GetDisplayNode() for volume in volumes_of_series(scene, series_uid)]
    return [display for display in displays if isinstance(display, Scalar)]
