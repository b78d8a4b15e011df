"""Review lists of the small made-up catalog: real files, whose entries are one for each study of the catalog."""

from __future__ import annotations

from pathlib import Path

from helpers.answer import Handlers, answer
from helpers.fake_rows import FakeRows
from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.selection import MAX_LOADED_SERIES, Unresolved
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.review.answers import Item, Series
from IDCBrowserLib.review.desk import Desk
from IDCBrowserLib.review.form import form_of
from IDCBrowserLib.review.review_file import ReviewFile, Settings


class FakeReviews:
    """``desk`` holds the list that is open; ``unresolved`` is what the next list names in vain. No images are read."""

    def __init__(self, rows: FakeRows) -> None:
        self._rows = rows
        self.desk = Desk()
        self.unresolved: list[Unresolved] = []
        self.seen: list[api.SeenParameters] = []

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        desk = self.desk
        return {
            **answer(api.MAKE, self.make),
            **answer(api.OPEN, desk.open),
            **answer(api.CLOSE, desk.close),
            **answer(api.BEGIN, desk.begin),
            **answer(api.ENTRY, desk.entry),
            **answer(api.ANSWER, desk.answer),
            **answer(api.SPENT, desk.spent),
            **answer(api.SEEN, self.see),
            **answer(api.NEXT, desk.next),
            **answer(api.AHEAD, desk.ahead),
            **answer(api.FETCHING, desk.fetching),
            **answer(api.REMOVED, desk.removed),
            **answer(api.CORRECTION, desk.correction),
            **answer(api.CORRECTED, desk.corrected),
            **answer(api.AGREEMENT, desk.agreement),
            **answer(api.EXPORT, desk.export),
        }

    def make(self, params: api.MakeParameters) -> api.Made:
        settings = Settings(params["name"], form_of(params["form"]), params["blinded"], params["ahead"], params["cap_bytes"])
        studies: dict[str, list[Series]] = {}
        names: dict[str, tuple[str, str]] = {}
        for row in self._rows.rows["series"]:
            study = row["StudyInstanceUID"]
            names[study] = row["collection_id"], row["PatientID"]
            studies.setdefault(study, []).append(Series(row["SeriesInstanceUID"], study, row["Modality"], "", "made", 1000))
        items = [
            Item(number, "/".join(names[study]), *names[study], tuple(sorted(series, key=lambda one: one.modality)))
            for number, (study, series) in enumerate(studies.items())
        ]
        ReviewFile.create(Path(params["file"]), settings, items)
        return {
            "file": params["file"],
            "entries": len(items),
            "large_entries": sum(len(item.series) > MAX_LOADED_SERIES for item in items),
            "most_series": max(len(item.series) for item in items),
            "unresolved": self.unresolved,
            "unresolved_count": len(self.unresolved),
            "warnings": [],
        }

    def see(self, params: api.SeenParameters) -> Nothing:
        self.seen.append(params)
        return self.desk.seen({**params, "file": ""})
