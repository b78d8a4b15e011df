"""The origin of converted data, for file headers and ``--json``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.files.sources import find_sources
from IDCBrowserLib.catalog.origin_table import open_table
from IDCBrowserLib.cli.catalog_options import open_catalog
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import CatalogError, StorageError
from IDCBrowserLib.idc_keys import idc_keys

if TYPE_CHECKING:
    import argparse
    from concurrent.futures import Future

    from IDCBrowserLib.api.catalog import Provenance, SeriesFolder
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.catalog.origin_table import OriginTable
    from IDCBrowserLib.labelmap.types import Labelmap

_IMAGES_LICENSE = "IDC.images_license"


class Origins:
    """Asks the small table of origins; where there is none, the catalog, which is opened while the first conversion goes on and makes the table.

    Use it as a context manager.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._table = None if arguments.catalog_source else _table()
        self._opening = None if self._table is not None else _opening(arguments)
        self._problem = ""

    def __enter__(self) -> Origins:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._opening is not None and self._opening.exception() is None:
            self._opening.result().close()

    def add(self, parts: Sequence[Labelmap], file: str | Path, images: Sequence[str | Path]) -> tuple[list[Labelmap], list[Provenance]]:
        """The labelmaps of ``file`` with what IDC's index states of it, and the rows of its series and of its images, as far as it has them."""
        rows = self.rows(_series(parts, file, images))
        return [replace(part, provenance=_keys(part, rows)) for part in parts], rows

    def rows(self, series: Sequence[SeriesFolder]) -> list[Provenance]:
        """What the index has of these series. An index that cannot be read is said once; it stops no conversion."""
        from IDCBrowserLib.store.provenance import provenance_of

        try:
            if self._table is not None:
                return provenance_of(self._table, series)
            if self._opening is not None and not self._problem:
                return provenance_of(self._opening.result(), series)
        except CatalogError as error:
            self._problem = str(error)
            say(f"License and version of the data were not written: {error}")
        return []


def _table() -> OriginTable | None:
    with suppress(CatalogError):
        return open_table(find_sources())
    return None


def _opening(arguments: argparse.Namespace) -> Future[Catalog]:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    opening = pool.submit(_opened, arguments)
    pool.shutdown(wait=False)
    return opening


def _opened(arguments: argparse.Namespace) -> Catalog:
    """The catalog, once the next command need not open it."""
    catalog = open_catalog(arguments)
    if not arguments.catalog_source:
        # Without the table everything goes on as before.
        with suppress(CatalogError, StorageError, OSError):
            catalog.write_origins()
    return catalog


def _series(parts: Sequence[Labelmap], file: str | Path, images: Sequence[str | Path]) -> list[SeriesFolder]:
    """The object's own series first. Images that lie in one folder are taken for one series."""
    source = parts[0].source
    folders = {os.path.dirname(os.path.abspath(path)) for path in images}
    images_folder = folders.pop() if len(folders) == 1 else ""
    uids = dict.fromkeys(uid for uid in [*(part.series_uid for part in parts), *source.referenced_series_uids] if uid and uid != source.series_uid)
    own: SeriesFolder = {"SeriesInstanceUID": source.series_uid, "folder": os.path.dirname(os.path.abspath(file))}
    referenced: list[SeriesFolder] = [{"SeriesInstanceUID": uid, "folder": images_folder if len(uids) == 1 else ""} for uid in uids]
    return [own, *referenced]


def _keys(part: Labelmap, rows: Sequence[Provenance]) -> dict[str, str]:
    """Of the object itself; what is drawn on images that must not be used commercially is of little use without their license."""
    keys: dict[str, str] = {}
    licenses = []
    for row in rows:
        if row["SeriesInstanceUID"] == part.source.series_uid:
            keys = idc_keys(row)
        elif row["license_short_name"] and (not part.series_uid or row["SeriesInstanceUID"] == part.series_uid):
            licenses.append(row["license_short_name"])
    return {**keys, **({_IMAGES_LICENSE: "; ".join(sorted(set(licenses)))} if licenses else {})}
