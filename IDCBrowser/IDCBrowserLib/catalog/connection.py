"""DuckDB, closed to everything but the files of the catalog; its errors as ours."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import CatalogError

if TYPE_CHECKING:
    import duckdb

_MEMORY_LIMIT = "400MB"
_THREADS = 2


def connect(files: Sequence[Path], folders: Sequence[Path] = ()) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that can read ``files``, read and write below ``folders``, and reach nothing else."""
    import duckdb

    connection = duckdb.connect(config={
        "threads": _THREADS, "memory_limit": _MEMORY_LIMIT, "temp_directory": "",
        "autoinstall_known_extensions": False, "autoload_known_extensions": False, "preserve_insertion_order": True,
    })
    connection.execute(f"SET allowed_paths = [{', '.join(literal(path) for path in files)}]")
    if folders:
        connection.execute(f"SET allowed_directories = [{', '.join(literal(path) for path in folders)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def ask(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """Execute one statement with its values bound."""
    if not values:
        return connection.execute(query)
    with _pandas_left_alone():
        return connection.execute(query, dict(values))


@contextlib.contextmanager
def _pandas_left_alone() -> Iterator[None]:
    """DuckDB imports pandas (a second, 70 MB) to see whether a bound value is one of pandas' own; ours never are.

    Whoever has imported pandas already keeps it.
    """
    if "pandas" in sys.modules:
        yield
        return
    sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if sys.modules.get("pandas") is None:
            sys.modules.pop("pandas", None)


def literal(path: Path | str) -> str:
    """A text as a SQL literal, for the few places where DuckDB takes no parameter (the file of a view)."""
    return "'" + str(path).replace("'", "''") + "'"


@contextlib.contextmanager
def reading(path: Path | None = None) -> Iterator[None]:
    """Maps DuckDB's errors: a file that cannot be read becomes a ``CatalogError`` that names it."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise CatalogError("The question needs more memory than the catalog may use; narrow it with a filter or a collection.") from error
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException, duckdb.BinderException) as error:
        name = f"The index file {path}" if path is not None else "An index file of the catalog"
        raise CatalogError(
            f"{name} is damaged or cannot be read ({_first_line(error)}); run: pip install --force-reinstall idc-index-data"
        ) from error


def rows_as_dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rest of a result as one object per row."""
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
