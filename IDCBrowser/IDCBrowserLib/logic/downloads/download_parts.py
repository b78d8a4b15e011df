"""Plain functions of a download: from engine documents to rows, statuses and load requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.host_interface import LoadRequest
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase, DownloadRow
from IDCBrowserLib.logic.tables.series_status import SeriesProgress
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_size

_DRAWN_ON_IMAGES = ("SEG", "RTSTRUCT")
_P = DownloadPhase


def shown(progress: Progress, row: DownloadRow) -> dict[str, Any]:
    """The changes of the row that a progress report of the transfer brings; other steps do not count bytes."""
    if row.phase not in (_P.RUNNING, _P.NO_DISK_SPACE) or progress.unit != "B":
        return {}
    is_disk_full = progress.details.get("held") == "room"
    return {
        "phase": _P.NO_DISK_SPACE if is_disk_full else _P.RUNNING,
        "note": progress.message if is_disk_full else "",
        "done": progress.done,
        "total": progress.total or 0.0,
        "bytes_per_second": progress.details.get("bytes_per_second", 0.0),
        "seconds_left": progress.seconds_left,
    }


def disk_space_note(document: Mapping[str, Any], folder: str) -> str:
    """A sentence if a queued download does not fit on the disk, else ""."""
    missing, free = document.get("missing_bytes", 0), document.get("free_bytes")
    if free is None or missing <= free:
        return ""
    text = _("The download needs {needed}, but only {free} is free in {folder}. It will start when there is enough disk space.")
    return text.format(needed=human_size(missing), free=human_size(free), folder=folder)


def lacks_images(series: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a SEG or RTSTRUCT is in a study from which no image series is downloaded."""
    drawn = {item.get("StudyInstanceUID") for item in series if item.get("Modality") in _DRAWN_ON_IMAGES}
    return bool(drawn - {item.get("StudyInstanceUID") for item in series if item.get("Modality") not in _DRAWN_ON_IMAGES})


def joined(series: Sequence[Mapping[str, Any]], document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The planned series, those added as referenced images, and after a restart those that only the engine knows."""
    known = {item["SeriesInstanceUID"]: item for item in (*document["series"], *series, *document.get("added", ()))}
    return list(known.values())


def series_progress(item: Mapping[str, Any], imported: set[str]) -> SeriesProgress:
    """An entry of the transfer's progress details, for the status column."""
    if item["SeriesInstanceUID"] in imported:
        return SeriesProgress("imported")
    total = item.get("bytes_total")
    return SeriesProgress(item["state"], min(1.0, item.get("bytes", 0) / total) if total else None)


def load_request(item: Mapping[str, Any]) -> LoadRequest:
    """The request to load one row of a plan."""
    return LoadRequest(
        series_uid=item["SeriesInstanceUID"],
        study_uid=item.get("StudyInstanceUID") or "",
        patient_id=item.get("PatientID") or "",
        modality=item.get("Modality") or "",
        sop_class_uid=item.get("SOPClassUID") or "",
        description=item.get("SeriesDescription") or "",
    )
