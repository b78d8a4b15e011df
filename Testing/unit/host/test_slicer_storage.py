"""Removing from and moving below Slicer's DICOM database: rows by ctk, files by the engine. Real files, a real engine's functions, fakes of ctk."""

from __future__ import annotations

import os
import shutil

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers.fake_host import FakeEngine
from helpers.fake_slicer import FakeSlicer
from helpers.recorded import record
from PySide6 import QtTest, QtWidgets

from IDCBrowserLib.errors import CancelledError, StorageError
from IDCBrowserLib.host.slicer.dicom.database import SlicerStore
from IDCBrowserLib.store.removing import RemovalTarget, RemoveReport, remove_series


class Bench:
    """A store on a fake Slicer whose download folder holds two series; what the engine is asked is answered from ``answers``."""

    def __init__(self, fake, series, folder):
        self.fake = fake
        self.folder = folder / "downloads"
        self.uids, self.files = {}, {}
        for key in ("mr_seg", "rtstruct"):
            target = self.folder / "c" / "p" / "s" / f"X_{series[key].series_instance_uid}"
            target.mkdir(parents=True)
            self.uids[key] = series[key].series_instance_uid
            self.files[key] = [shutil.copy(path, target) for path in map(str, series[key].files)]
            record([target], self.folder)
            for path in self.files[key]:
                fake.database.insert(path)
        self.engine = FakeEngine(
            {
                "store.rows_of": lambda _p: {"series": [self.uids["mr_seg"]], "again": []},
                "store.remove": self.remove,
                "store.move": self.move,
                "store.move_end": lambda _p: {"removed": RemoveReport().to_json()},
            }
        )
        self.store = SlicerStore(self.engine.client, lambda: str(self.folder))
        self.done, self.errors, self.progress = [], [], []

    def remove(self, parameters):
        assert parameters["rows"] is False, "rows are Slicer's"
        directory = os.path.dirname(self.files["mr_seg"][0])
        return remove_series(None, parameters["folder"], [RemovalTarget(self.uids["mr_seg"], (directory,))]).to_json()

    def move(self, parameters):
        assert parameters["rows"] is False
        shutil.move(self.folder, parameters["to"])
        before, after = os.path.dirname(self.files["rtstruct"][0]), parameters["to"]
        again, nothing = [before.replace(str(self.folder), after)], RemoveReport().to_json()
        planned = {"to": after, "series": 2, "files": 2, "bytes": 2, "stay": 0, "same_disk": True, "needed": 0, "free": 9}
        return {**planned, "removed": nothing, "again": again, "left_out": []}

    def settle(self):
        for _ in range(300):
            self.engine.settle(1)
            if self.done or self.errors:
                break
            QtTest.QTest.qWait(5)


@pytest.fixture
def bench(monkeypatch, tmp_path, series):
    _application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    fake = FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    return Bench(fake, series, tmp_path)


def test_rows_go_through_slicer_and_files_through_the_engine(bench):
    bench.store.remove({"series": [bench.uids["mr_seg"]]}, bench.done.append, bench.errors.append, bench.progress.append)
    bench.settle()
    assert bench.errors == [] and bench.done[0]["files"] == len(bench.files["mr_seg"])
    assert not os.path.exists(bench.files["mr_seg"][0]) and os.path.exists(bench.files["rtstruct"][0])
    assert bench.fake.database.filesForSeries(bench.uids["mr_seg"]) == ()
    assert bench.fake.database.filesForSeries(bench.uids["rtstruct"]) == tuple(bench.files["rtstruct"])
    assert bench.progress[0].unit == "series"


def test_files_of_the_same_series_elsewhere_come_back_into_the_database(bench, tmp_path):
    own = str(shutil.copy(bench.files["mr_seg"][0], tmp_path / "own.dcm"))
    bench.engine.handlers["store.rows_of"] = lambda _p: {"series": [bench.uids["mr_seg"]], "again": [own]}
    bench.store.remove({"series": [bench.uids["mr_seg"]]}, bench.done.append, bench.errors.append, bench.progress.append)
    bench.settle()
    assert bench.fake.database.filesForSeries(bench.uids["mr_seg"]) == (own,)


def test_a_refusal_of_the_engine_leaves_rows_and_files_alone(bench):
    def refuse(_parameters):
        raise StorageError("being downloaded")

    bench.engine.handlers["store.rows_of"] = refuse
    bench.store.remove({"series": [bench.uids["mr_seg"]]}, bench.done.append, bench.errors.append, bench.progress.append)
    bench.settle()
    assert str(bench.errors[0]) == "being downloaded" and bench.fake.database.filesForSeries(bench.uids["mr_seg"]) != ()


def test_canceling_is_told(bench):
    bench.engine.process.hold("store.rows_of")
    work = bench.store.remove({"series": [bench.uids["mr_seg"]]}, bench.done.append, bench.errors.append, bench.progress.append)
    work.cancel()
    bench.settle()
    assert isinstance(bench.errors[0], CancelledError) and bench.done == []


def test_after_a_move_the_database_has_the_files_at_their_new_place(bench, tmp_path):
    to = str(tmp_path / "elsewhere")
    bench.store.move(to, 0, bench.done.append, bench.errors.append, bench.progress.append)
    bench.settle()
    assert bench.errors == [] and bench.done[0]["left_out"] == [] and bench.done[0]["removed"]["failed_count"] == 0
    files = bench.fake.database.filesForSeries(bench.uids["rtstruct"])
    assert any(path.startswith(to) for path in files) and bench.engine.process.calls("store.move_end") == [{}]
