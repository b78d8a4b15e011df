"""Many CT series in a bucket of their own with their rows of the catalog: for downloads that take a while."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.dicom_files import write_series
from IDCBrowserLib.demo import bucket, catalog_rows


@dataclass(frozen=True)
class CtSeries:
    """See ``catalog_rows.SeriesOnDisk``."""

    crdc_series_uuid: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class ManySeries:
    """``rows`` is a source of the catalog."""

    endpoint_url: str
    rows: Path
    uuids: tuple[str, ...]
    files: int


@contextlib.contextmanager
def many_series(folder: Path, series: int, files: int, pixels: int = 32) -> Iterator[ManySeries]:
    """``series`` of ``files`` each, served while the block runs."""
    objects = folder / "objects"
    made = [_one(objects, number, files, pixels) for number in range(1, series + 1)]
    rows = catalog_rows.write(folder / "many_index.parquet", made)
    with bucket.serve(objects) as endpoint_url:
        yield ManySeries(endpoint_url, rows, tuple(one.crdc_series_uuid for one in made), series * files)


def _one(objects: Path, number: int, files: int, pixels: int) -> CtSeries:
    name = str(uuid.UUID(int=number, version=4))
    paths = write_series(objects, number, files, pixels)
    target = objects / name
    paths[0].parent.rename(target)
    moved = [(target / path.name).rename(target / f"{uuid.UUID(int=number * 100_000 + place, version=4)}.dcm") for place, path in enumerate(paths)]
    return CtSeries(name, tuple(moved))
