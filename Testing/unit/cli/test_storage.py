"""``storage`` says what is kept, ``remove`` deletes it after asking."""

from pathlib import Path

import pytest
from helpers.dicom_files import write_stack
from helpers.recorded import record
from helpers.small_command_line import CommandLine

from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.importing import import_files

UID = "1.2.1.3"


@pytest.fixture
def kept(idc_browser: CommandLine) -> Path:
    """The SEG of the small catalog (one instance) in the database, and a part of its CT beside it."""
    study = idc_browser.home / "data" / "Downloads" / "lung_ct" / "P2" / "1.2.1"
    write_stack(study / f"SEG_{UID}", [(0, 0, 0)], SeriesInstanceUID=UID, SOPInstanceUID=f"{UID}.1")
    write_stack(study / "CT_1.2.1.1", [(0, 0, 0), (0, 0, 1)], SeriesInstanceUID="1.2.1.1", StudyInstanceUID="1.2.1")
    import_files(Database(idc_browser.home / "data" / "DICOM"), [study / f"SEG_{UID}"])
    record([study / f"SEG_{UID}", study / "CT_1.2.1.1"], study.parents[2])
    return study


def test_storage_lists_collections_series_leftovers_and_folders(idc_browser: CommandLine, kept: Path) -> None:
    document = idc_browser.json("storage")
    assert {item["SeriesInstanceUID"]: (item["status"], item["files"], item["PatientID"]) for item in document["series"]} == {
        UID: ("in database", 1, "P2"),
        "1.2.1.1": ("partial", 2, "P2"),
    }
    (collection,) = document["collections"]
    assert (collection["collection_id"], collection["series"], collection["bytes"]) == (
        "lung_ct",
        2,
        sum(path.stat().st_size for path in kept.rglob("*.dcm")),
    )
    assert [item["kind"] for item in document["leftovers"]] == ["partial"]
    assert {place["kind"] for place in document["places"]} == {"downloads", "database", "catalog", "indices", "journal"}
    text = idc_browser.text("storage")
    assert "lung_ct" in text and "free on disk" in text and "to clean up" in text


def test_storage_of_nothing_is_no_error(idc_browser: CommandLine) -> None:
    assert idc_browser.json("storage")["series"] == []
    assert "0 series" in idc_browser.text("storage")


def test_remove_wants_a_yes_where_nobody_can_be_asked(idc_browser: CommandLine, kept: Path) -> None:
    idc_browser.fails(2, "1 series, 1 file", "remove", UID)
    assert (kept / f"SEG_{UID}").exists()
    assert idc_browser.json("remove", UID, "--yes")["files"] == 1
    assert not (kept / f"SEG_{UID}").exists() and (kept / "CT_1.2.1.1").exists()
    assert idc_browser.text("remove", UID, "--yes") == "None of that is on this computer.\n"


def test_a_study_is_removed_with_all_its_series(idc_browser: CommandLine, kept: Path) -> None:
    assert "Deleted 2 series, 3 files" in idc_browser.text("remove", "1.2.1", "--yes")
    assert not kept.exists()


def test_what_the_user_put_there_stays_and_is_named(idc_browser: CommandLine, kept: Path) -> None:
    mine = kept / f"SEG_{UID}" / "mine.dcm"
    mine.write_bytes(b"mine")
    text = idc_browser.text("remove", UID, "--yes")
    assert "Deleted 1 series, 1 file" in text and "1 file of yours stays" in text and str(mine) in text
    assert mine.read_bytes() == b"mine"
    assert "None of that was downloaded by this program." in idc_browser.text("remove", UID, "--yes")
    assert idc_browser.json("remove", UID, "--yes")["kept"] == [str(mine)]


def test_an_unknown_identifier_was_not_found(idc_browser: CommandLine) -> None:
    code, _output, errors = idc_browser.run("remove", "1.2.3.4.5.6", "--yes")
    assert code == 3 and "1.2.3.4.5.6" in errors
