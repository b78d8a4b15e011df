"""The index files of an invented release of IDC, as the mirror of idc-index-data has them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from helpers.side_files import Answer, checksum
from helpers.small_catalog import SERIES, write_series, write_sources
from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.catalog.files import release

VERSION = "26.0.1"


def write_release(folder: Path, version: str = VERSION, series: Iterable[Mapping[str, Any]] = SERIES, without: Iterable[str] = ()) -> Path:
    """All files with the version in their footers and their checksums beside them; the release is the version's first number."""
    plain = folder / "plain"
    write_sources(plain)
    write_series(plain / "idc_index.parquet", series, without)
    with duckdb.connect() as connection:
        query = f"SELECT {int(version.partition('.')[0])} AS idc_version, '2027-01-31' AS version_timestamp"
        connection.execute(f"COPY ({query}) TO {literal(plain / 'version_metadata_index.parquet')} (FORMAT parquet)")
        for name in release.FILES:
            target = folder / f"{name}.parquet"
            stated = f"(FORMAT parquet, KV_METADATA {{idc_index_data_version: '{version}-0-gabcdef0'}})"
            connection.execute(f"COPY (SELECT * FROM read_parquet({literal(plain / target.name)})) TO {literal(target)} {stated}")
            target.with_name(target.name + ".sha256").write_text(checksum(target))
    return folder


def use_release(version: str = VERSION) -> None:
    """As if it had been fetched: from now on the program has this small catalog instead of the installed one."""
    write_release(release.folder() / version, version)
    (release.folder() / "in-use").write_text(version)


def served(folder: Path) -> dict[str, Answer]:
    """The files of a folder for ``FileServer``."""
    return {f"/{path.name}": (200, {}, path.read_bytes()) for path in folder.iterdir() if path.is_file()}
