"""Small parquet files. A process makes each once: hundreds of tests want the same few, and making one takes longer than most of these tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from IDCBrowserLib.catalog.connection import literal

_AT_ONCE = 100

_made: dict[str, bytes] = {}


def write_rows(path: Path, types: Mapping[str, str], rows: Iterable[Mapping[str, Any]], version: str = "") -> Path:
    """Rows with the columns ``types``; missing values are NULL. ``version`` is the one of idc-index-data in the footer."""
    whole = [[row.get(name) for name in types] for row in rows]
    key = repr((dict(types), whole, version))
    path.parent.mkdir(parents=True, exist_ok=True)
    if key in _made:
        path.write_bytes(_made[key])
        return path
    metadata = f", KV_METADATA {{idc_index_data_version: '{version}'}}" if version else ""
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        connection.execute(f"CREATE TABLE t ({columns})")
        row = f"({', '.join('?' for _ in types)})"
        for first in range(0, len(whole), _AT_ONCE):
            part = whole[first : first + _AT_ONCE]
            connection.execute(f"INSERT INTO t VALUES {', '.join([row] * len(part))}", [value for values in part for value in values])
        connection.execute(f"COPY t TO {literal(path)} (FORMAT parquet{metadata})")
    _made[key] = path.read_bytes()
    return path
