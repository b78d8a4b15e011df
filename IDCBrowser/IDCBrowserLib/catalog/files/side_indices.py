"""The indices of idc-index-data that are not in its wheel: which there are, which are here, and where they lie.

Two folders are looked into: our own for the installed version, and the one in which idc-index keeps what it fetches, which is only read.
Getting them is in ``side_fetch``. Everything works without them; what they would add is left out and named.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from IDCBrowserLib import paths
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    from IDCBrowserLib.api.indices import SideIndex

# name -> what it adds. The same names as in idc-index.
SIDE_INDICES: dict[str, str] = {
    "seg_index": "segmentations: their image, segments, regions and algorithm",
    "rtstruct_index": "structure sets: their image and ROI names",
    "ct_index": "acquisition of CT series",
    "mr_index": "acquisition of MR series",
    "pt_index": "acquisition of PET series",
    "contrast_index": "contrast agents",
    "volume_geometry_index": "whether a series is a regular 3D volume",
    "ann_index": "annotations of slides",
    "ann_group_index": "annotation groups of slides",
    "sm_index": "slide microscopy series",
    "sm_instance_index": "slide microscopy instances",
    "clinical_index": "clinical tables",
    "gdc_idc_mapping": "cases of the Genomic Data Commons (GDC)",
}
# One of these columns has to be there.
_OF_SERIES = frozenset({"SeriesInstanceUID", "SOPInstanceUID"})
_NEEDED: dict[str, frozenset[str]] = {"clinical_index": frozenset(), "gdc_idc_mapping": frozenset({"gdc_case_id"})}
VERSION_KEY = "idc_index_data_version"
_MAGIC = b"PAR1"
# Magic at both ends and the length of the footer.
_SMALLEST = 12
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)+\w*")


@dataclass(frozen=True)
class Status:
    """One side index. ``state`` is "here", "missing" or "damaged"; ``path`` and ``bytes`` are of the file that is here or damaged."""

    name: str
    about: str
    state: Literal["here", "missing", "damaged"]
    path: Path | None = None
    bytes: int = 0
    reason: str = ""

    def to_json(self) -> SideIndex:
        """All fields."""
        path = None if self.path is None else str(self.path)
        return {"name": self.name, "about": self.about, "state": self.state, "path": path, "bytes": self.bytes, "reason": self.reason}


def check_name(name: str) -> str:
    """``name`` itself; raises ``InputError`` listing the valid ones otherwise."""
    if name not in SIDE_INDICES:
        raise InputError(f"There is no index file {name!r}; use one of: {', '.join(SIDE_INDICES)}.")
    return name


def own_folder(version: str) -> Path:
    """Where this program keeps the side indices of a version of idc-index-data."""
    return paths.cache_folder() / "indices" / version


def folders(version: str) -> tuple[Path, Path]:
    """Our own folder, and that of idc-index, in the order in which they are looked into."""
    from platformdirs import user_data_path

    return own_folder(version), user_data_path("idc_index_data", "IDC", version=version)


def find(name: str, where: Sequence[Path]) -> Path | None:
    """The first file of that name that looks whole from outside."""
    return next((path for folder in where if looks_whole(path := folder / f"{name}.parquet")), None)


def looks_whole(path: Path) -> bool:
    """Whether a file begins and ends as parquet does; a look at a few bytes."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        if file.seek(0, 2) < _SMALLEST:
            return False
        file.seek(-len(_MAGIC), 2)
        end = file.read()
        file.seek(0)
        return end == _MAGIC and file.read(len(_MAGIC)) == _MAGIC
    return False


def fault(path: Path, version: str) -> str:
    """Why a file cannot be used, or "". Reads its footer: the columns, and the version it was made for if it says so."""
    import duckdb

    if not looks_whole(path):
        return "it is not a complete Parquet file"
    try:
        with duckdb.connect() as connection:
            text = str(path).replace("'", "''")
            columns = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{text}')").fetchall()}
            stated = dict(connection.execute(f"SELECT key, value FROM parquet_kv_metadata('{text}')").fetchall())
    except duckdb.Error as error:
        return f"it cannot be read ({str(error).splitlines()[0][:120]})"
    needed = _NEEDED.get(path.stem, _OF_SERIES)
    if needed and not columns & needed:
        return "it is not an index of series" if needed is _OF_SERIES else f"it has no column {', '.join(sorted(needed))}"
    made_for = stated.get(VERSION_KEY.encode(), version.encode()).decode("utf-8", "replace")
    # As git describes it: "25.0.5-0-gf08b112".
    return "" if made_for.partition("-")[0] == version else f"it has version {made_for}, and {version} is installed"


def remove(name: str, where: Sequence[Path]) -> None:
    """The files of a side index in these folders, and what was set aside of it."""
    for folder in where:
        for path in (folder / f"{check_name(name)}.parquet", folder / f"{name}.parquet.damaged"):
            path.unlink(missing_ok=True)


def status(version: str, where: Sequence[Path] | None = None) -> list[Status]:
    """Every side index and whether it is here; no network."""
    searched = folders(version) if where is None else where
    return [_status(name, version, searched) for name in SIDE_INDICES]


def _status(name: str, version: str, where: Sequence[Path]) -> Status:
    damaged: Status | None = None
    for folder in where:
        path = folder / f"{name}.parquet"
        if path.is_file():
            reason, size = fault(path, version), path.stat().st_size
            if not reason:
                return Status(name, SIDE_INDICES[name], "here", path, size)
            damaged = damaged or Status(name, SIDE_INDICES[name], "damaged", path, size, reason)
    return damaged or Status(name, SIDE_INDICES[name], "missing")


def remove_other_versions(folder: Path) -> None:
    """Our folders of other versions beside ``folder``; nothing else."""
    import shutil

    with contextlib.suppress(OSError):
        for other in folder.parent.iterdir():
            if other != folder and other.is_dir() and _VERSION.fullmatch(other.name):
                shutil.rmtree(other, ignore_errors=True)
