"""Series of the catalog as ``PlannedSeries``, by any identifier and by selection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.selection_scope import Guesses, SelectionScope
from IDCBrowserLib.selection import series_table
from IDCBrowserLib.selection.buckets import gcs_bucket_of
from IDCBrowserLib.selection.plan import PlannedSeries

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

COLUMNS = (
    "SeriesInstanceUID",
    "crdc_series_uuid",
    "collection_id",
    "PatientID",
    "StudyInstanceUID",
    "Modality",
    "SeriesDescription",
    "instanceCount",
    "series_size_MB",
    "license_short_name",
    "aws_bucket",
    "source_DOI",
)


class Lookup:
    """Asks the catalog many things at once; remembers nothing."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def identify(self, texts: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        """See ``Catalog.identify_many``."""
        return self._catalog.identify_many(texts)

    def near(self, text: str) -> list[str]:
        """Up to three identifiers that are spelled nearly so; see ``Catalog.near_ids``."""
        return self._catalog.near_ids(text)

    def series(self, uids: Sequence[str]) -> dict[str, PlannedSeries]:
        """Current versions by SeriesInstanceUID; unknown ones are left out."""
        if not uids:
            return {}
        return {item.series_uid: item for item in self._current(self._catalog.series_rows(list(uids), COLUMNS))}

    def studies(self, uids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Date and description by StudyInstanceUID, "" where there is none; unknown ones are left out."""
        rows, _total = self._catalog.list_rows("studies", [{"level": "studies", "ids": list(uids)}]) if uids else ([], 0)
        return {row["StudyInstanceUID"]: (row["StudyDate"] or "", row["StudyDescription"] or "") for row in rows}

    def revisions(self, uids: Sequence[str]) -> dict[str, int]:
        """By SeriesInstanceUID the IDC release in which the current version came."""
        rows = self._catalog.series_rows(list(uids), ("SeriesInstanceUID", "series_revised_idc_version")) if uids else []
        return {row["SeriesInstanceUID"]: row["series_revised_idc_version"] or 0 for row in rows}

    def instance_bytes(self, uuids: Sequence[str]) -> dict[str, int]:
        """Of single files by their names in the buckets, where the index states them."""
        return self._catalog.instance_bytes(uuids) if uuids else {}

    def selected(self, selections: Sequence[Mapping[str, Any]]) -> Sequence[PlannedSeries]:
        """The series of selections, in the catalog's order; very many as a ``SeriesTable``."""
        return self.scoped_series(selections, SelectionScope())[0] if selections else ()

    def scoped_series(self, selections: Sequence[Mapping[str, Any]], scope: SelectionScope) -> tuple[Sequence[PlannedSeries], Guesses]:
        """The series in the scope of selections, in catalog order, and how many of them are guesses."""
        return self._catalog.scoped_series(
            selections, scope, series_table.COLUMNS, partial(series_table.read_table, idc_version=self._catalog.idc_version)
        )

    def below(self, level: str, row_id: str) -> Sequence[PlannedSeries]:
        """The series of one row of a level; of an analysis result, those of its files in every collection."""
        if level == "analysis_results":
            return self.filtered({"analysis_result_id": [row_id]})
        return self.selected([{"level": level, "ids": [row_id]}])

    def filtered(self, filters: Mapping[str, Any]) -> Sequence[PlannedSeries]:
        """The series that have these values; see ``catalog.filters``."""
        rows = self._catalog.open_view("series", filters=dict(filters))
        try:
            return self.selected([{"view": rows["view"], "ranges": [[0, rows["total"] - 1]]}]) if rows["total"] else ()
        finally:
            self._catalog.close_view(rows["view"])

    def prior(self, uuids: Sequence[str]) -> dict[str, PlannedSeries]:
        """Versions of earlier releases by crdc_series_uuid."""
        if not uuids:
            return {}
        return {row["crdc_series_uuid"]: _prior(row) for row in self._catalog.prior_series_rows(list(uuids))}

    def prior_of(self, uids: Sequence[str]) -> dict[str, list[PlannedSeries]]:
        """Versions of earlier releases by SeriesInstanceUID, the newest first; series without any are left out."""
        found: dict[str, list[PlannedSeries]] = {}
        for row in self._catalog.prior_versions_of(list(uids)) if uids else ():
            found.setdefault(row["SeriesInstanceUID"], []).append(_prior(row))
        return found

    def _current(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[PlannedSeries]:
        version = self._catalog.idc_version
        return (_current(row, version) for row in rows)


def _current(row: Mapping[str, Any], idc_version: int | None) -> PlannedSeries:
    bucket = row["aws_bucket"] or ""
    return PlannedSeries(
        row["SeriesInstanceUID"],
        row["crdc_series_uuid"],
        row["collection_id"],
        row["PatientID"],
        row["StudyInstanceUID"],
        row["Modality"] or "",
        row["SeriesDescription"],
        row["instanceCount"],
        _size(row["series_size_MB"]),
        row["license_short_name"],
        bucket,
        gcs_bucket_of(bucket),
        idc_version,
        row["source_DOI"],
    )


def _prior(row: Mapping[str, Any]) -> PlannedSeries:
    return PlannedSeries(
        row["SeriesInstanceUID"],
        row["crdc_series_uuid"],
        row["collection_id"],
        row["PatientID"],
        row["StudyInstanceUID"],
        row["Modality"] or "",
        None,
        None,
        _size(row["series_size_MB"]),
        None,
        row["aws_bucket"] or "",
        row["gcs_bucket"],
        row["max_idc_version"],
        None,
        is_prior=True,
    )


def _size(megabytes: float | None) -> int:
    return round((megabytes or 0.0) * 1e6)
