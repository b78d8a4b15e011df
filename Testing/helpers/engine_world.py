"""Two engines that can be asked the same questions: the real one on a few series that are here, and the fake one of the panels' tests."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from helpers.clinical_files import bucket_answers, write_index, write_tables
from helpers.engine_here import EngineHere
from helpers.fake_catalog import FakeCatalog
from helpers.fake_host import FakeEngine
from helpers.fake_images import FakeImages
from helpers.made_volumes import labelmap
from helpers.planned import planned
from helpers.release_files import served, use_release, write_release
from helpers.side_files import FileServer, checksum, write_side_index
from IDCBrowserLib.api import catalog, clinical, downloads, expert, selection, storage
from IDCBrowserLib.api import transfer as api_transfer
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.values import Buckets, Folders
from IDCBrowserLib.catalog.files import side_indices
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.task import Progress
from IDCBrowserLib.transfer.folders.incoming import PREFIX
from IDCBrowserLib.transfer.folders.journal import default_path
from IDCBrowserLib.transfer.jobs import job_store_beside
from IDCBrowserLib.transfer.options import TransferOptions

R = TypeVar("R")

_LONGEST_S = 30.0
# The release in use, and one that is offered.
_USED, _OFFERED = "26.0.1", "26.0.2"


@dataclass
class EngineWorld:
    """An engine and what may be asked of it: one case with a CT, a SEG of it and an RTSTRUCT, by their SeriesInstanceUIDs, and their ``files``.

    ``text`` finds something. ``offered`` is where side indices and a release come from. ``folders`` hold all three, downloaded and imported.
    """

    client: EngineClient
    folder: Path
    collection: str
    case: str
    study: str
    ct: str
    seg: str
    rtstruct: str
    analysis_result: str
    text: str
    files: Mapping[str, Sequence[str]]
    offered: str
    buckets: Buckets
    tables: Buckets
    folders: Folders
    progress: list[Progress] = field(default_factory=list)
    _numbers: int = 0

    def ask(self, question: Question[R]) -> R:
        """The answer; raises the engine's error."""
        answered: list[Any] = []
        failed: list[IDCBrowserError] = []
        self.client.ask(question, answered.append, failed.append, self.progress.append)
        end = time.monotonic() + _LONGEST_S
        while not answered and not failed:
            assert time.monotonic() < end, f"no answer to {question.method}"
            self.client.poll()
            time.sleep(0.001)
        if failed:
            raise failed[0]
        return answered[0]  # type: ignore[no-any-return]

    def options(self) -> downloads.Options:
        """Of a download."""
        endpoint = self.buckets.get("endpoint_url")
        return {"endpoint_url": endpoint} if endpoint else {}

    def path(self, name: str) -> str:
        """A file or folder that is not there yet."""
        self._numbers += 1
        return str(self.folder / f"{self._numbers}-{name}")

    def view(self) -> int:
        """An open view of all series of the case."""
        return self.ask(catalog.VIEW({"level": "series", "parents": [{"level": "cases", "ids": [self.case]}]}))["view"]

    def plan(self) -> int:
        """A plan of the RTSTRUCT, with a line that names nothing."""
        return self.ask(selection.PLAN({"sources": [self.rtstruct, "no such thing"]}))["plan"]

    def result(self) -> int:
        """Of a query that names series."""
        patient = self.case.partition("/")[2]
        return self.ask(expert.RUN({"query": f"SELECT SeriesInstanceUID, Modality FROM index WHERE PatientID = '{patient}'"}))["view"]

    def job(self) -> str:
        """A download that is queued."""
        return self.ask(downloads.ENQUEUE({"plan": self.plan(), "to": self.path("to"), "options": self.options()}))["job"]

    def stored(self) -> Folders:
        """The RTSTRUCT in folders of its own, beside what a download left that was killed."""
        folders: Folders = {"folder": self.path("downloads"), "database": self.path("database")}
        store(self, [self.rtstruct], folders)
        arriving = Path(folders["folder"], f"{PREFIX}0123456789ab")
        arriving.mkdir(parents=True)
        arriving.with_name(f"{arriving.name}.lock").touch()
        return folders

    def label_file(self) -> str:
        """Of several segments, in layers."""
        from IDCBrowserLib.labelmap.files.write import write

        path = self.path("labels.seg.nrrd")
        write(labelmap(), path)
        return path

    def damaged_file(self) -> str:
        """DICOM by its beginning, and nothing more."""
        path = Path(self.path("damaged.dcm"))
        path.write_bytes(bytes(128) + b"DICM" + bytes(40))
        return str(path)

    def inventory(self, folders: Folders) -> storage.Inventory:
        """A fresh look."""
        return self.ask(storage.INVENTORY({"folder": folders["folder"], "database": folders["database"], "again": True}))


def store(world: EngineWorld, series: Sequence[str], folders: Folders) -> api_transfer.Downloaded:
    """Download and import."""
    plan = world.ask(selection.PLAN({"sources": series}))["plan"]
    params: api_transfer.DownloadParameters = {"plan": plan, "to": folders["folder"], "import_to": folders["database"], "options": world.options()}
    return world.ask(api_transfer.DOWNLOAD(params))


@contextlib.contextmanager
def real_world(demo: World, folder: Path) -> Iterator[EngineWorld]:
    """The real engine in this process, on an invented release and the demo's series; with clinical tables, side indices and a download left over."""
    patch = pytest.MonkeyPatch()
    patch.setenv("IDC_BROWSER_HOME", str(folder / "home"))
    keys = {item.key: item for item in demo.series}
    ct, seg, rtstruct = keys["ct"], keys["seg_binary"], keys["rtstruct"]
    patient = "DEMO-001"
    use_release(_USED)
    own = side_indices.own_folder(_USED)
    write_index(own, demo.collection_id)
    rows = {
        "seg_index": [{"SeriesInstanceUID": seg.series_instance_uid, "segmented_SeriesInstanceUID": ct.series_instance_uid, "total_segments": 2}],
        "ct_index": [{"SeriesInstanceUID": ct.series_instance_uid, "KVP": 120.0}],
    }
    for name, values in rows.items():
        write_side_index(own, name, values, _USED)
    offered = write_release(folder / "offered", _OFFERED)
    for name in ("pt_index", "mr_index"):
        path = write_side_index(offered, name, (), _USED)
        path.with_name(f"{path.name}.sha256").write_text(checksum(path))
    write_tables(folder / "tables", patient)
    with FileServer(bucket_answers(folder / "tables", 26)) as tables, FileServer(served(offered)) as index_server:
        client = EngineClient(lambda: EngineHere({"catalog_sources": [str(path) for path in demo.catalog_sources]}))
        world = EngineWorld(
            client,
            folder,
            demo.collection_id,
            f"{demo.collection_id}/{patient}",
            ct.study_instance_uid,
            ct.series_instance_uid,
            seg.series_instance_uid,
            rtstruct.series_instance_uid,
            "nodules_seg",
            "phantom",
            {name: [str(path) for path in keys[key].files] for name, key in (("ct", "ct"), ("seg", "seg_binary"), ("rtstruct", "rtstruct"))},
            index_server.url,
            {"endpoint_url": demo.endpoint_url},
            {"endpoint_url": tables.url},
            {"folder": str(folder / "downloads"), "database": str(folder / "database")},
        )
        try:
            store(world, [world.ct, world.seg, world.rtstruct], world.folders)
            world.ask(clinical.FETCH({"tables": ["lung_ct_demographics", "lung_ct_visits"], "endpoint_url": tables.url}))
            _leave_download(ct.crdc_series_uuid, folder / "left")
            yield world
        finally:
            client.close()
            patch.undo()


@contextlib.contextmanager
def fake_world(folder: Path) -> Iterator[EngineWorld]:
    """What the tests of panels and of loading have for an engine."""
    made, images = FakeCatalog(), FakeImages(folder)
    engine = FakeEngine({**made.handlers(), **images.handlers()})
    ct, seg, rtstruct = made.rows["series"][:3]
    yield EngineWorld(
        engine.client,
        folder,
        ct["collection_id"],
        f"{ct['collection_id']}/{ct['PatientID']}",
        ct["StudyInstanceUID"],
        ct["SeriesInstanceUID"],
        seg["SeriesInstanceUID"],
        rtstruct["SeriesInstanceUID"],
        "lung_seg",
        ct["SeriesInstanceUID"],
        {"ct": ["/ct/1.dcm"], "seg": ["/seg/1.dcm"], "rtstruct": ["/rtstruct/1.dcm"]},
        "/offered",
        {},
        {},
        {"folder": "/downloads", "database": "/database"},
    )
    engine.client.close()


def _leave_download(uuid: str, folder: Path) -> None:
    """As a program does that dies while its download waits."""
    number = job_store_beside(default_path()).add([planned(uuid)], folder, TransferOptions(), about={"series": 1, "bytes": 1000}, waiting=True)
    assert number is not None
