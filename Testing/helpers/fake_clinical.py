"""Clinical attributes of the fake catalog: the stage of each case and its age, in a table that is not here before it is fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from helpers.answer import Handlers, answer
from helpers.fake_rows import FakeRows
from IDCBrowserLib.api import clinical

STAGE, AGE = "clinical:Stage", "clinical:age_at_diagnosis"


class FakeClinical:
    """``missing_index`` and ``missing`` tables are needed first; ``problems`` are said of each attribute. Cases have stages in turn."""

    def __init__(self, tables: FakeRows, fetched: Callable[[], None]) -> None:
        self._tables = tables
        self._fetched = fetched
        self.missing_index = "clinical_index"
        self.missing = ["people"]
        self.problems: list[str] = []
        self.more = 0

    def handlers(self) -> Handlers:
        return {
            **answer(clinical.ATTRIBUTES, self.attributes),
            **answer(clinical.FACET, self.facet),
            **answer(clinical.TABLE_BYTES, lambda _params: {"bytes": 1_200_000}),
            **answer(clinical.FETCH, self.fetch),
        }

    def attributes(self, params: clinical.AttributesParameters) -> clinical.Attributes:
        if self.missing_index:
            return {"attributes": [], "more": 0, "values": [], "missing_index": self.missing_index}
        found = [key for key in (STAGE, AGE) if params["text"].lower() in key.lower()]
        if "brains" in params["collections"]:
            found = [key for key in found if key != AGE]
        values = [[STAGE, value] for value in ("I", "II") if params["text"] and params["text"] in value]
        return {
            "attributes": [{"key": key, "columns": [f"people.{key}"], "collections": 2} for key in found],
            "more": self.more,
            "values": values,
            "missing_index": "",
        }

    def facet(self, params: clinical.FacetParameters) -> clinical.Facet:
        answer: clinical.Facet = {
            "is_number": False,
            "values": [],
            "more": 0,
            "bins": [],
            "not_stated": 0,
            "missing_index": self.missing_index,
            "missing_tables": self.missing,
            "problems": self.problems,
        }
        if self.missing_index or self.missing:
            return answer
        others = {name: wanted for name, wanted in params["filters"].items() if name != params["column"]}
        passing = self._tables.passing(others)
        if params["column"] == AGE:
            return {**answer, "is_number": True, "bins": [[40.0, 50.0, len(passing)], [50.5, 60.0, 1]], "not_stated": 1}
        counts = Counter(row[params["column"]] for row in passing)
        return {**answer, "values": [(value, count) for value, count in counts.most_common()], "more": self.more}

    def fetch(self, params: clinical.TablesParameters) -> clinical.Fetched:
        self.missing = []
        self._fetched()
        return {"tables": list(params["tables"]), "bytes": 5}
