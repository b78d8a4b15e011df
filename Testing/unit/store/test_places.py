"""Where the versions of a series lie, from what the catalog knows."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from helpers.dicom_files import ROOT, write_stack
from helpers.planned import planned

from IDCBrowserLib.preview.downloaded import downloaded
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.importing import import_files
from IDCBrowserLib.store.places import _number_of_files, common_folder, folder_of_series, places_of, places_of_planned
from IDCBrowserLib.store.status import OlderVersion, SeriesPlace
from IDCBrowserLib.transfer.folders.journal import Journal, default_path
from IDCBrowserLib.transfer.folders.layout import series_directory
from IDCBrowserLib.transfer.folders.shared_stores import VARIABLE

NOW = planned("22222222-0000-4000-8000-000000000000", instance_count=3, size_bytes=300)
BEFORE = NOW._replace(crdc_series_uuid="11111111-0000-4000-8000-000000000000", size_bytes=200, idc_version=9, instance_count=None, is_prior=True)
UID = NOW.series_uid


class Known:
    """A lookup that knows these."""

    def __init__(self, current: Sequence[PlannedSeries], prior: Sequence[PlannedSeries]) -> None:
        self._current, self._prior = {item.series_uid: item for item in current}, prior

    def series(self, uids: Sequence[str]) -> dict[str, PlannedSeries]:
        return {uid: self._current[uid] for uid in uids if uid in self._current}

    def prior_of(self, uids: Sequence[str]) -> dict[str, list[PlannedSeries]]:
        return {uid: [item for item in self._prior if item.series_uid == uid] for uid in uids}


def _lookup(current: Sequence[PlannedSeries] = (), prior: Sequence[PlannedSeries] = ()) -> Lookup:
    return cast(Lookup, Known(current, prior))


def test_a_series_has_its_folder_its_version_and_the_versions_before_it() -> None:
    (place,) = places_of(_lookup([NOW], [BEFORE]), [UID, UID], "/data")
    assert (place.series_uid, place.instance_count, place.crdc_series_uuid, place.size_bytes) == (UID, 3, NOW.crdc_series_uuid, 300)
    assert place.directory is not None and place.directory.startswith("/data/test_collection/Patient-1/") and place.directory.endswith(f"CT_{UID}")
    (older,) = place.older
    assert (older.crdc_series_uuid, older.size_bytes) == (BEFORE.crdc_series_uuid, 200)
    assert older.directory is not None and older.directory != place.directory


def test_the_current_version_is_none_of_the_versions_before_it() -> None:
    (place,) = places_of_planned(_lookup(prior=[NOW, BEFORE]), [NOW], "/data")
    assert [older.crdc_series_uuid for older in place.older] == [BEFORE.crdc_series_uuid]


def test_a_series_that_idc_removed_has_only_versions_of_before() -> None:
    (place,) = places_of(_lookup(prior=[BEFORE]), [UID], "/data")
    assert place == SeriesPlace(UID, None, None, "", 0, place.older)
    assert [older.crdc_series_uuid for older in place.older] == [BEFORE.crdc_series_uuid]


def test_what_idc_never_had_and_what_lies_in_no_folder_has_no_place() -> None:
    assert places_of(_lookup(), ["1.2.3"], "/data") == [SeriesPlace("1.2.3")]
    (place,) = places_of(_lookup([NOW], [BEFORE]), [UID], None)
    assert place.directory is None and place.older == (OlderVersion(BEFORE.crdc_series_uuid, None, 200),)


@pytest.mark.parametrize("folder", ["/data", None])
def test_places_come_in_the_order_in_which_they_were_asked_for(folder: str | None) -> None:
    other = NOW._replace(series_uid="1.2.9")
    assert [place.series_uid for place in places_of(_lookup([NOW, other]), ["1.2.9", "7", UID], folder)] == ["1.2.9", "7", UID]


def test_the_folder_of_a_series_may_lie_in_a_shared_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, store = tmp_path / "downloads", tmp_path / "shared"
    monkeypatch.setenv(VARIABLE, str(store))
    database = Database(tmp_path / "database")
    assert folder_of_series(_lookup([NOW]), [UID], str(folder), database) == ""
    series = store / series_directory(NOW, str(store))
    series.mkdir(parents=True)
    for number in range(3):
        (series / f"{number}.dcm").write_bytes(bytes(100))
    assert folder_of_series(_lookup([NOW]), [UID], str(folder), database) == str(series)


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A series that was downloaded with a layout of the user's."""
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path / "home"))
    own = tmp_path / "downloads" / "by-patient" / "one"
    own.mkdir(parents=True)
    default_path().parent.mkdir(parents=True)
    journal = Journal(default_path())
    journal.complete(own, NOW.crdc_series_uuid, ["0.dcm"])
    journal.close()
    return own


def test_a_series_in_a_layout_of_the_users_has_its_place_there(recorded: Path, tmp_path: Path) -> None:
    (place,) = places_of(_lookup([NOW], [BEFORE]), [UID], str(tmp_path / "downloads"))
    assert place.directory == str(recorded)
    assert place.older[0].directory != str(recorded)
    assert folder_of_series(_lookup([NOW]), [UID], str(tmp_path / "downloads"), Database(tmp_path / "database")) == str(recorded)


def test_of_two_places_the_one_that_still_has_the_files_counts(recorded: Path, tmp_path: Path) -> None:
    """Whichever was written last: its files may have been removed by hand."""
    journal = Journal(default_path())
    for name in ("a", "z"):
        (recorded.parent / name).mkdir()
        journal.complete(recorded.parent / name, NOW.crdc_series_uuid, ["0.dcm"])
    journal.close()
    (recorded / "0.dcm").write_bytes(b"0")
    (place,) = places_of(_lookup([NOW]), [UID], str(tmp_path / "downloads"))
    assert place.directory == str(recorded)


@pytest.mark.parametrize("others", [[], ["a"]])
def test_a_place_that_may_not_be_read_costs_no_answer(recorded: Path, tmp_path: Path, others: list[str]) -> None:
    journal = Journal(default_path())
    for name in others:
        (recorded.parent / name).mkdir()
        journal.complete(recorded.parent / name, NOW.crdc_series_uuid, ["0.dcm"])
        (recorded.parent / name / "0.dcm").write_bytes(b"0")
    journal.close()
    recorded.chmod(0)
    try:
        if os.access(recorded, os.R_OK):
            pytest.skip("this user may read everything")
        (place,) = places_of(_lookup([NOW]), [UID], str(tmp_path / "downloads"))
    finally:
        recorded.chmod(0o755)
    assert place.directory == str(recorded.parent / others[0] if others else recorded)


def test_a_folder_that_cannot_be_listed_has_no_files(tmp_path: Path) -> None:
    assert _number_of_files(str(tmp_path / "gone")) == 0


def test_folders_with_nothing_in_common_are_told_by_the_first() -> None:
    assert common_folder(["/data/b", "/data/a"]) == os.path.normpath("/data")
    assert common_folder(["elsewhere", "/data/b", "/data/a"]) == "/data/a"
    assert common_folder([]) == ""


def test_the_usual_folder_comes_first_and_what_is_gone_or_elsewhere_does_not_count(recorded: Path, tmp_path: Path) -> None:
    usual = tmp_path / "downloads" / series_directory(NOW, str(tmp_path / "downloads"))
    for folder in (tmp_path / "downloads", tmp_path / "other", tmp_path / "down"):
        usual = folder / series_directory(NOW, str(folder))
        if folder.name == "downloads":
            usual.mkdir(parents=True)
        (place,) = places_of(_lookup([NOW]), [UID], str(folder))
        assert place.directory == str(usual)
    recorded.rmdir()
    (place,) = places_of(_lookup([NOW]), [UID], str(tmp_path / "downloads"))
    assert place.directory == str(tmp_path / "downloads" / series_directory(NOW, str(tmp_path / "downloads")))


def test_files_in_a_layout_of_the_users_are_there_for_previews(recorded: Path, tmp_path: Path) -> None:
    (recorded / "0.dcm").write_bytes(bytes(300))
    series = NOW._replace(instance_count=1)
    assert downloaded(series, str(tmp_path / "downloads")) == [recorded / "0.dcm"]
    (tmp_path / "link").symlink_to(tmp_path / "downloads")
    assert downloaded(series, str(tmp_path / "link")) == [recorded / "0.dcm"]
    usual = tmp_path / "downloads" / series_directory(series, str(tmp_path / "downloads"))
    usual.mkdir(parents=True)
    (usual / "1.dcm").write_bytes(bytes(300))
    assert downloaded(series, str(tmp_path / "downloads")) == [usual / "1.dcm"]
    assert downloaded(series, str(tmp_path / "other")) == downloaded(series, "") == []


def test_looking_for_the_place_of_a_series_writes_nothing(recorded: Path, tmp_path: Path) -> None:
    default_path().unlink()
    with contextlib.closing(sqlite3.connect(default_path())) as record, record:
        record.execute("CREATE TABLE completed (folder TEXT PRIMARY KEY, crdc_series_uuid TEXT NOT NULL)")
        record.execute("INSERT INTO completed VALUES (?, ?)", (str(recorded), NOW.crdc_series_uuid))
    before = default_path().read_bytes()
    (place,) = places_of(_lookup([NOW]), [UID], str(tmp_path / "downloads"))
    assert place.directory == str(recorded)
    assert default_path().read_bytes() == before


@pytest.mark.parametrize(
    ("there", "folder"), [((0,), "downloads/{0}"), ((1,), "downloads/{1}"), ((0, 1), "downloads/test_collection/Patient-1"), ((), "")]
)
def test_the_folder_of_several_series_is_the_one_that_all_with_files_lie_in(tmp_path: Path, there: Sequence[int], folder: str) -> None:
    both = [NOW, NOW._replace(series_uid="1.2.9", study_uid="1.2.8")]
    usual = [series_directory(item, str(tmp_path / "downloads")) for item in both]
    for number in there:
        (tmp_path / "downloads" / usual[number]).mkdir(parents=True)
    found = folder_of_series(_lookup(both), [item.series_uid for item in both], str(tmp_path / "downloads"), Database(tmp_path / "database"))
    assert found == (str(tmp_path / folder.format(*usual)) if folder else "")


def test_the_folder_of_an_older_version_and_those_of_imported_files_that_are_there_count(tmp_path: Path) -> None:
    downloads, database = tmp_path / "downloads", Database(tmp_path / "database")
    older = downloads / series_directory(BEFORE, str(downloads))
    older.mkdir(parents=True)
    assert folder_of_series(_lookup([NOW], [BEFORE]), [UID], str(downloads), database) == str(older)
    for name in ("own", "gone"):
        write_stack(tmp_path / name, [(0, 0, 0)], SeriesInstanceUID=UID, SOPInstanceUID=f"{ROOT}.{len(name)}")
    import_files(database, [tmp_path / "own", tmp_path / "gone"])
    (tmp_path / "gone" / "001.dcm").unlink()
    assert folder_of_series(_lookup(), [UID], str(downloads), database) == str(tmp_path / "own")


def test_of_two_places_only_dicom_files_speak_for_one(recorded: Path, tmp_path: Path) -> None:
    journal = Journal(default_path())
    for name in ("a", "z"):
        (recorded.parent / name).mkdir()
        journal.complete(recorded.parent / name, NOW.crdc_series_uuid, ["0.dcm"])
        for number in range(2):
            (recorded.parent / name / f"{number}.txt").touch()
    journal.close()
    (recorded / "0.dcm").touch()
    (place,) = places_of(_lookup([NOW]), [UID], str(tmp_path / "downloads"))
    assert place.directory == str(recorded)


@pytest.mark.parametrize("is_downloaded", [True, False])
def test_a_series_of_the_download_folder_is_not_looked_for_in_shared_stores(tmp_path: Path, is_downloaded: bool) -> None:
    folder, store = tmp_path / "downloads", tmp_path / "shared"
    for root in [store, folder][: 1 + is_downloaded]:
        series = root / series_directory(NOW, str(root))
        series.mkdir(parents=True)
        for number in range(3):
            (series / f"{number}.dcm").write_bytes(bytes(100))
    (place,) = places_of(_lookup([NOW]), [UID], str(folder), [store])
    assert place.directory == str(series)
    (nowhere,) = places_of(_lookup([NOW]), [UID], None, [store])
    assert nowhere.directory is None
    (absent,) = places_of(_lookup([NOW._replace(series_uid="1.2.9")]), ["1.2.9"], str(folder), [store])
    assert absent.directory == str(folder / series_directory(NOW._replace(series_uid="1.2.9"), str(folder)))


@pytest.mark.parametrize("number", [0, 1])
def test_of_just_two_places_the_one_with_files_counts_whichever_was_first(recorded: Path, tmp_path: Path, number: int) -> None:
    other = recorded.parent / "other"
    other.mkdir()
    journal = Journal(default_path())
    journal.complete(other, NOW.crdc_series_uuid, ["0.dcm"])
    journal.close()
    ((recorded, other)[number] / "0.dcm").touch()
    (place,) = places_of(_lookup([NOW]), [UID], str(tmp_path / "downloads"))
    assert place.directory == str((recorded, other)[number])
