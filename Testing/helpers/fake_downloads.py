"""Downloads of the small made-up catalog, behind the engine's methods: each series is one file of a megabyte."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.answer import Handlers, answer
from helpers.fake_first_slices import FakeFirstSlices
from helpers.fake_rows import SIZE, TableRow, uuid_of
from helpers.fake_selection import FakeSelection
from IDCBrowserLib.api import downloads, transfer
from IDCBrowserLib.api.selection import ExportedSeries
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.errors import NotFoundError


class FakeDownloads:
    """``jobs`` are the series of each download, ``download_states`` says how it ends for a series that does not become "complete", and
    ``came`` how many files of it are here all the same; ``directory`` is where it all goes. ``unfinished``: what another program left.
    """

    def __init__(self, selection: FakeSelection) -> None:
        self._selection = selection
        self.download_states: dict[str, str] = {}
        self.came: dict[str, int] = {}
        self.directory = "/nowhere"
        self.jobs: dict[str, list[TableRow]] = {}
        self.unfinished: list[downloads.LeftDownload] = []
        self.free_bytes = 10**12
        self.first_slices = FakeFirstSlices()

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(downloads.ENQUEUE, self.enqueue),
            **answer(downloads.UNFINISHED, lambda _params: {"transfers": self.unfinished}),
            **answer(downloads.FORGET, _nothing),
            **answer(downloads.ARRANGE, _nothing),
            **answer(downloads.SERIES, self.job_series),
            **answer(downloads.ROOM, self.room),
            **answer(downloads.EXPORT, self.export_series),
            **answer(transfer.DOWNLOAD, self.download),
            **answer(transfer.PAUSE, _jobs),
            **answer(transfer.RESUME, _jobs),
            **answer(transfer.CANCEL_SERIES, _jobs),
            **self.first_slices.handlers(),
        }

    def enqueue(self, params: downloads.EnqueueParameters) -> downloads.Queued:
        job = params.get("again") or str(len(self.jobs) + 1)
        if "again" not in params:
            self.jobs[job] = list(self._selection.planned(params["plan"]))
        series = self.jobs[job]
        return {
            "job": job,
            "series": len(series),
            "bytes": SIZE * len(series),
            "collections": 1,
            "collection": series[0]["collection_id"],
            "cases": 1,
            "case": series[0]["PatientID"],
            "missing_bytes": SIZE * len(series),
            "free_bytes": self.free_bytes,
            "folder": "/downloads/one",
        }

    def download(self, params: transfer.DownloadParameters) -> transfer.Downloaded:
        job = params.get("job", "")
        return self.downloaded(self.jobs[job] if job in self.jobs else self._selection.planned(params["plan"]))

    def downloaded(self, rows: Sequence[TableRow]) -> transfer.Downloaded:
        """What became of them."""
        series = [self._series(row) for row in rows]
        states = [item["state"] for item in series]
        return {
            "series": series,
            "series_count": len(series),
            "destination": self.directory,
            "states": {state: states.count(state) for state in ("complete", "failed", "cancelled")},
            "incomplete": sum(item["state"] == "failed" and item["files"] > 0 for item in series),
            "files": len(series),
            "total_bytes": SIZE * len(series),
            "bytes_transferred": SIZE * states.count("complete"),
            "seconds": 2.0,
            "error": None,
            "unresolved": [],
            "warnings": [],
            "added": [],
            "import": None,
        }

    def job_series(self, params: downloads.SeriesParameters) -> downloads.SeriesRows:
        rows = [_queued_row(row) for row in self.jobs.get(params["job"], ())]
        return {"total": len(rows), "rows": rows[params["offset"] : params["offset"] + params["limit"]]}

    def room(self, params: downloads.RoomParameters) -> downloads.Room:
        return {"missing_bytes": 0, "free_bytes": self.free_bytes, "folder": "/downloads"}

    def export_series(self, params: downloads.ExportParameters) -> ExportedSeries:
        if params["job"] not in self.jobs:
            raise NotFoundError("There is no such download.")
        return {"file": params["file"], "series_count": len(self.download_states)}

    def _series(self, row: TableRow) -> transfer.Series:
        uid = row["SeriesInstanceUID"]
        state = self.download_states.get(uid, "complete")
        return {
            "SeriesInstanceUID": uid,
            "crdc_series_uuid": uuid_of(row),
            "state": state,
            "files": 1 if state == "complete" else self.came.get(uid, 0),
            "bytes": SIZE,
            "directory": f"{self.directory}/{uid}",
            "error": None if state == "complete" else "The bucket has no files for this series; it may have been moved.",
            "expected_files": 1,
            "missing": [],
            "size_only": 0,
        }


def _queued_row(row: TableRow) -> downloads.SeriesRow:
    uid, description = row["SeriesInstanceUID"], row["SeriesDescription"]
    return uuid_of(row), uid, row["PatientID"], row["Modality"], description, "queued", 0, SIZE, None


def _jobs(params: transfer.WhichJob) -> downloads.Jobs:
    return {"jobs": [params["job"]] if "job" in params else []}


def _nothing(_params: object) -> Nothing:
    return {}
