"""The voxels of a segmentation node: figures of its segments, taken a few slices at a time, and all of it as a ``Labelmap``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.labelmap.terminology import codes_of_entry
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.scene.provenance import (
    FRAME_ATTRIBUTE,
    REFERENCED_ATTRIBUTE,
    SERIES_ATTRIBUTE,
    SLIDE_SEGMENTS_ATTRIBUTE,
    SOURCE_ATTRIBUTE,
    STUDY_ATTRIBUTE,
    UNITS_ATTRIBUTE,
)
from IDCBrowserLib.scene.segments.segment_colors import own_color
from IDCBrowserLib.scene.segments.segment_rows import Figures, Ras
from IDCBrowserLib.scene.segments.segment_tags import (
    ALGORITHM_NAME_TAG,
    ALGORITHM_TYPE_TAG,
    DESCRIPTION_TAG,
    NUMBER_TAG,
    TRACKING_ID_TAG,
    TRACKING_UID_TAG,
    tag_of,
)
from IDCBrowserLib.scene.segments.segmentation import BINARY_LABELMAP, reference_volume
from IDCBrowserLib.scene.transforms import from_scene, in_scene, matrix_between
from IDCBrowserLib.scene.volumes import geometry_of_volume
from IDCBrowserLib.volume.geometry import Geometry, geometry_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from slicer import vtkMRMLSegmentationNode, vtkMRMLVolumeNode, vtkOrientedImageData

# Labels beyond are counted by sorting, which is slower.
_MANY_LABELS = 1 << 16
# The layer of a segment without voxels, before it has one.
_EMPTY = -1


@dataclass(frozen=True)
class Layer:
    """An image that segments share: ``voxels`` (k, j, i), not copied, and (4, 4) index (i, j, k) to RAS mm. ``segments``: id -> label value."""

    voxels: NDArray[Any]
    to_ras: NDArray[np.float64]
    segments: dict[str, int]


def layers_of(node: vtkMRMLSegmentationNode) -> list[Layer]:
    """The distinct images of a segmentation; segments that have none are left out."""
    found: dict[str, tuple[vtkOrientedImageData, dict[str, int]]] = {}
    segmentation = node.GetSegmentation()
    for identifier in segmentation.GetSegmentIDs():
        image = _image_of(node, identifier)
        segment = segmentation.GetSegment(identifier)
        if image is not None and segment is not None:
            found.setdefault(image.GetAddressAsString(""), (image, {}))[1][identifier] = segment.GetLabelValue()
    return [Layer(_voxels(image), _to_ras(image), segments) for image, segments in found.values()]


def measure(node: vtkMRMLSegmentationNode) -> Iterator[dict[str, Figures] | None]:
    """The figures of every segment by id, layer by layer; None after each slice, so that the window can be drawn meanwhile."""
    import numpy as np

    volume = reference_volume(node)
    for layer in layers_of(node):
        image = _on_same_grid(node, volume, layer)
        count = max(layer.segments.values(), default=0) + 1
        if count > _MANY_LABELS:
            continue
        counts = np.zeros((len(layer.voxels), count), np.int64)
        sums = np.zeros(count)
        for k, plane in enumerate(layer.voxels):
            counts[k], in_plane = _in_plane(plane, None if image is None else image[k], count)
            sums += in_plane
            yield None
        unit = (volume.GetAttribute(UNITS_ATTRIBUTE) or "") if volume is not None else ""
        yield _figures(layer, counts, None if image is None else sums, unit, bool(node.GetAttribute(SLIDE_SEGMENTS_ATTRIBUTE)))


def voxel_stamp(node: vtkMRMLSegmentationNode) -> int:
    """Another number whenever the voxels of a segmentation, or of its image, have changed."""
    segmentation = node.GetSegmentation()
    images = [image for identifier in segmentation.GetSegmentIDs() if (image := _image_of(node, identifier)) is not None]
    volume = reference_volume(node)
    data = None if volume is None else volume.GetImageData()
    return max([image.GetMTime() for image in images] + ([] if data is None else [data.GetMTime()]), default=0) + len(images)


def middle_of(node: vtkMRMLSegmentationNode, segment_id: str, k: int) -> Ras | None:
    """A point (RAS of the scene, mm) of the segment on slice ``k`` of its grid, nearest to the middle of what it has there; None without any."""
    import numpy as np

    for layer in layers_of(node):
        if segment_id in layer.segments and 0 <= k < len(layer.voxels):
            places = np.argwhere(layer.voxels[k] == layer.segments[segment_id])
            if not len(places):
                return None
            j, i = places[np.abs(places - places.mean(0)).sum(1).argmin()]
            x, y, z, _ = layer.to_ras @ [i, j, k, 1]
            return in_scene(node, (float(x), float(y), float(z)))
    return None


def slice_at(node: vtkMRMLSegmentationNode, segment_id: str, ras: Ras) -> float | None:
    """The slice index of the segment's grid at a point, between slices with a fraction."""
    import numpy as np

    layer = next((layer for layer in layers_of(node) if segment_id in layer.segments), None)
    return None if layer is None else float((np.linalg.inv(layer.to_ras) @ [*from_scene(node, ras), 1])[2])


def grid_of(node: vtkMRMLSegmentationNode) -> Geometry | None:
    """The grid that holds all of the node's own voxels, whatever moves them; None where it is empty or its segments have other voxel centers."""
    return _grid(layers_of(node))


def _grid(layers: Sequence[Layer]) -> Geometry | None:
    """Segment Editor keeps segments that overlap in boxes of their own, with the voxel centers of the others."""
    from IDCBrowserLib.compare.placing import placement, spanned

    if not layers:
        return None
    first, *others = (_geometry(layer) for layer in layers)
    places = [placement(one, first) for one in (first, *others)]
    found = [place for place in places if place is not None]
    if len(found) < len(places) or any(place.axes != (0, 1, 2) or any(place.flipped) for place in found):
        return None
    return first if all(place.fills(first.shape) for place in found) else spanned(first, found)


def lies_on(node: vtkMRMLSegmentationNode, geometry: Geometry) -> bool:
    """Whether the node's own voxels have this grid."""
    from IDCBrowserLib.compare.placing import placement

    own = grid_of(node)
    return own is not None and own.shape == geometry.shape and placement(geometry, own) is not None


def as_labelmap(node: vtkMRMLSegmentationNode) -> Labelmap | None:
    """The node's voxels, with what it says about its segments, where they lie on its image; None where it has no segment, its segments have different
    voxel centers, or a transform between them and the image bends them. Voxels are shared with the node where its segments lie in one box.
    """
    import numpy as np

    layers, volume = layers_of(node), reference_volume(node)
    moved, segmentation = matrix_between(node, volume), node.GetSegmentation()
    grid = _grid(layers) if layers else geometry_of_volume(volume) if volume is not None else None
    if grid is None or moved is None or not segmentation.GetNumberOfSegments():
        return None
    geometry = _geometry_in_ras(moved @ grid.index_to_ras(), grid.shape)
    place = {identifier: number for number, layer in enumerate(layers) for identifier in layer.segments}
    segments = [_segment(node, identifier, place.get(identifier), order) for order, identifier in enumerate(segmentation.GetSegmentIDs(), 1)]
    empty = [number for number, segment in enumerate(segments) if segment.layer == _EMPTY]
    for label, number in enumerate(empty, 1):
        # Their labels may be others' in a layer with voxels.
        segments[number] = replace(segments[number], layer=len(layers), label_value=label)
    dtype = max((layer.voxels.dtype for layer in layers), key=lambda one: one.itemsize, default=np.dtype(np.uint8))
    voxels = [_placed(layer, grid) for layer in layers] + ([np.zeros(grid.shape, dtype)] if empty else [])
    return Labelmap(tuple(_unsigned(one, dtype) for one in voxels), geometry, tuple(segments), _source(node))


def _placed(layer: Layer, grid: Geometry) -> NDArray[Any]:
    """The voxels on a grid that holds them."""
    import numpy as np

    from IDCBrowserLib.compare.placing import placement

    place = placement(_geometry(layer), grid)
    assert place is not None, "the grid was made of it"
    if place.fills(grid.shape):
        return layer.voxels
    placed = np.zeros(grid.shape, layer.voxels.dtype)
    placed[tuple(slice(first, first + size) for first, size in zip(place.first, place.shape, strict=True))] = layer.voxels
    return placed


def _geometry(layer: Layer) -> Geometry:
    return _geometry_in_ras(layer.to_ras, layer.voxels.shape)


def _geometry_in_ras(to_ras: NDArray[Any], shape: Sequence[int]) -> Geometry:
    import numpy as np

    return geometry_of((np.diag([-1.0, -1.0, 1.0, 1.0]) @ to_ras)[:3], shape)


def _unsigned(voxels: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Slicer's labels are short at times; they are never negative."""
    import numpy as np

    wanted = np.dtype(f"u{dtype.itemsize}") if dtype.kind in "iu" else np.dtype(np.uint16)
    return voxels.astype(wanted, copy=False)


def _segment(node: vtkMRMLSegmentationNode, identifier: str, layer: int | None, order: int) -> Segment:
    segment = node.GetSegmentation().GetSegment(identifier)
    assert segment is not None, "its id was just listed"
    number = tag_of(segment, NUMBER_TAG)
    return Segment(
        number=int(number) if number.isdecimal() else order,
        label_value=segment.GetLabelValue(),
        name=segment.GetName() or identifier,
        layer=_EMPTY if layer is None else layer,
        description=tag_of(segment, DESCRIPTION_TAG),
        color=own_color(segment),
        algorithm_type=tag_of(segment, ALGORITHM_TYPE_TAG),
        algorithm_name=tag_of(segment, ALGORITHM_NAME_TAG),
        tracking_id=tag_of(segment, TRACKING_ID_TAG),
        tracking_uid=tag_of(segment, TRACKING_UID_TAG),
        **codes_of_entry(tag_of(segment, segment.GetTerminologyEntryTagName())),
    )


def _source(node: vtkMRMLSegmentationNode) -> Source:
    kind, _, instance = (node.GetAttribute(SOURCE_ATTRIBUTE) or "").partition(" ")
    volume = reference_volume(node)
    frame = (volume.GetAttribute(FRAME_ATTRIBUTE) or "") if volume is not None else ""
    referenced = (node.GetAttribute(REFERENCED_ATTRIBUTE) or "").split()
    if not referenced and volume is not None and (uid := volume.GetAttribute(SERIES_ATTRIBUTE)):
        referenced = [uid]
    return Source(
        kind or "segmentation",
        sop_instance_uid=instance,
        series_uid=node.GetAttribute(SERIES_ATTRIBUTE) or "",
        study_uid=node.GetAttribute(STUDY_ATTRIBUTE) or "",
        series_description=node.GetName() or "",
        frame_of_reference_uid=frame,
        referenced_series_uids=tuple(referenced),
    )


def _in_plane(plane: NDArray[Any], image: NDArray[Any] | None, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Voxels and sum of the image for each label below ``count``."""
    import numpy as np

    inside = np.flatnonzero(plane)
    labels = plane.ravel()[inside]
    counts = np.bincount(labels, minlength=count)[:count].astype(np.int64)
    if image is None:
        return counts, np.zeros(count)
    sums: NDArray[np.float64] = np.bincount(labels, weights=image.ravel()[inside].astype(np.float64), minlength=count)[:count].astype(np.float64)
    return counts, sums


def _figures(layer: Layer, counts: NDArray[np.int64], sums: NDArray[np.float64] | None, unit: str, on_slide: bool) -> dict[str, Figures]:
    import numpy as np

    pixel = float(np.linalg.norm(np.cross(layer.to_ras[:3, 0], layer.to_ras[:3, 1])))
    voxel = float(abs(np.linalg.det(layer.to_ras[:3, :3])))
    found = {}
    for identifier, label in layer.segments.items():
        column = counts[:, label]
        voxels = int(column.sum())
        mean = float(sums[label] / voxels) if sums is not None and voxels else None
        slices = tuple((int(k), int(column[k])) for k in np.flatnonzero(column))
        found[identifier] = Figures(voxels, voxels * voxel, mean, unit, slices, voxels * pixel if on_slide else None)
    return found


def _image_of(node: vtkMRMLSegmentationNode, identifier: str) -> vtkOrientedImageData | None:
    from slicer import vtkOrientedImageData

    segment = node.GetSegmentation().GetSegment(identifier)
    image = None if segment is None else segment.GetRepresentation(BINARY_LABELMAP)
    found = vtkOrientedImageData.SafeDownCast(image)
    # An empty segment of Slicer has an image without voxels.
    return found if found is not None and found.GetPointData().GetScalars() is not None and found.GetNumberOfPoints() else None


def _voxels(image: vtkOrientedImageData) -> NDArray[Any]:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    columns, rows, depth = image.GetDimensions()
    voxels: NDArray[Any] = vtk_to_numpy(image.GetPointData().GetScalars())
    return voxels.reshape(depth, rows, columns)


def _to_ras(image: vtkOrientedImageData) -> NDArray[np.float64]:
    """Of index 0 of the array: the extent of a cropped image begins elsewhere."""
    import numpy as np
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    values = np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
    first = image.GetExtent()[::2]
    values[:, 3] = values @ [*first, 1]
    return values


def _on_same_grid(node: vtkMRMLSegmentationNode, volume: vtkMRMLVolumeNode | None, layer: Layer) -> NDArray[Any] | None:
    """The image (k, j, i) where it has the voxel centers of the layer in the scene, cut to it; else None. Color images have no mean."""
    import numpy as np
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    data = volume.GetImageData() if volume is not None else None
    if volume is None or data is None or data.GetPointData().GetScalars() is None or data.GetNumberOfScalarComponents() != 1:
        return None
    matrix = vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    to_ras = np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
    moved = matrix_between(node, volume)
    if moved is None:
        return None
    shift = np.linalg.inv(to_ras) @ moved @ layer.to_ras
    first = np.rint(shift[:3, 3])
    if not np.allclose(shift[:3, :3], np.eye(3), atol=1e-4) or np.abs(shift[:3, 3] - first).max() > 1e-2:
        return None
    columns, rows, depth = data.GetDimensions()
    i, j, k = (int(value) for value in first)
    if min(i, j, k) < 0 or any(a + b > c for a, b, c in zip((k, j, i), layer.voxels.shape, (depth, rows, columns), strict=True)):
        return None
    voxels: NDArray[Any] = vtk_to_numpy(data.GetPointData().GetScalars()).reshape(depth, rows, columns)
    return voxels[k : k + layer.voxels.shape[0], j : j + layer.voxels.shape[1], i : i + layer.voxels.shape[2]]
