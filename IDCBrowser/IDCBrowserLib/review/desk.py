"""The list that is open: answers the questions of ``api.review`` from its file."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import cast

from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.review.ahead import MOST_AHEAD, to_fetch, to_remove
from IDCBrowserLib.review.answers import Correction, Item, Segment, Series
from IDCBrowserLib.review.review_file import ReviewFile, reader_in_file_name, reader_name

_CORRECTIONS = "-corrections"


class Desk:
    """Holds one ``ReviewFile``. Every method but ``open`` raises ``InputError`` while none is open."""

    def __init__(self) -> None:
        self._review: ReviewFile | None = None

    @property
    def review(self) -> ReviewFile:
        """The one that is open."""
        if self._review is None:
            raise InputError("No review list is open. Open it again.")
        return self._review

    @property
    def _corrections_folder(self) -> Path:
        path = self.review.path
        return path.with_name(f"{path.stem}{_CORRECTIONS}")

    def open(self, params: api.ListFile) -> api.Opened:
        """Put another one on the desk."""
        self.close({})
        self._review = review = ReviewFile(Path(params["file"]))
        settings = review.settings
        return {
            "file": str(review.path),
            "name": settings.name,
            "entries": review.count,
            "form": cast("api.Form", settings.form.to_json()),
            "blinded": settings.blinded,
            "ahead": min(settings.ahead, MOST_AHEAD),
            "cap_bytes": settings.cap_bytes,
            "readers": review.readers(),
        }

    def close(self, params: Nothing) -> Nothing:
        """Other programs may have it now."""
        if self._review is not None:
            self._review.close()
            self._review = None
        return {}

    def begin(self, params: api.Reader) -> api.Begun:
        """A reader, new or known."""
        return {"reader": reader_name(params["reader"]), "entry": self.review.begin(params["reader"])}

    def entry(self, params: api.EntryParameters) -> api.Entry:
        """One entry with what the reader said about it."""
        review, reader, number = self.review, params["reader"], params["entry"]
        item = review.item(number)
        review.go_to(reader, number)
        return {
            "entry": number,
            "name": item.name,
            "PatientID": item.patient_id,
            "series": [_series(one) for one in item.series],
            "answers": [{"segment": one.segment, "question": one.question, "value": one.value} for one in review.answers(reader, number)],
            "corrections": self._corrections(reader, number),
            "answered": review.answered(reader),
            "seconds": review.seconds_of(reader, number),
        }

    def _corrections(self, reader: str, number: int) -> list[api.SavedCorrection]:
        """Those in the folder beside the list; where else a list may point to is not looked at."""
        folder = self._corrections_folder
        return [
            {"series_uid": one.series_uid, "path": str(folder / Path(one.path).name)}
            for one in self.review.corrections(number)
            if one.reader == reader and Path(one.path).parts[:-1] == (folder.name,)
        ]

    def answer(self, params: api.AnswerParameters) -> api.Progress:
        """Keep what a reader says."""
        self.review.answer(params["reader"], params["entry"], params["segment"], params["question"], params["value"])
        return {"answered": self.review.answered(params["reader"])}

    def spent(self, params: api.SpentParameters) -> Nothing:
        """Add to the time."""
        self.review.spend(params["reader"], params["entry"], params["seconds"])
        return {}

    def seen(self, params: api.SeenParameters) -> Nothing:
        """Keep what an entry turned out to hold."""
        from IDCBrowserLib.review.head import read_head

        self.review.learn_segments(params["entry"], [Segment(**one) for one in params["segments"]])
        if params["file"] and not self.review.item(params["entry"]).head:
            self.review.learn_head(params["entry"], read_head(Path(params["file"])))
        return {}

    def next(self, params: api.NextParameters) -> api.Next:
        """The next entry without answers."""
        return {"entry": self.review.next_without_answers(params["reader"], params["after"])}

    def ahead(self, params: api.PlaceInList) -> api.Ahead:
        """What to fetch and what to remove."""
        review, entry = self.review, params["entry"]
        ahead = min(review.settings.ahead, MOST_AHEAD)
        near = review.items(entry - 1, entry + ahead)
        return {
            "fetch": [_to_fetch(item) for item in to_fetch(near, entry, ahead, review.settings.cap_bytes)],
            "before": [_to_fetch(item) for item in near if item.number == entry - 1],
            "remove": to_remove(review.fetched(), {item.number: item for item in near}, entry, ahead),
        }

    def fetching(self, params: api.FetchingParameters) -> Nothing:
        """These are this list's."""
        sizes = {one.series_uid: one.bytes for one in self.review.item(params["entry"]).series}
        self.review.fetching(params["entry"], [(uid, sizes[uid]) for uid in params["series"] if uid in sizes])
        return {}

    def removed(self, params: api.SeriesUids) -> Nothing:
        """These are not here any more."""
        self.review.removed(params["series"])
        return {}

    def correction(self, params: api.CorrectionParameters) -> api.CorrectionPath:
        """A name that nobody has, in a folder beside the list."""
        folder = self._corrections_folder
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{folder} cannot be made ({error.strerror or error}). Check the disk; the corrected segmentation is still loaded."
            ) from error
        reader = reader_in_file_name(params["reader"])
        return {"path": str(folder / f"{params['entry'] + 1:05}-{reader}-{secrets.token_hex(4)}.dcm")}

    def corrected(self, params: api.CorrectedParameters) -> Nothing:
        """It was written."""
        path = Path(params["path"])
        relative = f"{path.parent.name}/{path.name}" if path.parent.parent == self.review.path.parent else str(path)
        self.review.corrected(Correction(params["reader"], params["entry"], params["series_uid"], relative))
        return {}

    def agreement(self, params: Nothing) -> api.Agreement:
        """Of all readers."""
        from IDCBrowserLib.review.agreement import agreements

        form = self.review.settings.form
        return {
            "rows": [
                {
                    "question": form.question(one.question).text,
                    "about": one.about,
                    "readers": list(one.readers),
                    "measure": one.measure,
                    "compared": one.compared,
                    "same": one.same,
                    "kappa": one.kappa,
                }
                for one in agreements(form, self.review.answers())
            ]
        }

    def export(self, params: api.ListFile) -> api.Exported:
        """All answers."""
        from IDCBrowserLib.review.table import write_answers

        if params["file"].lower().endswith(".dcm"):
            from IDCBrowserLib.review.reports import write_reports

            written = write_reports(Path(params["file"]), self.review)
            return {"files": list(written.files), "answers": written.answers, "warnings": list(written.warnings)}
        return {"files": [params["file"]], "answers": write_answers(Path(params["file"]), self.review), "warnings": []}


def _to_fetch(item: Item) -> api.ToFetch:
    return {"entry": item.number, "series": [_series(one) for one in item.series]}


def _series(one: Series) -> api.SeriesOf:
    return {
        "SeriesInstanceUID": one.series_uid,
        "StudyInstanceUID": one.study_uid,
        "Modality": one.modality,
        "SeriesDescription": one.description,
        "size_bytes": one.bytes,
    }
