"""Everything the demo needs around the program: the phantom, its catalog rows, a bucket that serves it, and its own folders."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib import paths
from IDCBrowserLib.demo import bucket, catalog_rows, phantom
from IDCBrowserLib.demo.identity import COLLECTION_ID
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.objects import make
from IDCBrowserLib.task import Task


@dataclass(frozen=True)
class World:
    """A running demo world; ``close`` ends the server and removes the demo's downloads and database.

    ``truth`` is what converted voxels are compared with, ``objects_truth`` what the further objects are.
    """

    folder: Path
    series: list[PhantomSeries]
    truth: dict[str, Any]
    catalog_sources: tuple[Path, ...]
    server: bucket.Bucket
    collection_id: str = COLLECTION_ID
    objects_truth: dict[str, Any] = field(default_factory=dict)

    @property
    def endpoint_url(self) -> str:
        """Of the bucket."""
        return self.server.endpoint_url

    @property
    def download_folder(self) -> Path:
        """Where the demo downloads to; empty at the start, so that something is downloaded each time."""
        return self.folder / "downloads"

    @property
    def database(self) -> Path:
        """Folder of the demo's DICOM database."""
        return self.folder / "database"

    def close(self) -> None:
        """End it; may be called twice."""
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def open_world(task: Task | None = None, phantom_folder: Path | None = None, objects_folder: Path | None = None) -> World:
    """Make or find the phantom (kept in the cache folder), write its rows, serve it; with ``objects_folder`` also its further objects.

    Raises ``OSError`` without room or permission, ``TransferError`` when the server does not start, ``CancelledError``.
    """
    source = phantom_folder or paths.cache_folder() / "demo-phantom"
    series, folders = phantom.write(source, task), [source]
    if objects_folder is not None:
        series += make.write(objects_folder, task)
        folders.append(objects_folder)
    folder = Path(tempfile.mkdtemp(prefix="idc-browser-demo-"))
    try:
        rows = catalog_rows.write(folder / "demo_index.parquet", series)
        card = catalog_rows.write_collection(folder / "demo_collections_index.parquet")
        sources = [rows, card]
        if objects_folder is not None:
            sources.append(catalog_rows.write_instances(folder / "demo_sm_instance_index.parquet", series))
        server = bucket.start(folders)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    objects_truth = make.truth(objects_folder) if objects_folder is not None else {}
    return World(folder, series, phantom.truth(source), tuple(sources), server, objects_truth=objects_truth)


def usual_objects_folder() -> Path:
    """Where the further objects are kept."""
    return paths.cache_folder() / "demo-objects"
