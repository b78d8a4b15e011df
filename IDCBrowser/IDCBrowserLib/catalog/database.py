"""The DuckDB database behind a ``Catalog``: its files, its cache, and access from several threads."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from IDCBrowserLib import paths
from IDCBrowserLib.catalog import acquisition
from IDCBrowserLib.catalog.about.clinical_tables import CLINICAL_INDEX
from IDCBrowserLib.catalog.cache import cache
from IDCBrowserLib.catalog.cache.arrow_memory import give_back
from IDCBrowserLib.catalog.cache.cache_builder import CacheBuilder
from IDCBrowserLib.catalog.cache.derived import QUERIES
from IDCBrowserLib.catalog.cache.parquet_pages import ParquetPages
from IDCBrowserLib.catalog.cache.row_groups import RowGroups
from IDCBrowserLib.catalog.clinical.laid_out import ClinicalAttributes
from IDCBrowserLib.catalog.clinical.laid_out import create_found as create_clinical_found
from IDCBrowserLib.catalog.columns import SERIES_TYPES
from IDCBrowserLib.catalog.conditions import Filters
from IDCBrowserLib.catalog.connection import cancelled_by, connect, end_answers, interruptible, is_damage, reading
from IDCBrowserLib.catalog.content import create_content, create_found, create_search_content, drop_table
from IDCBrowserLib.catalog.extra_columns import EXTRA_COLUMNS, create_table
from IDCBrowserLib.catalog.files.sources import Sources, check_extra, find_sources
from IDCBrowserLib.catalog.filters import acquired, found_table, needed_indices, on_clinical_attributes
from IDCBrowserLib.catalog.search.search_names import Names
from IDCBrowserLib.catalog.side_tables import SIDE_TYPES, create_side_tables
from IDCBrowserLib.catalog.tables import create_tables
from IDCBrowserLib.catalog.value_rows import found_name
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.catalog.working_sets import WorkingSets
from IDCBrowserLib.errors import CatalogError, IDCBrowserError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from IDCBrowserLib.catalog.cache.series_numbers import SeriesNumbers

Answer = TypeVar("Answer")
FilterValues = dict[str, list[tuple[Any, int]]]
Question = Callable[["duckdb.DuckDBPyConnection"], Answer]

logger = logging.getLogger(__name__)

# Each has at most a number of four bytes per series.
_MAX_FOUND = 30


class Database:
    """Opens the files, asks questions on cursors of their own, and changes from parquet to the cache and back between questions."""

    def __init__(self, extra: list[Path], sources: Sources | None, cache_folder: Path | None) -> None:
        """See ``Catalog``."""
        self.sources = sources if sources is not None else find_sources()
        self.views = Views()
        self.sets = WorkingSets(self.read, self.views.selections)
        self.views.selections.prepare = self.prepare_filters
        self.views.nearby = self._nearby
        self.names = Names()
        self.is_cached = False
        # Whether it was opened, be it in use or not.
        self._is_opened = False
        self._extra = check_extra(extra)
        self._lock = threading.RLock()
        # What ``series`` and the derived tables are. Nothing is asked and no other lock taken within, so that whoever finds the cache damaged may
        # wait for it, whatever lock the question holds.
        self._cache_lock = threading.Lock()
        # Not the other lock: laying out a million segments takes a second, and views are opened meanwhile.
        self._content_lock = threading.Lock()
        self._made: set[str] = set()
        self._made_further: dict[str, bool] = {}
        self._filter_values: FilterValues | None = None
        self._numbers_lock = threading.Lock()
        self._numbers: SeriesNumbers | None = None
        self._counting: threading.Thread | None = None
        self._closing = Task()
        with reading(*self.sources.series):
            self._cache_file = cache.cache_file(self.sources, cache_folder or paths.catalog_cache_folder())
        self._builder = CacheBuilder(self._cache_file)
        made = [file for part in cache.parts(self._cache_file) for file in (part, Path(f"{part}.wal"))]
        self._connection = connect([*self.sources.all_files(), *self._extra, *made])
        self._extra_series = create_tables(self._connection, self.sources, self._extra)
        self._pages = ParquetPages(self.sources.series[0], SERIES_TYPES)
        self._groups = RowGroups(cache.rows_file(self._cache_file))
        self.side_indices: set[str] = set()
        self._has_search_content = False
        self._laid_out: set[str] = set()
        # By name of the table, what it was made from.
        self._found: dict[str, object] = {}
        self.clinical = ClinicalAttributes(self.read, lambda: self.sources.side().get(CLINICAL_INDEX), self.sources.data_version.partition(".")[0])
        self.use_side_indices()
        self._use_cache()

    def use_side_indices(self) -> None:
        """Look which side indices are here and use them: at the start, and when one was fetched."""
        with self._lock:
            self.side_indices = create_side_tables(self._connection, self.sources.side(), [*self.sources.references, *self._extra])
            self._has_search_content = False
            self._laid_out.clear()
            self._found.clear()
            self._made_further.clear()
            self._filter_values = None

    def filter_values(self, count: Callable[[], FilterValues]) -> FilterValues:
        """The values of all filters, counted once for the files that are here."""
        found = self._filter_values
        if found is None:
            found = self._filter_values = count()
        return found

    def numbers(self) -> SeriesNumbers:
        """What facets and totals are counted from, made at the first question about them."""
        with self._numbers_lock:
            if self._numbers is None:
                from IDCBrowserLib.catalog.cache.numbers_making import load_numbers, make_numbers

                def get(connection: duckdb.DuckDBPyConnection) -> SeriesNumbers:
                    if self._has_numbers:
                        return load_numbers(connection, self._number_column)
                    return make_numbers(connection, self.series_files, self._number_column)

                self._numbers = self.read(get)
            return self._numbers

    def _number_column(self, name: str) -> NDArray[Any]:
        from IDCBrowserLib.catalog.cache.numbers_making import load_column, make_column

        return self.read(lambda connection: load_column(connection, name) if self._has_numbers else make_column(connection, self.series_files, name))

    @property
    def _has_numbers(self) -> bool:
        """Whether the cache has those of all series."""
        return self.is_cached and not self._extra_series

    def prepare_numbers(self) -> None:
        """Have them made before anybody asks; returns at once."""
        with self._lock:
            if self._counting is None:
                self._counting = threading.Thread(target=self._count_ahead, name="numbers", daemon=True)
                self._counting.start()

    def _count_ahead(self) -> None:
        try:
            with cancelled_by(self._closing):
                self.numbers().complete()
            give_back()
        except IDCBrowserError as error:
            # Whoever asks is told.
            logger.debug("%s", error)

    def prepare_further(self, connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[str]:
        """Those of the further columns whose side index is here, with their tables made. Inside ``write``."""
        for index in dict.fromkeys(EXTRA_COLUMNS[name].side_index for name in names):
            if index in self.side_indices and index not in self._made_further:
                try:
                    create_table(connection, index)
                    self._made_further[index] = True
                except CatalogError as error:
                    # Damaged inside: as if it were not here.
                    logger.warning("%s", error)
                    self._made_further[index] = False
        return [name for name in names if self._made_further.get(EXTRA_COLUMNS[name].side_index)]

    def prepare_content(self, indices: Iterable[str]) -> None:
        """Lay out what is in the segmentations or structure sets of an index that is here, at the first question about them."""
        for index in indices:
            with self._content_lock:
                if index not in self._laid_out:
                    self.read(partial(create_content, index=index))
                    self._laid_out.add(index)

    def prepare_filters(self, filters: Filters) -> None:
        """Evaluate the filters on side indices, once for all questions with the same ones; raises ``CatalogError`` when one is not here."""
        self.sets.check(filters)
        for index in needed_indices(filters):
            if index not in self.side_indices:
                raise CatalogError(
                    f"This filter needs the index file {index}, which is not on this computer. Fetch it first.",
                    command=f"idc-browser indices --fetch {index}",
                )
            self.prepare_content([index])
            self._remember_found(found_table(index, filters), partial(create_found, index=index, filters=filters))
        chosen = acquired(filters)
        if chosen:
            here = self._acquisition_columns(chosen)
            self._remember_found(found_name(chosen), partial(acquisition.create_found, chosen=chosen, here=here))
        clinical = on_clinical_attributes(filters)
        if clinical:
            laid_out = self.clinical.lay_out_chosen(clinical)
            stamps = tuple(one.stamp for one in laid_out.values())
            self._remember_found(found_name(clinical), partial(create_clinical_found, chosen=clinical, laid_out=laid_out), stamps)

    def acquisition_columns(self, column: str) -> set[str]:
        """Those of an acquisition filter whose side index is here, with their tables made; raises ``CatalogError`` where none is."""
        return self._acquisition_columns([column])

    def _acquisition_columns(self, columns: Iterable[str]) -> set[str]:
        here: set[str] = set()
        for column in columns:
            names = acquisition.ACQUISITION[column].columns
            with self._lock:
                usable = self.read(partial(self.prepare_further, names=names))
            if not usable:
                index = " or ".join(acquisition.indices_of(column))
                raise CatalogError(
                    f"The filter {column} needs the index file {index}, which is not on this computer. Fetch it first.",
                    command=f"idc-browser indices --fetch {acquisition.indices_of(column)[0]}",
                )
            here.update(usable)
        return here

    def _remember_found(self, name: str, make: Callable[[duckdb.DuckDBPyConnection], None], made_from: object = None) -> None:
        """Make a table unless it is there and was made from the same."""
        with self._content_lock:
            if name not in self._found or self._found[name] != made_from:
                self.read(make)
                self._found[name] = made_from
            self._forget_found(name)

    def _forget_found(self, newest: str) -> None:
        """Keep the last ones, and those that an open view is of."""
        self._found[newest] = self._found.pop(newest)
        if len(self._found) <= _MAX_FOUND:
            return
        in_use = self.views.filters()
        used = {found_table(index, filters) for filters in in_use for index in needed_indices(filters)}
        used |= {found_name(of(filters)) for filters in in_use for of in (acquired, on_clinical_attributes)}
        for name in [name for name in list(self._found)[:-_MAX_FOUND] if name not in used]:
            del self._found[name]
            self.read(partial(drop_table, name=name))

    def prepare_search(self) -> bool:
        """Collect the segment and ROI names at the first search; False when no side index has any."""
        here = sorted(self.side_indices & set(SIDE_TYPES))
        if here and not self._has_search_content:
            try:
                self.prepare_content(here)
                self.read(lambda connection: create_search_content(connection, here))
            except CatalogError as error:
                # A side index damaged inside: searching goes on without.
                logger.warning("%s", error)
                return False
            self._has_search_content = True
        return bool(here)

    @property
    def cached_groups(self) -> RowGroups | None:
        """The series of the cache while it is in use."""
        return self._groups if self.is_cached else None

    @property
    def series_files(self) -> tuple[Path, ...]:
        """The main index and what adds to it."""
        return (*self.sources.series, *self._extra)

    @property
    def extra_files(self) -> tuple[Path, ...]:
        """The files that were named besides those of the installed index."""
        return tuple(self._extra)

    def close(self) -> None:
        """Free what it holds, and stop building the cache."""
        self._builder.stop()
        self._closing.cancel()
        if self._counting is not None:
            self._counting.join()
        with self._lock:
            self._connection.close()
        self._groups.close()

    def read(self, question: Question[Answer]) -> Answer:
        """Ask without waiting for others: a long answer in one thread does not hold up the next."""
        self.look_for_cache()
        try:
            with self._asking() as connection:
                return question(connection)
        except _DamagedError:
            self._leave_cache()
        with self._asking() as connection:
            return question(connection)

    def write(self, question: Question[Answer], tables: Sequence[str] = ()) -> Answer:
        """Ask what makes or drops tables, one at a time, with the derived ``tables`` there."""

        def ask_with_tables(connection: duckdb.DuckDBPyConnection) -> Answer:
            self._make(connection, tables)
            return question(connection)

        with self._lock:
            return self.read(ask_with_tables)

    def prepare_cache(self, delay_s: float) -> None:
        """See ``Catalog.prepare_cache``."""
        self.prepare_numbers()
        if not self.is_cached:
            self._builder.start(delay_s)

    @contextlib.contextmanager
    def _nearby(self, connection: duckdb.DuckDBPyConnection, span: tuple[int, int] | None) -> Iterator[None]:
        """Inside, ``series`` is the series of a span alone for this connection, where reading so few is worth it."""
        is_alone = len(self.sources.series) == 1 and not self._extra_series
        few = self.cached_groups or self._pages
        rows = few.rows(*span) if span is not None and is_alone else None
        if rows is None:
            yield
            return
        end_answers(connection)
        connection.register("series", rows)
        try:
            yield
        finally:
            connection.unregister("series")

    @contextlib.contextmanager
    def _asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        files = (*self.series_files, *self.sources.collections)
        # Another question may find the damage, and leave the cache, while this one reads it.
        was_cached = self.is_cached
        with reading(*files), self._connection.cursor() as connection:
            try:
                with interruptible(connection):
                    yield connection
            except duckdb.Error as error:
                # Another question may have left the cache between.
                if was_cached and (not self.is_cached or is_damage(error)):
                    raise _DamagedError from error
                raise

    def _make(self, connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> None:
        with self._cache_lock:
            for name in tables:
                if not self.is_cached and name not in self._made:
                    connection.execute(f"CREATE TABLE {name} AS {QUERIES[name]}")
                    self._made.add(name)

    @property
    def is_preparing(self) -> bool:
        """Whether the cache is going to be there."""
        return self._builder.is_running

    def look_for_cache(self) -> None:
        """Use the cache as soon as it was made and nobody makes tables; waits for nobody, since those may wait for a lock that the asker has."""
        if self._lock.acquire(blocking=False):
            try:
                self._use_made_cache()
            finally:
                self._lock.release()

    def _use_made_cache(self) -> None:
        has_ended = self._builder.has_ended()
        try:
            if has_ended or (not self._is_opened and self._builder.is_ready):
                self._use_cache()
        finally:
            if has_ended:
                self._builder.finish()

    def _use_cache(self) -> None:
        """Take it if it is there."""
        with self._cache_lock:
            if not self._is_opened and cache.attach(self._connection, self._cache_file):
                self._is_opened = True
                self._forget_made()
                self.is_cached = self.views.selections.is_cached = cache.use(self._connection, self._cache_file, self._extra_series)

    def _leave_cache(self) -> None:
        """Back to the parquet files, because the cache cannot be read."""
        with self._cache_lock:
            if not self.is_cached:
                return
            logger.warning("The catalog cache %s is damaged; it is rebuilt at the next start.", self._cache_file)
            self.is_cached = self.views.selections.is_cached = False
            self._groups.close()
            with self._connection.cursor() as connection:
                for name in QUERIES:
                    connection.execute(f"DROP VIEW IF EXISTS {name}")
                connection.execute("CREATE OR REPLACE VIEW series AS SELECT * FROM parquet_series")
                cache.discard(connection, self._cache_file)

    def _forget_made(self) -> None:
        for name in self._made:
            self._connection.execute(f"DROP TABLE {name}")
        self._made.clear()


class _DamagedError(Exception):
    """The cache cannot be read."""
