"""The catalog: everything IDC holds, asked with plain values and answered with plain values."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from IDCBrowserLib.api import cart, cohort, indices
from IDCBrowserLib.api import catalog as api
from IDCBrowserLib.api import selection as picks
from IDCBrowserLib.api.tree import Tree as TreeDocument
from IDCBrowserLib.catalog import acquisition, contents, related, selection_scope, series, slide_levels, table_rows, tree
from IDCBrowserLib.catalog import cart_rows as picked
from IDCBrowserLib.catalog.about import details
from IDCBrowserLib.catalog.about.citations import SourceText, source_texts
from IDCBrowserLib.catalog.cache.derived import SEARCH_TABLES
from IDCBrowserLib.catalog.clinical_questions import ClinicalQuestions
from IDCBrowserLib.catalog.columns import ID_COLUMNS
from IDCBrowserLib.catalog.conditions import Bindings, Filters, Selection
from IDCBrowserLib.catalog.connection import ask, ask_for_batches, cancelled_by
from IDCBrowserLib.catalog.database import Database
from IDCBrowserLib.catalog.expert import sql_tables
from IDCBrowserLib.catalog.extra_columns import check_further
from IDCBrowserLib.catalog.facets import counting, facets
from IDCBrowserLib.catalog.files import side_indices
from IDCBrowserLib.catalog.files.side_fetch import announced_bytes, fetch
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.catalog.filters import CONTENT, filter_conditions
from IDCBrowserLib.catalog.level_sql import TOTAL_BYTES
from IDCBrowserLib.catalog.search import identify, search
from IDCBrowserLib.catalog.search.filter_values import matching
from IDCBrowserLib.catalog.search.fuzzy import closest
from IDCBrowserLib.catalog.search.near_ids import near_ids
from IDCBrowserLib.catalog.side_tables import SIDE_TYPES
from IDCBrowserLib.catalog.told_relations import Told
from IDCBrowserLib.catalog.view import View
from IDCBrowserLib.errors import CatalogError, InputError, NotFoundError
from IDCBrowserLib.network import Network
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    import duckdb

Answer = TypeVar("Answer")

# Of the names of segments, ROIs and algorithms that a text is looked for in.
_MAX_NAMES = 20_000
# Series with all their columns that are in memory at once.
_PAGE = 20_000
# Of so many series it is read what they refer to before they are counted; of more in a plan it is not asked whether they are so few.
_MOST_READ = 64
_MOST_PLANNED = 20_000
# Series of which it is kept.
_MOST_TOLD = 5000


class Catalog:
    """DuckDB over the parquet files of idc-index-data and of ``extra_sources``. Safe to use from several threads.

    A *selection* is ``{"view": n, "ranges": [[first, last], ...]}`` (rows of an open view, both ends included) or
    ``{"level": "collections|cases|studies|series", "ids": [...]}``; the id of a case is "collection_id/PatientID".
    *Filters* are ``{column: [values]}``: any value within a column, all columns; None or "" means "not stated". Instead of a list, an object
    with "any", "all", "none", "min", "max" (see ``filters``). Besides columns of a series: those of collections, "study_modality",
    "age_years", "year", "size_bytes", "working_set" (of ``sets``), what the side indices say ("SegmentedPropertyType", "ROIName", ...), and
    what clinical tables say of the case ("clinical:Sex").
    """

    def __init__(self, extra_sources: Iterable[Path] = (), sources: Sources | None = None, cache_folder: Path | None = None) -> None:
        """Open it; raises ``CatalogError`` naming a file that is missing, damaged or of another shape.

        ``sources`` are those of the installed idc-index-data unless given. ``cache_folder`` is where ``prepare_cache`` keeps
        what it makes; it is used from the start when it is there.
        """
        self._database = Database(list(extra_sources), sources, cache_folder)
        self._views = self._database.views
        self.sets = self._database.sets
        self.clinical = ClinicalQuestions(self._database)
        self._idc_version: int | None = None
        # Images that series state themselves, of those that were read.
        self._told_images: dict[str, Sequence[str]] = {}

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Free what it holds; the catalog cannot be asked afterwards."""
        self._database.close()

    @contextlib.contextmanager
    def cancelled_by(self, task: Task) -> Iterator[None]:
        """Questions of this thread inside stop with ``CancelledError`` as soon as ``task`` is canceled."""
        with cancelled_by(task):
            yield

    def prepare_cache(self, delay_s: float = 0.0) -> None:
        """Have a process of its own lay the index out for fast browsing, unless that is done; it is used as soon as it is ready.

        Call it in programs that live longer than a command; after ``delay_s``, so that short-lived ones never start it.
        """
        self._database.prepare_cache(delay_s)

    def write_origins(self) -> None:
        """Make the small table of ``origin_table``, for commands that need not open a catalog then. Raises ``CatalogError``, ``StorageError``."""
        from IDCBrowserLib.catalog.origin_table import write_table

        write_table(self._database.read, self._database.sources, self.idc_version)

    def side_indices(self) -> list[indices.SideIndex]:
        """Every side index."""
        return [item.to_json() for item in side_indices.status(self._database.sources.data_version, self._database.sources.side_folders)]

    def fetch_side_index(self, name: str, task: Task, source: str = "", network: Network | None = None) -> Path:
        """Get a side index unless it is here, and use it from the next question on; see ``side_fetch.fetch``.

        Questions go on meanwhile: call it from a thread of its own.
        """
        sources = self._database.sources
        if not sources.side_folders:
            raise CatalogError("The index files of this catalog have no version, so their additional index files are not known.")
        path = fetch(name, sources.data_version, task, source, sources.side_folders, network)
        self._database.use_side_indices()
        return path

    @property
    def index_version(self) -> str:
        """Version of the index files in use, as idc-index-data counts; "" when they have none."""
        return self._database.sources.data_version

    def side_index_bytes(self, name: str, source: str = "", network: Network | None = None) -> int | None:
        """How large a side index is, asked of the server without fetching it; None when it does not tell."""
        return announced_bytes(name, self._database.sources.data_version, source, network)

    def remove_side_index(self, name: str) -> None:
        """Remove our file of a side index; that of idc-index stays."""
        side_indices.remove(name, self._database.sources.side_folders[:1])
        self._database.use_side_indices()

    @property
    def release(self) -> str:
        """The IDC release of these files, such as "25"; "" for files without a version."""
        return self._database.sources.data_version.partition(".")[0]

    @property
    def idc_version(self) -> int | None:
        """The IDC release that the index files state, such as 25; None where they state none."""
        if self._idc_version is None:
            row = self._database.read(lambda connection: connection.execute("SELECT max(idc_version) FROM versions").fetchone())
            self._idc_version = row[0] if row is not None and row[0] is not None else int(self.release) if self.release.isdecimal() else 0
        return self._idc_version or None

    def side_index_file(self, name: str) -> Path | None:
        """The file of a side index that is here and looks whole."""
        return self._database.sources.side().get(name)

    def has_clinical_data(self, collection_id: str) -> bool:
        """Whether IDC says that it has clinical data of a collection."""
        query = "SELECT supporting_data FROM collections WHERE collection_id = $id"
        row = self._database.read(lambda connection: ask(connection, query, {"id": collection_id}).fetchone())
        return row is not None and "clinical" in str(row[0]).lower()

    def info(self) -> api.Release:
        """The release in use, and what is in it."""
        query = (
            "SELECT count(*), count(DISTINCT StudyInstanceUID), count(DISTINCT (collection_id, PatientID)), count(DISTINCT collection_id), "
            f"{TOTAL_BYTES}, (SELECT max(idc_version) FROM versions) FROM series"
        )
        row = self._database.read(lambda connection: connection.execute(query).fetchone())
        assert row is not None
        data_version = self._database.sources.data_version
        bundled = self._database.sources.bundled_version
        return {
            "idc_version": str(row[5]) if row[5] is not None else data_version.partition(".")[0],
            "index_version": data_version,
            "series": row[0],
            "studies": row[1],
            "cases": row[2],
            "collections": row[3],
            "bytes": row[4] or 0,
            "sources": [str(path) for path in self._database.series_files],
            "cached": self._database.is_cached,
            "bundled_version": bundled or data_version,
            "is_bundled": not bundled,
        }

    def readiness(self) -> api.Readiness:
        """Whether the cache is in use, or being made."""
        self._database.look_for_cache()
        # In this order: what is no longer prepared is in use, or has failed.
        return {"preparing": self._database.is_preparing, "cached": self._database.is_cached}

    def open_view(
        self,
        level: str,
        parents: Selection | Sequence[Selection] | None = None,
        *,
        filters: Filters | None = None,
        text: str = "",
        order_by: Sequence[Sequence[str]] | None = None,
        further: Sequence[str] = (),
        ranks: Mapping[str, int] | None = None,
    ) -> api.View:
        """Sort the rows of ``level`` below ``parents`` and keep them.

        ``rows`` are the first 200 as lists in the order of ``columns``. ``parents`` None means everything, an empty list nothing.
        ``order_by`` is ``[[column, "asc" or "desc"], ...]``; empty values come last either way.
        ``further`` are columns of series that side indices have (``catalog.further``); those whose index is not here are left out.
        ``ranks``: numbers by id, which the order calls "status".
        Close it with ``close_view``.
        """
        self._check_indices(filters)
        chosen = [parents] if isinstance(parents, Mapping) else parents
        wanted = check_further(further) if level == "series" else ()

        def open_it(connection: duckdb.DuckDBPyConnection) -> tuple[View, list[list[Any]]]:
            usable = self._database.prepare_further(connection, wanted)
            order = [pair for pair in order_by or [] if pair[0] not in wanted or pair[0] in usable]
            return self._views.open(connection, level, parents=chosen, filters=filters, text=text, order_by=order, further=usable, ranks=ranks)

        view, rows = self._database.write(open_it)
        return {
            "view": view.number,
            "level": view.level,
            "total": view.total,
            "columns": list(view.columns),
            "id_columns": list(ID_COLUMNS[level]),
            "rows": rows,
        }

    def page(self, view: int, offset: int, limit: int) -> list[list[Any]]:
        """Rows of an open view as lists; fewer or none past its end."""
        return self._database.read(lambda connection: self._views.page(connection, self._views.get(view), offset, limit))

    def rows(self, view: int, ranges: Sequence[Sequence[int]], columns: Sequence[str] | None = None) -> list[list[Any]]:
        """Rows of ranges (``[[first, last], ...]``, both ends included) of an open view, at most 10,000; of these columns, or all."""
        return self._database.read(lambda connection: table_rows.rows(connection, self._views, view, ranges, columns))

    def save_table(self, view: int, path: Path, task: Task, columns: Sequence[str] = (), ranges: Sequence[Sequence[int]] | None = None) -> int:
        """Write an open view, or ranges of it, as CSV with every column, ``columns`` first; whole or not at all. Returns the number of rows.

        Questions go on meanwhile: call it from a thread of its own.
        """
        return self._database.read(lambda connection: table_rows.save_csv(connection, self._views, view, path, task, columns, ranges))

    def row_of(self, view: int, row_id: str) -> int | None:
        """The position of the row with that id in an open view; None when it is not there."""
        return self._database.read(lambda connection: self._views.row_of(connection, self._views.get(view), row_id))

    @property
    def open_views(self) -> int:
        """How many views are open."""
        return len(self._views)

    def close_view(self, view: int) -> None:
        """Forget a view."""
        self._database.write(lambda connection: self._views.close(connection, view))

    def list_rows(
        self, level: str, parents: Sequence[Selection] | None = None, *, filters: Filters | None = None, limit: int | None = None
    ) -> tuple[list[dict[str, Any]], int]:
        """Rows of ``level`` as objects in the default order, at most ``limit``, and how many there are; nothing stays open."""
        self._check_indices(filters)
        return self._database.read(lambda connection: self._views.list_rows(connection, level, parents=parents, filters=filters, limit=limit))

    def list_pages(
        self, level: str, parents: Sequence[Selection] | None = None, *, filters: Filters | None = None, limit: int | None = None
    ) -> tuple[int, Iterator[list[dict[str, Any]]]]:
        """The same page by page, at least one: how many rows there are, and the pages, read while they are taken."""
        self._check_indices(filters)
        numbers = self._database.read(
            lambda connection: self._views.numbers_of_many(connection, level, parents=parents, filters=filters, limit=limit)
        )
        if numbers is None:
            rows, total = self.list_rows(level, parents, filters=filters, limit=limit)
            return total, iter([rows])
        return len(numbers), self._numbered_pages(numbers[:limit])

    def _numbered_pages(self, numbers: Sequence[int]) -> Iterator[list[dict[str, Any]]]:
        if not numbers:
            yield []
        for first in range(0, len(numbers), _PAGE):
            yield self._database.read(partial(self._views.numbered, numbers=numbers[first : first + _PAGE]))

    def collection_names(self) -> dict[str, str]:
        """What collections are called, by id; those without a name are left out."""
        query = "SELECT collection_id, collection_name FROM collections WHERE collection_name <> ''"
        return dict(self._database.read(lambda connection: connection.execute(query).fetchall()))

    def collection_ids(self) -> list[str]:
        """Every collection, sorted."""
        query = "SELECT collection_id FROM collections ORDER BY 1"
        return self._database.read(lambda connection: [row[0] for row in connection.execute(query).fetchall()])

    def series_uids(self, which: Selection | Sequence[Selection]) -> list[str]:
        """SeriesInstanceUIDs of one selection or of the union of several, each once, in the catalog's order."""
        return [row["SeriesInstanceUID"] for row in self.series_rows(which, ("SeriesInstanceUID",))]

    def series_rows(
        self, which: Selection | Sequence[Selection] | Sequence[str], columns: Sequence[str] = series.PLAN_COLUMNS
    ) -> list[dict[str, Any]]:
        """Rows with the given idc-index columns for a selection, several selections, or SeriesInstanceUIDs.

        Each series once, in the catalog's order. UIDs that the catalog does not have are left out: compare with what was asked.
        """
        return self._database.read(lambda connection: series.series_rows(connection, self._views, which, columns))

    def prior_series_rows(self, uuids: Sequence[str]) -> list[dict[str, Any]]:
        """Rows of earlier IDC releases by ``crdc_series_uuid`` (what ``identify`` calls "prior_series"), newest first.

        Columns: those of prior_versions_index: collection_id, PatientID, SeriesInstanceUID, StudyInstanceUID, Modality, gcs_bucket,
        crdc_series_uuid, series_size_MB, series_aws_url, aws_bucket, min_idc_version, max_idc_version. One row per uuid.
        """
        return self._database.read(lambda connection: series.prior_rows(connection, uuids))

    def prior_versions_of(self, series_uids: Sequence[str]) -> list[dict[str, Any]]:
        """Versions that earlier releases held of these series, newest first; rows as of ``prior_series_rows``."""
        return self._database.read(lambda connection: series.prior_versions_of(connection, series_uids))

    def summary(self, selections: Sequence[Selection]) -> picks.Counts:
        """Of the union of selections."""
        return self.scoped_summary(selections, selection_scope.SelectionScope())

    def scoped_summary(self, selections: Sequence[Selection], what: selection_scope.SelectionScope) -> picks.Counts:
        """``summary`` of the series in the scope of selections, and ``added_series``, ``added_bytes``: what the scope adds to the selections.

        ``guessed_images``: selected series whose images are not known; ``guessed_derived``: series of the study that may be made from its images.
        """
        self._read_images(selections, what)
        return self._database.read(lambda connection: selection_scope.summary(connection, self._scoped_series(connection, selections, what)))

    def scoped_series(
        self, selections: Sequence[Selection], what: selection_scope.SelectionScope, columns: str, read: Callable[[Any], Answer]
    ) -> tuple[Answer, selection_scope.Guesses]:
        """Read SQL ``columns`` of the series in the scope: the result of ``read`` on Arrow record batches, and the guesses of ``scoped_summary``."""

        self._read_images(selections, what)

        def question(connection: Any) -> tuple[Answer, selection_scope.Guesses]:
            made = self._scoped_series(connection, selections, what)
            return read(ask_for_batches(connection, made.query(columns), made.bindings.values)), made.guesses

        return self._database.read(question)

    def related_uids(self, series_uids: Sequence[str], what: selection_scope.SelectionScope) -> tuple[list[str], selection_scope.Guesses]:
        """UIDs of the series that the scope adds to these, and the guesses of ``scoped_summary``."""
        if len(series_uids) <= _MOST_PLANNED:
            self._read_images([{"level": "series", "ids": list(series_uids)}], what)
        here, told = self._database.side_indices, self._told_images
        return self._database.read(lambda connection: selection_scope.related_uids(connection, series_uids, what, here, told))

    def learn_images(self, images: selection_scope.Images) -> None:
        """What objects say: by SeriesInstanceUID of a derived series the image series that it refers to. Scopes take these instead of the study's."""
        if len(self._told_images) + len(images) > _MOST_TOLD:
            self._told_images = {}
        self._told_images = {**self._told_images, **images}

    def _read_images(self, selections: Sequence[Selection], what: selection_scope.SelectionScope) -> None:
        read, told = what.read, self._told_images
        if read is None or not what.references:
            return

        def question(connection: Any) -> list[str]:
            bindings = Bindings()
            own = [self._views.selections.any_of(connection, selections, bindings), *filter_conditions(what.keep, bindings)]
            return selection_scope.unsure(connection, own, bindings, self._database.side_indices, _MOST_READ + 1)

        uids = self._database.read(question)
        unread = [uid for uid in uids if uid not in told]
        if unread and len(uids) <= _MOST_READ:
            self.learn_images(read(unread))

    def picked_groups(self, selections: Sequence[Selection]) -> tuple[list[cart.Group], int]:
        """Of selections by id, per collection: how many ids (``entries``) and series (each once); and how many of the ids are there."""
        found, number = self._database.read(lambda connection: picked.groups(connection, self._views, selections))
        return cast("list[cart.Group]", found), number

    def picked_rows(self, selections: Sequence[Selection], collection_id: str | None, offset: int, limit: int) -> list[dict[str, Any]]:
        """The ids of selections in one collection, or everywhere: ``part`` (number of the selection), ``id``, ``patient_id``, ``title``,
        ``series``, ``bytes``, ``licenses``, ``modalities``; cases in order, and what is below a case with it.
        """
        return self._database.read(lambda connection: picked.rows(connection, self._views, selections, collection_id, offset, limit))

    def picked_unknown(self, selections: Sequence[Selection]) -> list[list[str]]:
        """Per selection by id: the ids that this release does not have, or of which the filters of the selection leave nothing."""
        return self._database.read(lambda connection: picked.unknown(connection, self._views, selections))

    def picked_in(self, selection: Selection, collection_id: str) -> list[str]:
        """The ids of a selection that lie in a collection."""
        return self._database.read(lambda connection: picked.ids_in(connection, self._views, selection, collection_id))

    def selected_ids(self, selection: Selection) -> tuple[str, list[str], Filters]:
        """Level, ids and filters of a selection by view, which mean the same when the view is closed."""
        return self._database.read(lambda connection: self._views.ids_of(connection, selection))

    def said_shorter(self, level: str, ids: Sequence[str], filters: Filters) -> list[tuple[str, list[str]]]:
        """The same rows as (level, ids): where all below a row are named, that row is."""
        return self._database.read(lambda connection: picked.said_shorter(connection, level, ids, filters))

    def _scoped_series(self, connection: Any, selections: Sequence[Selection], what: selection_scope.SelectionScope) -> selection_scope.ScopedSeries:
        return selection_scope.ScopedSeries(connection, self._views, selections, what, self._database.side_indices, self._told_images)

    def source_texts(self, dois: Iterable[str]) -> dict[str, SourceText]:
        """Titles and citations by DOI in lower case; see ``citations``."""
        asked = list(dois)
        return self._database.read(lambda connection: source_texts(connection, asked))

    def identify(self, text: str) -> list[tuple[str, str]]:
        """What ``text`` names, as (level, id); empty when nothing, several when it is ambiguous (a PatientID of two collections).

        Levels: "collections", "cases", "studies", "series" (also for a crdc_series_uuid; the id is the SeriesInstanceUID),
        "prior_series" (a series of an earlier release; the id is its crdc_series_uuid), "analysis_results".
        Blanks and quotes around the text do not matter; letter case only where ids differ in nothing else.
        """
        return self.identify_many([text])[text]

    def identify_many(self, texts: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        """``identify`` for each text; one pass over the catalog, however many there are."""
        asked = list(texts)
        return self._database.read(
            lambda connection: identify.identify(connection, asked, "search_cases" if self._database.is_cached else identify.ALL_CASES)
        )

    def near_ids(self, text: str, limit: int = 3) -> list[str]:
        """Identifiers of collections, cases, studies or series that differ from ``text`` by a letter or two; for "did you mean"."""
        names = closest(text, self.collection_ids(), limit)
        return names or self._database.write(lambda connection: near_ids(connection, text, limit), ("search_cases",))

    def details(self, level: str, row_id: str) -> api.Details:
        """Of one row. ``sections`` are sources of a collection, what the side indices say of a series. Empty values are left out.

        Raises ``NotFoundError`` for an id the catalog does not have.
        """
        return self._database.read(lambda connection: details.details(connection, self._views, level, row_id, self._database.side_indices))

    def slide_levels(self, series_uids: Iterable[str]) -> dict[str, list[api.SlideLevel]]:
        """The files of slides by SeriesInstanceUID; slides of which the index of instances lists nothing are left out."""
        return self._database.read(lambda connection: slide_levels.levels_of(connection, series_uids))

    def slide_sizes(self, sop_uids: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Rows and columns of slides' pictures by SOPInstanceUID, where the index of instances states them."""
        return self._database.read(lambda connection: slide_levels.sizes_of(connection, sop_uids))

    def instance_bytes(self, uuids: Iterable[str]) -> dict[str, int]:
        """Sizes of files by their names in the buckets, where the index of instances states them."""
        return self._database.read(lambda connection: slide_levels.bytes_of(connection, uuids))

    def search(self, text: str, limit: int = 50) -> Sequence[api.Hit]:
        """The hits of ``find``."""
        return self.find(text, limit)["hits"]

    def find(self, text: str, limit: int = 50) -> api.Found:
        """Ranked hits.

        Over ids of every level (also parts of them), collection names (also mistyped), titles, descriptions and DOIs, in any letter case; with
        the side indices also over segments, regions and ROI names (``kind``). Levels as in ``identify``, and "case_group" (``search_hits``).
        A study or series hit by its description stands for all with that description in its collection; ``description`` says how many.
        No kind of hit crowds out the others; ``more`` says how many of each are not among the hits, None when they are not counted.
        """
        return self._database.write(
            lambda connection: search.search(
                connection, text, limit, self._database.names, self._database.cached_groups, self._database.prepare_search()
            ),
            SEARCH_TABLES,
        )

    def facets(self, filters: Filters | None = None) -> dict[str, list[tuple[Any, int]]]:
        """Series per value of each facet column under ``filters``, most first; a facet ignores its own filter; None is "not stated".

        "study_modality" counts the series whose study has each modality.
        """
        self._check_indices(filters)
        numbers = self._database.numbers()
        return self._database.read(lambda connection: facets.facets(connection, numbers, filters))

    def totals(self, filters: Filters | None = None) -> api.Totals:
        """What the filters leave."""
        self._check_indices(filters)
        numbers = self._database.numbers()
        return self._database.read(lambda connection: facets.totals(connection, numbers, filters))

    def counts(self, filters: Filters | None = None, which: Sequence[Any] | None = None, figures: Sequence[str] = counting.FIGURES) -> cohort.Counts:
        """Figures of the series that the filters leave, of several selections or SeriesInstanceUIDs if ``which`` is given; None is "not stated"."""
        self._check_indices(filters)
        asked = counting.check_figures(figures)
        missing = {name: absent[0] for name in asked if len(absent := self.missing_indices(needed := counting.indices_of(name))) == len(needed) > 0}
        here = [name for name in asked if name not in missing]
        self._database.prepare_content(sorted({CONTENT[counting.BESIDE[name]][0] for name in here if counting.BESIDE.get(name) in CONTENT}))
        acquired: set[str] = set()
        for name in here:
            if counting.BESIDE.get(name) in acquisition.ACQUISITION:
                acquired |= self._database.acquisition_columns(counting.BESIDE[name])
        counted = self._database.read(lambda connection: counting.count(connection, self._views, filters, which, here, acquired))
        return cast(cohort.Counts, {**counted, "missing": missing})

    def removed_since(self, release: int, collection_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Series of these collections that a release held and that are no longer in IDC, with collection_id, PatientID, SeriesInstanceUID,
        crdc_series_uuid, Modality, and max_idc_version, the last release that held them; one row for each SeriesInstanceUID.
        """
        return self._database.read(lambda connection: series.removed_since(connection, release, collection_ids))

    def versions_in(self, release: int, series_uids: Sequence[str]) -> dict[str, str]:
        """crdc_series_uuid by SeriesInstanceUID of the versions that a release held, of those that are not the current ones."""
        return self._database.read(lambda connection: series.versions_in(connection, release, series_uids))

    def content_facets(
        self, filters: Filters | None = None, limit: int = 200, columns: Sequence[str] = tuple(CONTENT)
    ) -> dict[str, list[tuple[Any, int]]]:
        """Series per value of what the side indices say (segments, regions, algorithms, ROIs): the ``limit`` most frequent of each.

        A segmentation and the image that it is of both count. Empty for an index that is not here; ``missing_indices`` names those.
        """
        self._check_indices(filters)
        self._database.prepare_content(sorted({CONTENT[column][0] for column in columns} & self._database.side_indices))
        here = [column for column in columns if CONTENT[column][0] in self._database.side_indices]
        counts = self._database.read(lambda connection: facets.content_facets(connection, filters, limit, here))
        return {column: counts.get(column, []) for column in columns}

    def number_facet(self, column: str, filters: Filters | None = None) -> api.FacetBins:
        """How the numbers of a column ("age_years", "year", "size_bytes", "instanceCount", "total_segments", "total_rois") are distributed.

        Under all other filters; bins without series are left out.
        """
        self._check_indices({**(filters or {}), **({column: {"min": 0}} if column in CONTENT else {})})
        numbers = self._database.numbers()
        return self._database.read(lambda connection: facets.number_facet(connection, numbers, column, filters))

    def find_values(self, text: str, limit: int = 50) -> list[tuple[str, Any, int]]:
        """(column, value, series) of filter values that contain ``text``, best first; those of side indices where these are here."""
        return matching(text, self._database.filter_values(self._filter_values), limit)

    def _filter_values(self) -> dict[str, list[tuple[Any, int]]]:
        here = self._database.side_indices
        contents = [column for column, (index, _inside, kind) in CONTENT.items() if index in here and kind != "number"]
        acquired = [column for column, item in acquisition.ACQUISITION.items() if item.kind == "text" and here & set(acquisition.indices_of(column))]
        found = self.content_facets({}, _MAX_NAMES, contents) if contents else {}
        return {**self.facets({}), **found, **{column: self.acquisition_values(column, {}, _MAX_NAMES) for column in acquired}}

    def acquisition_values(self, column: str, filters: Filters | None = None, limit: int = 200) -> list[tuple[Any, int]]:
        """Series per value of a column of ``catalog.acquisition`` under all other filters: the ``limit`` most frequent.

        Raises ``CatalogError`` where none of its side indices is here; ``acquisition_bins`` likewise.
        """
        here, others = self._acquired(column, filters)
        return self._database.read(lambda connection: facets.acquisition_values(connection, column, others, here, limit))

    def acquisition_bins(self, column: str, filters: Filters | None = None) -> api.FacetBins:
        """How the numbers of a column of ``catalog.acquisition`` are distributed under all other filters."""
        here, others = self._acquired(column, filters)
        return self._database.read(lambda connection: facets.acquisition_bins(connection, column, others, here))

    def unit_counts(self, column: str, unit: str, filters: Filters | None = None) -> list[tuple[Any, int]]:
        """(value, "studies" or "cases") of a facet of texts under all other filters, most frequent first.

        Raises ``CatalogError`` where the side index of the column is not here.
        """
        self._check_indices({**(filters or {}), **({column: [""]} if column in CONTENT else {})})
        here = self._database.acquisition_columns(column) if column in acquisition.ACQUISITION else set()
        numbers = self._database.numbers()
        return self._database.read(lambda connection: facets.unit_counts(connection, numbers, column, unit, filters, here))

    def _acquired(self, column: str, filters: Filters | None) -> tuple[set[str], Filters]:
        """The columns that are here, and the other filters."""
        others = {name: wanted for name, wanted in (filters or {}).items() if name != column}
        self._check_indices(others)
        return self._database.acquisition_columns(column), others

    def table_files(self) -> sql_tables.Files:
        """The files behind each table that a query in SQL may name; see ``sql_tables``."""
        return sql_tables.table_files(self._database.sources, self._database.extra_files, self.clinical.tables())

    def missing_indices(self, names: Iterable[str] = SIDE_TYPES) -> list[str]:
        """Which of these side indices (those with content to find, unless given) are not here."""
        return [name for name in names if name not in self._database.side_indices]

    def _check_indices(self, filters: Filters | None) -> None:
        self._database.prepare_filters(filters or {})

    def references_of(self, series_uids: Sequence[str]) -> dict[str, list[str]]:
        """SeriesInstanceUIDs of the images that index files state for SEG and RTSTRUCT series; series of which none states any are left out."""
        return self._database.read(lambda connection: related.references_of(connection, series_uids))

    def tree(self, view: int, told: Callable[[Sequence[str]], Mapping[str, tree.FileTold]] = lambda _uids: {}) -> TreeDocument:
        """How the series of an open view belong together; see ``tree``. ``told`` is asked for what files say where no index does.

        Raises ``InputError`` for a view of more than ``tree.MOST_ROWS`` series.
        """
        opened = self._views.get(view)
        if opened.level != "series" or opened.total > tree.MOST_ROWS:
            raise InputError(f"Only views of at most {tree.MOST_ROWS} series are shown as a tree.")
        names = ("SeriesInstanceUID", "Modality", "crdc_series_uuid")
        found = self.rows(view, [[0, opened.total - 1]], names) if opened.total else []
        rows = [dict(zip(names, row, strict=True)) for row in found]
        modalities = {row["Modality"] for row in rows}
        wanted = [name for name in tree.THICKNESS if name.partition("_")[0] in modalities]
        made = self._database.write(
            lambda connection: tree.series_tree(connection, rows, self._database.prepare_further(connection, wanted), self._database.side_indices)
        )
        unknown = [str(rows[number]["SeriesInstanceUID"]) for number in tree.unsaid(made, rows)]
        return tree.with_told(made, rows, told(unknown)) if unknown else made

    def related(self, series_uid: str, told: Mapping[str, Told] | None = None) -> api.Related:
        """What belongs to one series.

        ``relation`` says what the listed series is to the asked one: "refers to it" (its segmentation), "it refers to this" (its image), or
        "same study" where neither an index nor the objects in ``told`` (see ``untold``) say more. Raises ``NotFoundError`` for an unknown
        SeriesInstanceUID.
        """
        here = self._database.side_indices
        answer = self._database.read(lambda connection: related.related(connection, self._views, series_uid, here, told or {}))
        if answer is None:
            raise NotFoundError(f"There is no series {series_uid!r} in the catalog.")
        self._database.read(lambda connection: contents.add_contents(connection, answer["series"]))
        for row in answer["series"]:
            # Which of the two it is matters in the tree alone.
            del row["algorithm_type"], row["algorithm_name"]
        return cast(api.Related, answer)

    def untold(self, series_uid: str) -> list[str]:
        """The series of its study whose objects would say more of the relations of a series than indices do; of the smallest first."""
        return self._database.read(lambda connection: related.untold(connection, self._views, series_uid, self._database.side_indices))
