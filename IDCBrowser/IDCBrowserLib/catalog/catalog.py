"""The catalog: everything IDC holds, asked with plain values and answered with plain values."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog import details, facets, identify, related, search, series
from IDCBrowserLib.catalog.columns import ID_COLUMNS
from IDCBrowserLib.catalog.conditions import Filters, Selection
from IDCBrowserLib.catalog.connection import connect, reading
from IDCBrowserLib.catalog.sources import Sources, check_extra, find_sources
from IDCBrowserLib.catalog.tables import create_tables
from IDCBrowserLib.catalog.views import Views

if TYPE_CHECKING:
    import duckdb

FIRST_ROWS = 200


class Catalog:
    """DuckDB over the parquet files of idc-index-data and of ``extra_sources``. Safe to use from several threads.

    A *selection* is ``{"view": n, "ranges": [[first, last], ...]}`` (rows of an open view, both ends included) or
    ``{"level": "collections|cases|studies|series", "ids": [...]}``; the id of a case is "collection_id/PatientID".
    *Filters* are ``{column: [values]}``: any value within a column, all columns; None or "" means "not stated".
    """

    def __init__(self, extra_sources: Iterable[Path] = (), sources: Sources | None = None) -> None:
        """Open it; raises ``CatalogError`` naming a file that is missing, damaged or of another shape."""
        self._sources = sources if sources is not None else find_sources()
        self._extra = check_extra(extra_sources)
        self._lock = threading.RLock()
        self._views = Views()
        self._connection: duckdb.DuckDBPyConnection = connect([*self._sources.all_files(), *self._extra])
        create_tables(self._connection, self._sources, self._extra)

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Free what it holds; the catalog cannot be asked afterwards."""
        with self._lock:
            self._connection.close()

    def info(self) -> dict[str, Any]:
        """``idc_version`` (the release, a number as text), counts of every level, ``bytes``, and the files in ``sources``."""
        with self._lock, reading(self._sources.series[0]):
            row = self._connection.execute(
                "SELECT count(*), count(DISTINCT StudyInstanceUID), count(DISTINCT (collection_id, PatientID)), count(DISTINCT collection_id), "
                "round(sum(series_size_MB) * 1e6)::BIGINT, (SELECT max(idc_version) FROM versions) FROM series"
            ).fetchone()
        assert row is not None
        return {
            "idc_version": str(row[5]) if row[5] is not None else self._sources.data_version.partition(".")[0],
            "index_version": self._sources.data_version, "series": row[0], "studies": row[1], "cases": row[2], "collections": row[3],
            "bytes": row[4] or 0, "sources": [str(path) for path in (*self._sources.series, *self._extra)],
        }

    def open_view(
        self, level: str, parents: Selection | Sequence[Selection] | None = None, *, filters: Filters | None = None, text: str = "",
        order_by: Sequence[Sequence[str]] | None = None,
    ) -> dict[str, Any]:
        """Sort the rows of ``level`` below ``parents`` and keep them: ``{"view", "level", "total", "columns", "id_columns", "rows"}``.

        ``rows`` are the first 200 as lists in the order of ``columns``. ``parents`` None means everything, an empty list nothing.
        ``order_by`` is ``[[column, "asc" or "desc"], ...]``; empty values come last either way.
        Close it with ``close_view``.
        """
        chosen = [parents] if isinstance(parents, Mapping) else parents
        with self._lock:
            view = self._views.open(self._connection, level, parents=chosen, filters=filters, text=text, order_by=order_by)
            rows = self._views.page(self._connection, view, 0, FIRST_ROWS)
        return {
            "view": view.number, "level": view.level, "total": view.total, "columns": list(view.columns),
            "id_columns": list(ID_COLUMNS[level]), "rows": rows,
        }

    def page(self, view: int, offset: int, limit: int) -> list[list[Any]]:
        """Rows of an open view as lists; fewer or none past its end."""
        with self._lock:
            return self._views.page(self._connection, self._views.get(view), offset, limit)

    def row_of(self, view: int, row_id: str) -> int | None:
        """The position of the row with that id in an open view; None when it is not there."""
        with self._lock:
            return self._views.row_of(self._connection, self._views.get(view), row_id)

    def close_view(self, view: int) -> None:
        """Forget a view."""
        with self._lock:
            self._views.close(self._connection, view)

    def list_rows(
        self, level: str, parents: Sequence[Selection] | None = None, *, filters: Filters | None = None, limit: int | None = None
    ) -> tuple[list[dict[str, Any]], int]:
        """Rows of ``level`` as objects in the default order, at most ``limit``, and how many there are; nothing stays open."""
        with self._lock:
            return self._views.list_rows(self._connection, level, parents=parents, filters=filters, limit=limit)

    def collection_ids(self) -> list[str]:
        """Every collection, sorted."""
        with self._lock:
            return [row[0] for row in self._connection.execute("SELECT collection_id FROM collections ORDER BY 1").fetchall()]

    def series_uids(self, which: Selection | Sequence[Selection]) -> list[str]:
        """SeriesInstanceUIDs of one selection or of the union of several, each once, in the catalog's order."""
        return [row["SeriesInstanceUID"] for row in self.series_rows(which, ("SeriesInstanceUID",))]

    def series_rows(
        self, which: Selection | Sequence[Selection] | Sequence[str], columns: Sequence[str] = series.PLAN_COLUMNS
    ) -> list[dict[str, Any]]:
        """Rows with the given idc-index columns for a selection, several selections, or SeriesInstanceUIDs.

        Each series once, in the catalog's order. UIDs that the catalog does not have are left out: compare with what was asked.
        """
        with self._lock:
            return series.series_rows(self._connection, self._views, which, columns)

    def prior_series_rows(self, uuids: Sequence[str]) -> list[dict[str, Any]]:
        """Rows of earlier IDC releases by ``crdc_series_uuid`` (what ``identify`` calls "prior_series"), newest first.

        Columns: those of prior_versions_index: collection_id, PatientID, SeriesInstanceUID, StudyInstanceUID, Modality, gcs_bucket,
        crdc_series_uuid, series_size_MB, series_aws_url, aws_bucket, min_idc_version, max_idc_version. One row per uuid.
        """
        with self._lock:
            return series.prior_rows(self._connection, uuids)

    def summary(self, selections: Sequence[Selection]) -> dict[str, Any]:
        """Of the union of selections: collections, cases, studies, series, bytes, and series per ``licenses`` and ``modalities``."""
        with self._lock:
            return series.summary(self._connection, self._views, selections)

    def identify(self, text: str) -> list[tuple[str, str]]:
        """What ``text`` names, as (level, id); empty when nothing, several when it is ambiguous (a PatientID of two collections).

        Levels: "collections", "cases", "studies", "series" (also for a crdc_series_uuid; the id is the SeriesInstanceUID),
        "prior_series" (a series of an earlier release; the id is its crdc_series_uuid), "analysis_results".
        Blanks and quotes around the text do not matter; letter case only where ids differ in nothing else.
        """
        return self.identify_many([text])[text]

    def identify_many(self, texts: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        """``identify`` for each text; one pass over the catalog, however many there are."""
        with self._lock:
            return identify.identify(self._connection, texts)

    def details(self, level: str, row_id: str) -> dict[str, Any]:
        """``{"title", "items": [[label, value], ...], "links": [[label, url], ...], "text"}`` of one row; empty values are left out.

        Raises ``NotFoundError`` for an id the catalog does not have.
        """
        with self._lock:
            return details.details(self._connection, level, row_id)

    def search(self, text: str, limit: int = 50) -> list[dict[str, Any]]:
        """Ranked hits ``{"level", "id", "label", "description", "collection_id", "score"}``; levels as in ``identify``.

        Over ids of every level (also parts of them), collection names (also mistyped), titles, descriptions and DOIs, in any letter case.
        A study or series hit by its description stands for all with that description in its collection; ``description`` says how many.
        """
        with self._lock:
            return search.search(self._connection, text, limit)

    def facets(self, filters: Filters | None = None) -> dict[str, list[tuple[Any, int]]]:
        """Series per value of each facet column under ``filters``, most first; a facet ignores its own filter; None is "not stated"."""
        with self._lock:
            return facets.facets(self._connection, filters)

    def related(self, series_uid: str) -> dict[str, Any]:
        """``{"series": [row..., each with "relation"], "warnings": [...]}`` of one series.

        ``relation`` says what the listed series is to the asked one: "refers to it" (its segmentation), "it refers to this" (its image), or
        "same study" where no index says more. Raises ``NotFoundError`` for an unknown SeriesInstanceUID.
        """
        with self._lock:
            return related.related(self._connection, series_uid)
