"""Folders of downloaded series that others keep for many users: what is whole there is used where it lies."""

import os
from pathlib import Path

import pytest
from helpers.planned import planned

from IDCBrowserLib import site_defaults
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.folders.layout import series_directory
from IDCBrowserLib.transfer.folders.shared_stores import choose_stores, files_in_stores, shared_stores, take_from_stores
from IDCBrowserLib.transfer.item import TransferItem, TransferState

SERIES = planned("aaaaaaaa-0000-4000-8000-000000000001", instance_count=2, size_bytes=7)


def fill(store: Path, series: PlannedSeries = SERIES, sizes: tuple[int, ...] = (3, 4)) -> Path:
    folder = store / series_directory(series, str(store))
    folder.mkdir(parents=True)
    for number, size in enumerate(sizes):
        (folder / f"{number}.dcm").write_bytes(b"x" * size)
    return folder


def test_a_series_that_is_whole_in_a_store_is_found_with_its_files(tmp_path: Path) -> None:
    folder = fill(tmp_path)
    assert files_in_stores(SERIES, [tmp_path / "other", tmp_path]) == (folder, {"0.dcm": 3, "1.dcm": 4})


@pytest.mark.parametrize("sizes", [(), (3,), (3, 3), (3, 5), (3, 4, 0)])
def test_one_that_differs_from_what_the_index_states_is_not_used(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    fill(tmp_path, sizes=sizes)
    assert files_in_stores(SERIES, [tmp_path]) is None


def test_links_in_a_store_do_not_count(tmp_path: Path) -> None:
    folder = fill(tmp_path, sizes=(3,))
    (tmp_path / "elsewhere").write_bytes(b"abcd")
    (folder / "1.dcm").symlink_to(tmp_path / "elsewhere")
    assert files_in_stores(SERIES, [tmp_path]) is None


def test_single_instances_are_not_looked_for_in_a_store(tmp_path: Path) -> None:
    fill(tmp_path)
    assert files_in_stores(SERIES._replace(instances=("0",)), [tmp_path]) is None


def test_what_is_begun_in_the_download_folder_is_finished_there(tmp_path: Path) -> None:
    fill(tmp_path / "shared")
    item = TransferItem(SERIES, series_directory(SERIES, str(tmp_path / "own")))
    (tmp_path / "own" / item.directory).mkdir(parents=True)
    assert take_from_stores([item], tmp_path / "own", [tmp_path / "shared"]) == [item]
    assert item.state is TransferState.QUEUED


def test_of_many_series_those_that_are_shared_are_taken_and_the_others_stay_in_their_order(tmp_path: Path) -> None:
    others = [SERIES._replace(crdc_series_uuid=f"other-{number}", series_uid=f"1.2.{number}") for number in range(2)]
    fill(tmp_path / "shared")
    items = [TransferItem(one, series_directory(one, str(tmp_path / "own"))) for one in (others[0], SERIES, others[1])]
    assert take_from_stores(items, tmp_path / "own", []) == items
    assert take_from_stores(items, tmp_path / "own", [tmp_path / "none", tmp_path / "shared"]) == [items[0], items[2]]
    shared = items[1]
    assert (shared.state, shared.files_total, shared.files_done, shared.bytes_total, shared.bytes_done) == (TransferState.COMPLETE, 2, 2, 7, 7)
    assert shared.files() == {"0.dcm": 3, "1.dcm": 4} and shared.bytes_fetched == 0


@pytest.mark.parametrize(("count", "size"), [(None, 7), (2, 8), (2, 6), (3, 7), (1, 7)])
def test_only_what_the_index_states_in_number_and_bytes_is_whole(count: int | None, size: int, tmp_path: Path) -> None:
    folder = fill(tmp_path)
    (folder / "notes.txt").write_text("mine")
    assert files_in_stores(SERIES._replace(instance_count=count, size_bytes=size), [tmp_path]) is None
    assert files_in_stores(SERIES, [tmp_path]) is not None


def test_a_download_of_what_is_shared_needs_no_network_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fill(tmp_path / "shared")
    monkeypatch.setenv("IDC_BROWSER_ALSO_LOOK_IN", str(tmp_path / "shared"))
    before = sorted((str(path), path.stat().st_mtime_ns) for path in (tmp_path / "shared").rglob("*"))
    completed: list[TransferItem] = []
    report = download(Plan((SERIES,)), tmp_path / "own", on_complete=completed.append)
    (entry,) = report.to_json()["series"]
    assert (entry["state"], entry["files"], entry["bytes"], entry["directory"]) == ("complete", 2, 7, str(folder))
    assert [item.series for item in completed] == [SERIES] and report.bytes_fetched == 0
    assert sorted((str(path), path.stat().st_mtime_ns) for path in (tmp_path / "shared").rglob("*")) == before
    assert not (tmp_path / "own").exists()


def test_stores_that_a_user_chose_hold_instead_of_those_of_the_machine(tmp_path: Path, home: Path) -> None:
    site_defaults.write(home / site_defaults.NAME, {"also_look_in": ["/data/idc"], "settings": {"x": "1"}}, "")
    choose_stores([str(tmp_path)])
    assert shared_stores() == (tmp_path,) and site_defaults.setting("x") == "1"
    choose_stores([])
    assert shared_stores() == ()


def test_a_store_that_cannot_be_read_is_named_and_the_former_ones_hold(tmp_path: Path, home: Path) -> None:
    choose_stores([str(tmp_path)])
    (tmp_path / "file").touch()
    for wrong in ("shared", str(tmp_path / "file"), str(tmp_path / "none")):
        with pytest.raises(InputError, match=wrong):
            choose_stores([str(tmp_path), wrong])
    assert shared_stores() == (tmp_path,)


def test_stores_of_the_environment_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDC_BROWSER_ALSO_LOOK_IN", os.pathsep.join(["/data/a", "", "/data/b"]))
    assert shared_stores() == (Path("/data/a"), Path("/data/b"))


def test_a_file_of_decisions_that_cannot_be_read_is_left_as_it_is(tmp_path: Path, home: Path) -> None:
    text = '{"download_folder": "/data/mine",}'
    site_defaults.write(home / site_defaults.NAME, {}, "")
    (home / site_defaults.NAME).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"defaults\.json cannot be read .* or correct it"):
        choose_stores([str(tmp_path)])
    assert (home / site_defaults.NAME).read_text("utf-8") == text


def test_what_another_program_decided_meanwhile_stays(tmp_path: Path, home: Path) -> None:
    choose_stores([str(tmp_path)])
    assert site_defaults.setting("x") is None
    (home / site_defaults.NAME).write_text('{"settings": {"x": "1"}}', encoding="utf-8")
    choose_stores([str(tmp_path)])
    assert site_defaults.setting("x") == "1"
