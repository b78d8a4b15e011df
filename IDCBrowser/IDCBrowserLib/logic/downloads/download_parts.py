"""Functions that turn engine answers into rows, statuses and load requests of a download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from IDCBrowserLib.api.downloads import Contents, LeftDownload, Room
from IDCBrowserLib.api.transfer import Downloaded, Moving, Series, details_of
from IDCBrowserLib.host_interface import LoadRequest
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase, DownloadRow
from IDCBrowserLib.logic.tables.series_status import SeriesProgress
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_size

_DRAWN_ON_IMAGES = ("SEG", "RTSTRUCT")
_P = DownloadPhase


def shown(progress: Progress, row: DownloadRow) -> DownloadRow:
    """The row after a progress report of the transfer; other steps do not count bytes."""
    if row.phase not in (_P.RUNNING, _P.NO_DISK_SPACE) or progress.unit != "B":
        return row
    details = details_of(progress)
    is_disk_full = details.get("held") == "room"
    return replace(
        row,
        phase=_P.NO_DISK_SPACE if is_disk_full else _P.RUNNING,
        note=progress.message if is_disk_full else "",
        done=progress.done,
        total=progress.total or 0.0,
        bytes_per_second=details.get("bytes_per_second", 0.0),
        seconds_left=progress.seconds_left,
    )


def disk_space_note(document: Room, folder: str) -> str:
    """A sentence if a queued download does not fit on the disk, else ""."""
    missing, free = document["missing_bytes"], document["free_bytes"]
    if missing <= free:
        return ""
    text = _("The download needs {needed}, but only {free} is free in {folder}. It will start when there is enough disk space.")
    return text.format(needed=human_size(missing), free=human_size(free), folder=folder)


def lacks_images(series: Sequence[LoadRequest]) -> bool:
    """Whether a SEG or RTSTRUCT is in a study from which no image series is downloaded."""
    drawn = {item.study_uid for item in series if item.modality in _DRAWN_ON_IMAGES}
    return bool(drawn - {item.study_uid for item in series if item.modality not in _DRAWN_ON_IMAGES})


def joined(series: Sequence[LoadRequest], document: Downloaded) -> list[LoadRequest]:
    """The planned series, those added as referenced images, and after a restart those that only the engine knows."""
    every = (*map(load_request, document["series"]), *series, *map(load_request, document["added"]))
    return list({item.series_uid: item for item in every}.values())


def series_progress(item: Moving, imported: set[str]) -> SeriesProgress:
    """An entry of the transfer's progress details, for the status column."""
    if item["SeriesInstanceUID"] in imported:
        return SeriesProgress("imported")
    return SeriesProgress.of(item["state"], item["bytes"], item["bytes_total"], item["error"])


def ended_progress(item: Series) -> SeriesProgress:
    """The same of a series that has ended."""
    return SeriesProgress.of(item["state"], item["files"], item["expected_files"] or item["files"], item["error"])


def load_request(item: Mapping[str, object]) -> LoadRequest:
    """A series with the column names of idc-index, of a plan, a transfer or the database; what is not stated is empty."""

    def text(name: str) -> str:
        return str(item.get(name) or "")

    return LoadRequest(
        series_uid=text("SeriesInstanceUID"),
        study_uid=text("StudyInstanceUID"),
        patient_id=text("PatientID"),
        modality=text("Modality"),
        sop_class_uid=text("SOPClassUID"),
        description=text("SeriesDescription"),
    )


def contents_of(left: LeftDownload) -> Contents:
    """What a download is of that an earlier session left; 0 and None where that is not known."""
    about = left["about"]
    return {
        "series": about.get("series", left["series_count"]),
        "bytes": about.get("bytes", 0),
        "collections": about.get("collections"),
        "collection": about.get("collection", ""),
        "cases": about.get("cases"),
        "case": about.get("case", ""),
    }
