"""Lets go of segmentations at once.

When ``vtkSegmentation`` is destroyed it removes its segments one by one, and separates each from the labelmap that the segments share: two passes
over all voxels per segment (``RemoveSegment`` and ``SeparateSegmentLabelmap``, Libs/vtkSegmentationCore/vtkSegmentation.cxx), a minute for 60
segments. Without their voxels there is nothing to separate. See Resources/Decisions/upstream.md.

This happens in the object's ``DeleteEvent``, when nobody can use it any more: neither undo, nor a sequence that shares it, nor a script that
removes a node and adds it again. The event names no object, so the segments are remembered, by weak references.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slicer import vtkSegmentation

# References to a segment that nobody else has: that of its segmentation, and the one by which Python holds it.
_OWN_REFERENCES = 2


def release_quickly(segmentation: vtkSegmentation) -> None:
    """From now on ``segmentation`` is destroyed without separating its segments; those that are added later included."""
    from vtkmodules.vtkCommonCore import vtkCommand

    segments: list[Any] = []

    def remember(caller: vtkSegmentation, _event: str) -> None:
        segments[:] = [_weak(caller.GetNthSegment(number)) for number in range(caller.GetNumberOfSegments())]

    def strip(_caller: None, _event: str) -> None:
        for reference in segments:
            segment = reference.Get()
            # One that another segmentation holds as well keeps its voxels.
            if segment is not None and segment.GetReferenceCount() <= _OWN_REFERENCES:
                segment.RemoveAllRepresentations()

    remember(segmentation, "")
    segmentation.AddObserver(segmentation.SegmentAdded, remember)
    segmentation.AddObserver(vtkCommand.DeleteEvent, strip)


def _weak(segment: object) -> Any:
    from vtkmodules.vtkCommonCore import vtkWeakReference

    reference: Any = vtkWeakReference()
    reference.Set(segment)
    return reference
