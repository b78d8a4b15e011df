"""Which parquet files make up the catalog: those of the installed idc-index-data, and further ones with the same columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from IDCBrowserLib import paths
from IDCBrowserLib.catalog.files import side_indices
from IDCBrowserLib.errors import CatalogError

_PACKAGE = "idc-index-data"
_FOLDER = "idc_index_data"
_INFO = ".dist-info"

# Without these there is nothing to browse.
_REQUIRED = ("idc_index",)


@dataclass(frozen=True)
class Sources:
    """Parquet files by role. ``series`` and ``collections`` may be several (the first is IDC's, further ones add to it)."""

    series: tuple[Path, ...]
    collections: tuple[Path, ...] = ()
    prior_versions: Path | None = None
    analysis_results: Path | None = None
    versions: Path | None = None
    # Further files like seg_index and rtstruct_index, wherever they lie.
    references: tuple[Path, ...] = ()
    # Where side indices are looked for, in this order.
    side_folders: tuple[Path, ...] = ()
    data_version: str = ""
    # Version of the installed package, where these files are newer than those inside it.
    bundled_version: str = ""

    def all_files(self) -> list[Path]:
        """Every file, for the list of what may be read."""
        optional = [path for path in (self.prior_versions, self.analysis_results, self.versions) if path is not None]
        sides = [folder / f"{name}.parquet" for folder in self.side_folders for name in side_indices.SIDE_INDICES]
        return [*self.series, *self.collections, *self.references, *optional, *sides]

    def side(self) -> dict[str, Path]:
        """The side indices that are here now, by name."""
        found = {name: side_indices.find(name, self.side_folders) for name in side_indices.SIDE_INDICES}
        return {name: path for name, path in found.items() if path is not None}


def index_data_version() -> str:
    """Version of the installed idc-index-data; its first number is the IDC release."""
    return _installed()[0]


def _installed() -> tuple[str, Path]:
    """Version and folder of the installed idc-index-data; raises ``CatalogError`` when it is not installed."""
    for entry in sys.path:
        # As importlib.metadata looks, whose import takes longer than all that a short command does besides.
        with suppress(OSError):
            for name in os.listdir(entry or "."):
                version = name.removeprefix(f"{_FOLDER}-").removesuffix(_INFO)
                if name == f"{_FOLDER}-{version}{_INFO}":
                    return version, Path(entry, _FOLDER)
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(_PACKAGE)
    except PackageNotFoundError as error:
        raise CatalogError("The package idc-index-data is not installed; run: pip install idc-index") from error
    # The distribution's own record of files would also answer, but reading it takes longer than the question is worth.
    return found.version, Path(str(found.locate_file(_FOLDER)))


def find_sources(folder: Path | None = None, bundled: bool = False) -> Sources:
    """The files of a newer release that was fetched (``release``), unless ``bundled``; else of idc-index-data, found without importing it (which
    reads every schema); or of ``folder`` if that is given.

    Raises ``CatalogError`` when the package or its main index is missing.
    """
    installed, package = _installed() if folder is None else ("", folder)
    version = installed
    newer = None if folder is not None or bundled else _newer_release(installed)
    if newer is not None:
        folder, version = newer, newer.name
    folder = folder if folder is not None else package
    for name in _REQUIRED:
        if not (folder / f"{name}.parquet").is_file():
            raise CatalogError(f"The index file {folder / name}.parquet is missing; run: pip install --force-reinstall idc-index-data")
    return Sources(
        series=(folder / "idc_index.parquet",),
        collections=_existing(folder / "collections_index.parquet"),
        prior_versions=_optional(folder / "prior_versions_index.parquet"),
        analysis_results=_optional(folder / "analysis_results_index.parquet"),
        versions=_optional(folder / "version_metadata_index.parquet"),
        side_folders=side_indices.folders(version) if version else (),
        data_version=version,
        bundled_version=installed if newer is not None else "",
    )


def _newer_release(installed: str) -> Path | None:
    # Most people never fetched one; then what fetches is not even imported.
    if not paths.releases_folder().is_dir():
        return None
    from IDCBrowserLib.catalog.files import release

    return release.in_use(installed)


def check_extra(paths: Iterable[Path]) -> list[Path]:
    """The further files as absolute paths; raises ``CatalogError`` for one that does not exist."""
    found = []
    for path in paths:
        if not Path(path).is_file():
            raise CatalogError(f"The additional index file {path} does not exist; remove it from the sources or create it again.")
        found.append(Path(path).resolve())
    return found


def _existing(path: Path) -> tuple[Path, ...]:
    return (path,) if path.is_file() else ()


def _optional(path: Path) -> Path | None:
    return path if path.is_file() else None
