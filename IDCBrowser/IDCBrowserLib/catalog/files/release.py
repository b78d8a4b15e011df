"""A newer release of IDC without a newer package: its index files, checked and kept in the data folder, used instead of those of the package.

``<data folder>/releases/in-use`` names the version in use; its files lie beside it in a folder of that name. Without that file, or when the
package is as new, the package's own files are used.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from IDCBrowserLib import paths
from IDCBrowserLib.catalog.columns import KEY_COLUMNS
from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.catalog.files import fetching
from IDCBrowserLib.catalog.files.side_indices import VERSION_KEY, looks_whole
from IDCBrowserLib.errors import InputError, StorageError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.whole_file import part_folder

# IDC publishes what is current here, with checksums.
CURRENT = "https://storage.googleapis.com/idc-index-data-artifacts/current/release_artifacts"

# The files that idc-index-data has inside, and the columns without which each is useless.
_NEEDED: dict[str, tuple[str, ...]] = {
    "version_metadata_index": ("idc_version",),
    "idc_index": KEY_COLUMNS,
    "collections_index": ("collection_id",),
    "analysis_results_index": ("analysis_result_id",),
    "prior_versions_index": ("SeriesInstanceUID", "crdc_series_uuid"),
}
FILES = tuple(_NEEDED)
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)+")
_IN_USE = "in-use"


@dataclass(frozen=True)
class AvailableRelease:
    """What a server or folder has: ``version`` of the files, ``idc_version`` (the release), ``bytes`` of all files or None."""

    version: str
    idc_version: int
    bytes: int | None


def folder() -> Path:
    """Where releases are kept."""
    return paths.releases_folder()


def in_use(bundled: str) -> Path | None:
    """The folder of the release to use instead of the package's, whose version is ``bundled``; None to use the package's."""
    found = _chosen(bundled)
    return None if found is None or _not_whole(found) else found


def problem(bundled: str) -> str:
    """A sentence when there is a newer release that was fetched and cannot be used any more; else ""."""
    found = _chosen(bundled)
    wrong = _not_whole(found) if found is not None else []
    if not wrong:
        return ""
    return f"{', '.join(wrong)} of {found} {'is' if len(wrong) == 1 else 'are'} missing or damaged; update again"


def _chosen(bundled: str) -> Path | None:
    try:
        version = (folder() / _IN_USE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return folder() / version if _VERSION.fullmatch(version) and is_newer(version, bundled) else None


def _not_whole(found: Path) -> list[str]:
    names = [f"{name}.parquet" for name in FILES]
    return [name for name in names if not looks_whole(found / name)]


def is_newer(version: str, than: str) -> bool:
    """Whether a version such as "26.0.1" is a later one."""
    return _numbers(version) > _numbers(than)


def use_bundled() -> None:
    """Go back to the files of the package; the others are removed."""
    with contextlib.suppress(FileNotFoundError):
        (folder() / _IN_USE).unlink()
    _remove_others("")


def check(task: Task, source: str = "", network: Network | None = None) -> AvailableRelease:
    """What is offered at ``source`` (an address or folder; IDC's mirror when empty). Fetches a few kilobytes.

    Raises ``NotFoundError``, ``TransferError`` or ``StorageError``.
    """
    place = source or CURRENT
    with _own_folder() as part_folder:
        part = part_folder / "version_metadata_index.parquet"
        fetching.get(place, part, task, network=network)
        version = _version_of(place, part, task)
        return AvailableRelease(version, _idc_version(place, part), _all_bytes(place, task, network))


def update(task: Task, bundled: str, source: str = "", network: Network | None = None) -> str:
    """Fetch what is offered and use it from the next opening of the catalog on; returns its version.

    All files or none: each with its checksum, of one version, with the columns that are needed. Raises as ``check``; ``InputError`` when it is
    not newer than ``bundled``.
    """
    place = source or CURRENT
    total = _all_bytes(place, task, network)
    with _own_folder() as part_folder:
        before = 0
        versions: set[str] = set()
        for name in FILES:
            part = part_folder / f"{name}.parquet"
            fetching.get(place, part, task, _teller(task, before, total), network)
            before += part.stat().st_size
            versions.add(_version_of(place, part, task))
            if name == FILES[0] and not is_newer(max(versions), bundled):
                raise InputError(f"{place} has version {max(versions)}, and {bundled} is installed; there is nothing newer to use.")
        if len(versions) != 1:
            raise TransferError(f"The files at {place} are of several versions ({', '.join(sorted(versions))}); try again later.")
        version = versions.pop()
        _put_in_place(part_folder, version)
    _remove_others(version)
    return version


def _teller(task: Task, before: int, total: int | None) -> fetching.OnBytes:
    return lambda done, _size: task.report(Progress("Fetching the release", before + done, total, "B"))


def _put_in_place(part_folder: Path, version: str) -> None:
    target = folder() / version
    shutil.rmtree(target, ignore_errors=True)
    whole = part_folder / version
    whole.mkdir()
    for name in FILES:
        os.replace(part_folder / f"{name}.parquet", whole / f"{name}.parquet")
    os.replace(whole, target)
    note = part_folder / _IN_USE
    note.write_text(version, encoding="utf-8")
    os.replace(note, folder() / _IN_USE)


@contextlib.contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder beside the releases that goes afterwards; errors of the disk as ``StorageError``."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        fetching.remove_abandoned(folder())
        with part_folder(fetching.TEMPORARY, folder()) as made:
            yield made
    except OSError as error:
        raise StorageError(f"The release cannot be written to {folder()} ({error.strerror}); check the space and permissions there.") from error


def _remove_others(version: str) -> None:
    """Folders of other versions. One that another program has open (Windows) goes the next time."""
    with contextlib.suppress(OSError):
        for other in folder().iterdir():
            if other.is_dir() and other.name != version and _VERSION.fullmatch(other.name):
                shutil.rmtree(other, ignore_errors=True)


def _version_of(place: str, part: Path, task: Task) -> str:
    """The version in the footer of a file that has what is needed; raises ``TransferError`` otherwise."""
    import duckdb

    task.raise_if_cancelled()
    try:
        with duckdb.connect() as connection:
            columns = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(part)})").fetchall()}
            stated = dict(connection.execute(f"SELECT key, value FROM parquet_kv_metadata({literal(part)})").fetchall())
            rows = connection.execute(f"SELECT count(*) FROM read_parquet({literal(part)})").fetchone()
    except duckdb.Error as error:
        raise TransferError(f"The file {part.name} from {place} cannot be read ({str(error).splitlines()[0][:120]}); try again.") from error
    missing = [name for name in _NEEDED[part.stem] if name not in columns]
    if missing:
        raise TransferError(f"{part.name} from {place} lacks the column {missing[0]}: this program does not know its structure. Update the program.")
    if not rows or not rows[0]:
        raise TransferError(f"{part.name} from {place} has no rows; it is not used.")
    version = str(stated.get(VERSION_KEY.encode(), b"").decode("utf-8", "replace")).partition("-")[0]
    if not _VERSION.fullmatch(version):
        raise TransferError(f"{part.name} from {place} does not state its version, so it is not used.")
    return version


def _idc_version(place: str, part: Path) -> int:
    import duckdb

    try:
        with duckdb.connect() as connection:
            row = connection.execute(f"SELECT max(TRY_CAST(idc_version AS BIGINT)) FROM read_parquet({literal(part)})").fetchone()
    except duckdb.Error as error:
        raise TransferError(f"The file {part.name} from {place} cannot be read; try again.") from error
    return int(row[0]) if row and row[0] is not None else 0


def _all_bytes(place: str, task: Task, network: Network | None) -> int | None:
    total = 0
    for name in FILES:
        task.raise_if_cancelled()
        size = fetching.size_of(place, f"{name}.parquet", network, task.raise_if_cancelled)
        if size is None:
            return None
        total += size
    return total


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version.partition("-")[0]))
