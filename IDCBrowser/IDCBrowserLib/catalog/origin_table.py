"""License, DOI and version of every series in one small file, for commands that ask about two series and must not open the catalog for that.

Opening the catalog takes longer than converting a segmentation. The file lies in the cache folder, is made from the catalog once per release of the
index, and is mapped: a question touches a few of its pages. Series are found by 64 bits that their SeriesInstanceUIDs are mixed to.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib import paths
from IDCBrowserLib.errors import CatalogError

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from IDCBrowserLib.catalog.files.sources import Sources

# Raise it whenever the file changes.
_FORMAT = 1
_NAME = "origins.bin"
# Columns that many series have in common.
_CURRENT = ("collection_id", "license_short_name", "source_DOI", "series_revised_idc_version")
_PRIOR = ("collection_id", "max_idc_version")
# Of a version that is listed several times the row with the latest release counts.
_LATEST = " QUALIFY row_number() OVER (PARTITION BY crdc_series_uuid ORDER BY max_idc_version DESC) = 1"
_UID_BYTES = 64
_ROW = (("key", "<u8"), ("uuid", "V16"), ("shared", "<u4"))
_UUID_LETTERS = 36
_DASHES = (8, 13, 18, 23)


class OriginTable:
    """Answers like ``Catalog`` what ``store.provenance`` asks. ``idc_version`` is the release of the index."""

    def __init__(self, data: mmap.mmap, header: dict[str, Any], start: int) -> None:
        """Raises ``ValueError`` where ``data`` do not have the length that ``header`` says."""
        self.idc_version: int | None = header["idc_version"]
        self._current = _Rows(data, start, header["current"], _CURRENT)
        self._prior = _Rows(data, self._current.stop, header["prior"], _PRIOR)
        if self._prior.stop != len(data):
            raise ValueError("its length is wrong")

    def series_rows(self, uids: Sequence[str], _columns: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The current version of each series that IDC has."""
        return [row for uid in uids for row in self._current.of(uid)]

    def prior_versions_of(self, uids: Sequence[str]) -> list[dict[str, Any]]:
        """The versions that were replaced or removed."""
        return [row for uid in uids for row in self._prior.of(uid)]


class _Rows:
    """Rows from byte ``start`` on, column after column, by ascending key."""

    def __init__(self, data: mmap.mmap, start: int, header: dict[str, Any], names: Sequence[str]) -> None:
        self._shared, self._names = header["shared"], names
        self._columns: dict[str, NDArray[Any]] = {}
        self.stop = start
        for name, kind in _ROW:
            self._columns[name] = np.frombuffer(data, kind, header["count"], self.stop)
            self.stop += self._columns[name].nbytes

    def of(self, uid: str) -> Iterator[dict[str, Any]]:
        if not uid.isascii() or len(uid) > _UID_BYTES:
            return
        key, keys = _keys([uid])[0], self._columns["key"]
        for row in range(int(np.searchsorted(keys, key)), int(np.searchsorted(keys, key, "right"))):
            digits = bytes(self._columns["uuid"][row]).hex()
            uuid = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
            values = dict(zip(self._names, self._shared[self._columns["shared"][row]], strict=True))
            yield {"SeriesInstanceUID": uid, "crdc_series_uuid": uuid, **values}


def open_table(sources: Sources, folder: Path | None = None) -> OriginTable | None:
    """The file, if it is there, whole, and made from exactly these sources."""
    with suppress(OSError, ValueError, LookupError, TypeError), _path(folder).open("rb") as file:
        first = file.readline()
        header = json.loads(first)
        if header["facts"] == _facts(sources):
            return OriginTable(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), header, len(first))
    return None


def write_table(
    read: Callable[[Callable[[duckdb.DuckDBPyConnection], Any]], Any], sources: Sources, idc_version: int | None, folder: Path | None = None
) -> None:
    """Make the file, whole or not at all, in about a second. ``read`` puts a question to a connection of the catalog.

    Raises ``StorageError`` where it cannot be written, ``CatalogError`` for an index with a series twice or with other than UUIDs.
    """
    from IDCBrowserLib.whole_file import whole_bytes

    facts = _facts(sources)
    current, rows = read(lambda connection: _collected(connection, "series", _CURRENT))
    if current["count"] != current.pop("distinct"):
        raise CatalogError("The index has a series twice.")
    prior, prior_rows = read(lambda connection: _collected(connection, "prior_versions", _PRIOR, _LATEST))
    header = {"facts": facts, "idc_version": idc_version, "current": current, "prior": prior}
    path = _path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_bytes(path, [json.dumps(header).encode() + b"\n", *rows, *prior_rows])


def _collected(connection: duckdb.DuckDBPyConnection, table: str, shared: Sequence[str], condition: str = "") -> tuple[dict[str, Any], list[bytes]]:
    """What the header says of a table, and its columns."""
    which = f"hash({', '.join(shared)})"
    known = connection.execute(f"SELECT DISTINCT {which} AS which, {', '.join(shared)} FROM {table} ORDER BY which").fetchall()
    numbers = np.array([row[0] for row in known], np.uint64)
    query = f"SELECT SeriesInstanceUID AS uid, crdc_series_uuid AS uuid, {which} AS which FROM {table} WHERE uid IS NOT NULL AND uuid IS NOT NULL"
    found: dict[str, Any] = connection.execute(query + condition).fetchnumpy()
    if len(np.unique(numbers)) != len(numbers):
        raise CatalogError("Two kinds of series cannot be distinguished.")
    keys, uuids = _keys(found["uid"].tolist()), _uuids(found["uuid"].tolist())
    order = np.argsort(keys, kind="stable")
    columns = (keys[order], uuids[order], np.searchsorted(numbers, found["which"])[order])
    rows = [column.astype(kind).tobytes() for column, (_, kind) in zip(columns, _ROW, strict=True)]
    ordered = columns[0]
    distinct = int(np.count_nonzero(np.diff(ordered))) + bool(len(ordered))
    return {"count": len(order), "shared": [list(row[1:]) for row in known], "distinct": distinct}, rows


def _keys(uids: Sequence[str]) -> NDArray[np.uint64]:
    """64 bits for each text of at most 64 ASCII characters; two of IDC's million series have the same with a probability of 1 in 30 million."""
    if max(map(len, uids), default=0) > _UID_BYTES:
        raise CatalogError("The index has a SeriesInstanceUID of more than 64 characters.")
    try:
        words = np.array(uids, f"S{_UID_BYTES}").view("<u8").reshape(-1, _UID_BYTES // 8)
    except UnicodeEncodeError as error:
        raise CatalogError("The index has a SeriesInstanceUID that is none.") from error
    mixed = np.zeros(len(uids), np.uint64)
    for word in words.T:
        # A multiplication carries each bit upward, the shift brings it down again (as MurmurHash3 mixes).
        mixed = (mixed ^ word) * np.uint64(0xFF51AFD7ED558CCD)
        mixed ^= mixed >> np.uint64(33)
    return mixed


def _uuids(texts: Sequence[str]) -> NDArray[np.void]:
    """(n,) of 16 bytes; only of the one writing that is given back: small letters, five groups."""
    joined = "".join(texts)
    try:
        content = bytes.fromhex(joined.replace("-", ""))
    except ValueError:
        content = b""
    dashes = any(joined[at::_UUID_LETTERS].strip("-") for at in _DASHES)
    if dashes or len(content) != 16 * len(texts) or joined != joined.lower() or any(len(text) != _UUID_LETTERS for text in texts):
        raise CatalogError("The index has a version that is named by something else than a UUID.")
    return np.frombuffer(content, "V16")


def _path(folder: Path | None) -> Path:
    return (folder or paths.catalog_cache_folder()) / _NAME


def _facts(sources: Sources) -> list[Any]:
    """What the file depends on; another size or time of an index file is another index."""
    files = [path for path in (*sources.series, sources.prior_versions, sources.versions) if path is not None]
    states = [(path, path.stat()) for path in files]
    return [_FORMAT, sources.data_version, *([os.path.realpath(path), state.st_size, state.st_mtime_ns] for path, state in states)]
