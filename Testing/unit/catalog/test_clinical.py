"""Clinical data of a case from generated tables; getting them from a local bucket, with faults."""

from pathlib import Path

import pytest
from helpers.clinical_files import COLLECTION, bucket_answers, write_index, write_tables
from helpers.side_files import Answer, FileServer

from IDCBrowserLib.catalog.about.clinical_tables import ClinicalTables
from IDCBrowserLib.errors import CancelledError, CatalogError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.clinical_fetch import fetch_tables

NAMES = ["lung_ct_demographics", "lung_ct_visits"]


@pytest.fixture
def tables(tmp_path: Path) -> ClinicalTables:
    write_tables(tmp_path / "own")
    return ClinicalTables(write_index(tmp_path), (tmp_path / "own", tmp_path / "theirs"))


def test_values_have_labels_and_codes_have_meanings(tables: ClinicalTables) -> None:
    found = tables.of_case("lung_ct/P10")
    assert found == {
        "sections": [{"heading": "Clinical data: lung_ct_demographics", "items": [["Sex of the patient", "Male"], ["packs_per_day", "3.5"]]}],
        "tables": [],
        "missing_indices": [],
    }


def test_several_rows_of_a_case_are_kept_apart_and_bounded(tables: ClinicalTables) -> None:
    sections = tables.of_case("lung_ct/P2")["sections"]
    assert sections[0]["items"] == [["Sex of the patient", "Female"], ["Stage", "IIIA"]]
    assert len(sections) == 1 + 12
    assert sections[1] == {"heading": "Clinical data: lung_ct_visits (1 of more)", "items": [["Day of the visit", "1"]]}


def test_what_is_not_here_is_named(tables: ClinicalTables, tmp_path: Path) -> None:
    assert ClinicalTables(None, ()).of_case("lung_ct/P2")["missing_indices"] == ["clinical_index"]
    assert ClinicalTables(tables.index, (tmp_path / "empty",)).of_case("lung_ct/P2")["tables"] == NAMES
    assert tables.of_case("brain_mr/P2") == {"sections": [], "tables": [], "missing_indices": []}
    assert tables.of_case("lung_ct/nobody")["sections"] == []
    assert tables.names(COLLECTION) == NAMES, "a table cannot lead out of the folder"


def test_tables_of_idc_index_are_used_too(tables: ClinicalTables, tmp_path: Path) -> None:
    (tmp_path / "own" / "lung_ct_visits").rename(tmp_path / "theirs-visits")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs-visits").rename(tmp_path / "theirs" / "lung_ct_visits")
    assert len(tables.of_case("lung_ct/P2")["sections"]) == 13


def test_damaged_files_are_said(tables: ClinicalTables, tmp_path: Path) -> None:
    next((tmp_path / "own" / "lung_ct_visits").iterdir()).write_bytes(b"PAR1 nonsense PAR1")
    assert tables.of_case("lung_ct/P2")["sections"][-1]["items"] == [["Table", "its file cannot be read; fetch it again"]]
    assert tables.index is not None
    tables.index.write_bytes(b"PAR1 nonsense PAR1")
    with pytest.raises(CatalogError, match="clinical_index"):
        tables.of_case("lung_ct/P2")


def bucket(folder: Path, change: bytes = b"") -> dict[str, Answer]:
    """A server's answers for the tables below ``folder``, their last byte changed."""
    return {
        path: (200, {}, answer[2][:-1] + change) if change and "list-type" not in path else answer for path, answer in bucket_answers(folder).items()
    }


def test_tables_come_whole_and_only_once(tmp_path: Path) -> None:
    write_tables(tmp_path / "remote")
    told: list[float] = []
    with FileServer(bucket(tmp_path / "remote")) as server:
        size = fetch_tables(NAMES, "25", tmp_path / "own", Task(lambda progress: told.append(progress.done)), Network(), server.url)
        assert size > 0 and told
        asked = len(server.asked)
        assert fetch_tables(NAMES, "25", tmp_path / "own", Task(), Network(), server.url) == 0
        assert len(server.asked) == asked
    index = write_index(tmp_path)
    assert ClinicalTables(index, (tmp_path / "own",)).of_case("lung_ct/P10")["sections"]
    assert sorted(path.name for path in (tmp_path / "own").iterdir()) == NAMES


@pytest.mark.parametrize("change", [b"", b"X"])
def test_what_is_refused_or_changed_on_the_way_leaves_nothing(tmp_path: Path, change: bytes) -> None:
    write_tables(tmp_path / "remote")
    answers = bucket(tmp_path / "remote", change)
    if not change:
        answers = {path: answer if "list-type" in path else (503, {}, b"") for path, answer in answers.items()}
    with FileServer(answers) as server, pytest.raises(TransferError):
        fetch_tables(NAMES, "25", tmp_path / "own", Task(), Network(), server.url)
    assert list((tmp_path / "own").iterdir()) == []


def test_fetching_can_be_cancelled(tmp_path: Path) -> None:
    write_tables(tmp_path / "remote")
    task = Task(lambda _progress: task.cancel())
    with FileServer(bucket(tmp_path / "remote")) as server, pytest.raises(CancelledError):
        fetch_tables(NAMES, "25", tmp_path / "own", task, Network(), server.url)
    assert [path.name for path in (tmp_path / "own").iterdir()] in ([], NAMES[:1]), "nothing, or one whole table"
