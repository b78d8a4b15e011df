"""DuckDB connections that can read only the catalog's files; DuckDB errors as ours."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import CancelledError, CatalogError, InputError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from IDCBrowserLib.task import Task

logger = logging.getLogger(__name__)

# Every study of IDC at once, with its sums, before the cache is there; browsing takes a third of it.
_MEMORY_LIMIT = "640MB"
_THREADS = 2
_PART = 20_000


def connect(files: Sequence[Path], folders: Sequence[Path] = ()) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that can read ``files``, read and write below ``folders``, and reach nothing else."""
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": _THREADS,
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
        }
    )
    # Of a hundred groups of rows: five milliseconds of each question.
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute(f"SET allowed_paths = [{', '.join(literal(path) for path in files)}]")
    if folders:
        connection.execute(f"SET allowed_directories = [{', '.join(literal(path) for path in folders)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def ask(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """Execute one statement with its values bound; raises ``CancelledError`` inside ``cancelled_by`` a cancelled task."""
    stop_if_cancelled()
    if not values:
        return connection.execute(query)
    try:
        return connection.execute(query, dict(values))
    except RuntimeError as error:
        # The names of files need not be UTF-8, and what is in the tables is.
        if "Unable to cast" not in str(error):
            raise
        raise InputError("What was asked for is not text in UTF-8, and nothing in the catalog has such a name.") from error


def end_answers(connection: duckdb.DuckDBPyConnection) -> None:
    """Let go of an answer of which only the first row was fetched: from DuckDB 2 on it stands in the way of tables that are registered."""
    if hasattr(connection, "complete"):
        connection.complete()


def ask_for_batches(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> pa.RecordBatchReader:
    """The rows that ``ask`` would give, as Arrow's record batches, which are made while they are read."""
    if hasattr(connection, "fetch_record_batch"):
        cursor = ask(connection, query, values)
        # Deprecated from 1.5 on; before, the only name.
        read = getattr(cursor, "to_arrow_reader", None) or cursor.fetch_record_batch
    else:
        # From DuckDB 2 on a cursor copies its rows; before, a relation with bound values holds all of its rows at once.
        stop_if_cancelled()
        end_answers(connection)
        newer: Any = connection
        read = newer.sql(query, params=dict(values or {})).to_arrow_reader
    reader: pa.RecordBatchReader = read(_PART)
    return reader


def stop_if_cancelled() -> None:
    """Raise ``CancelledError`` inside ``cancelled_by`` a canceled task."""
    task = current_task()
    if task is not None:
        task.raise_if_cancelled()


_asked_by = threading.local()


@contextlib.contextmanager
def cancelled_by(task: Task) -> Iterator[None]:
    """Questions of this thread inside belong to ``task``: cancelling it stops the one under way."""
    before = current_task()
    _asked_by.task = task
    try:
        yield
    finally:
        _asked_by.task = before


def current_task() -> Task | None:
    """The task of this thread's questions, if there is one."""
    task: Task | None = getattr(_asked_by, "task", None)
    return task


@contextlib.contextmanager
def interruptible(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """While inside, cancelling the task of this thread ends the statement that ``connection`` runs, with ``CancelledError``."""
    import duckdb

    task = current_task()
    if task is None:
        yield
        return
    lock, is_open = threading.Lock(), [True]

    def interrupt() -> None:
        with lock:
            if is_open[0]:
                connection.interrupt()

    task.on_cancel(interrupt)
    try:
        yield
    except duckdb.InterruptException as error:
        raise CancelledError from error
    except OSError as error:
        # Of rows that come as Arrow's record batches: pyarrow knows no errors of DuckDB.
        if not str(error).startswith("INTERRUPT"):
            raise
        raise CancelledError from error
    finally:
        # A connection that is closed cannot be interrupted any more.
        with lock:
            is_open[0] = False


def literal(path: Path | str) -> str:
    """A text as a SQL literal, for the few places where DuckDB takes no parameter (the file of a view)."""
    return "'" + str(path).replace("'", "''") + "'"


@contextlib.contextmanager
def reading(*paths: Path) -> Iterator[None]:
    """Maps DuckDB's errors: a file that cannot be read becomes a ``CatalogError`` that names it (the one in DuckDB's message, or all)."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise CatalogError("The request needs more memory than the catalog may use. Narrow it with a filter or a collection.") from error
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        text = str(error)
        guilty = [path for path in paths if str(path) in text] or list(paths)
        remedy = _remedy(guilty)
        raise CatalogError(f"The index file {' or '.join(map(str, guilty))} is damaged or cannot be read ({_first_line(text)}); {remedy}") from error


def is_damage(error: duckdb.Error) -> bool:
    """Whether an error of DuckDB tells of a file that cannot be read, rather than of a mistake in our question."""
    import duckdb

    # What the parquet decoder throws (a damaged page header, a wrong length) has no class of its own.
    kinds = (
        duckdb.IOException,
        duckdb.InvalidInputException,
        duckdb.SerializationException,
        duckdb.ConversionException,
        duckdb.InternalException,
    )
    return type(error) is duckdb.Error or isinstance(error, kinds)


@contextlib.contextmanager
def damage_ignored(index: str) -> Iterator[None]:
    """Questions inside about a side index end without an answer where its file is damaged inside: it only adds to what is known."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        logger.warning("The index file %s is damaged (%s); it is ignored.", index, error)


def rows_as_dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rest of a result as one object per row. In parts: fetching keeps other threads of this process waiting."""
    names = [column[0] for column in cursor.description or []]
    rows: list[dict[str, Any]] = []
    while part := cursor.fetchmany(_PART):
        rows += [dict(zip(names, row, strict=False)) for row in part]
    return rows


def _remedy(paths: Sequence[Path]) -> str:
    if any(path.parent.name == "idc_index_data" for path in paths):
        return "run: pip install --force-reinstall idc-index-data"
    fetched = [path.parent for path in paths if path.parent.parent.name == "releases"]
    if fetched:
        return f"remove the folder {fetched[0]}, and the release of the installed package is used"
    return "create it again or remove it from the sources"


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:200] if lines else "no further details"
