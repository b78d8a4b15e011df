"""What an object says it was made on: Referenced Series Sequence (PS3.3 C.12.4.1)."""

from __future__ import annotations

from IDCBrowserLib.dicom.elements import Elements

_SERIES, _SERIES_UID = 0x00081115, 0x0020000E
_INSTANCES, INSTANCE_UID = 0x0008114A, 0x00081155


def referenced_series(root: Elements) -> tuple[str, ...]:
    """SeriesInstanceUIDs, each once, in the order of the file."""
    return tuple(dict.fromkeys(uid for item in root.iterate_items(_SERIES) if (uid := item.text(_SERIES_UID))))


def referenced_instances(root: Elements) -> tuple[str, ...]:
    """SOPInstanceUIDs of all of these series, in the order of the file."""
    return tuple(uid for series in root.iterate_items(_SERIES) for image in series.iterate_items(_INSTANCES) if (uid := image.text(INSTANCE_UID)))
