"""What is said at the end of a transfer, to people and to programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.planned import planned

from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.report import TransferReport

COMPLETE, FAILED, CANCELLED = TransferState.COMPLETE, TransferState.FAILED, TransferState.CANCELLED
TO = Path("to")


def items(*states: TransferState, files: int = 0, **values: object) -> tuple[TransferItem, ...]:
    series = [planned(f"uuid-{number}", number, size_bytes=1000) for number in range(len(states))]
    return tuple(TransferItem(one, f"CT_{n}", state, files_done=files, **values) for n, (one, state) in enumerate(zip(series, states, strict=True)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "is_disk", "code"),
    [
        ((COMPLETE, COMPLETE), False, 0),
        ((COMPLETE, FAILED), False, 4),
        ((FAILED, CANCELLED), False, 130),
        ((FAILED, CANCELLED), True, 5),
    ],
)
def test_the_disk_counts_more_than_a_cancel_and_that_more_than_a_failure(states: tuple[TransferState, ...], is_disk: bool, code: int) -> None:
    assert TransferReport(items(*states), TO, storage=is_disk).exit_code == code


def test_unless_the_disk_is_said_to_have_failed_it_has_not() -> None:
    assert [TransferReport(items(state), TO).exit_code for state in (COMPLETE, FAILED, CANCELLED)] == [0, 4, 130]


def test_a_person_is_told_how_much_came_and_what_did_not() -> None:
    complete = items(COMPLETE, COMPLETE, files=2, bytes_done=1_500_000, bytes_fetched=500_000, size_only=1)
    in_part, failed, cancelled = items(FAILED, files=1, error="1 of 2 files are missing"), items(FAILED, error="no bucket"), items(CANCELLED)
    assert TransferReport((*complete, *in_part, *failed, *cancelled), TO, 90.0).describe().splitlines() == [
        "2 series complete in to (3.0 MB, of which 1.0 MB fetched now in 1 min 30 s).",
        "2 files could be compared by size only: the bucket states no MD5 of them.",
        "1 series canceled.",
        "1 series incomplete:",
        f"  {in_part[0].series.series_uid}: 1 of 2 files are missing",
        "1 series failed:",
        f"  {failed[0].series.series_uid}: no bucket",
    ]
    assert len(TransferReport(complete[:1], TO).describe().splitlines()) == 2
    assert len(TransferReport(items(COMPLETE), TO).describe().splitlines()) == 1


@pytest.mark.parametrize("files", [0, 1])
def test_of_many_that_failed_twenty_reasons_are_told(files: int) -> None:
    lines = TransferReport(items(*[FAILED] * 21, files=files, error="no bucket"), TO).describe().splitlines()
    assert lines[1] == f"21 series {'incomplete' if files else 'failed'}:"
    assert len(lines) == 2 + 20


@pytest.mark.parametrize(
    ("limit", "listed"), [(None, [COMPLETE] * 3 + [FAILED] * 12), (1, [FAILED] * 10 + [COMPLETE]), (2, [FAILED] * 12 + [COMPLETE] * 2)]
)
def test_a_program_is_told_of_what_failed_before_what_is_complete(limit: int | None, listed: list[TransferState]) -> None:
    told = TransferReport(items(*[COMPLETE] * 3, *[FAILED] * 12), TO).to_json(limit)
    assert [one["state"] for one in told["series"]] == [state.value for state in listed]
    assert (told["series_count"], told["states"]) == (15, {"complete": 3, "failed": 12, "cancelled": 0})


def test_what_is_complete_is_listed_as_such_in_whatever_order_the_series_come() -> None:
    told = TransferReport(items(FAILED, CANCELLED, COMPLETE, TransferState.VERIFYING, COMPLETE), TO).to_json(1)
    assert [one["state"] for one in told["series"]] == ["failed", "cancelled", "verifying", "complete"]


def test_a_program_is_told_all_of_each_series() -> None:
    [known] = items(COMPLETE, files=2, files_total=3, bytes_done=900, bytes_fetched=400, size_only=1, missing=["b.dcm"])
    [new] = items(FAILED, error="no bucket")
    new.series = new.series._replace(instance_count=7)
    told = TransferReport((known, new), TO, 1.23456, "stopped").to_json()
    assert told["series"][0] == {
        "SeriesInstanceUID": known.series.series_uid,
        "crdc_series_uuid": "uuid-0",
        "state": "complete",
        "files": 2,
        "bytes": 900,
        "directory": str(TO / "CT_0"),
        "error": None,
        "expected_files": 3,
        "missing": ["b.dcm"],
        "size_only": 1,
    }
    assert (told["series"][1]["error"], told["series"][1]["expected_files"]) == ("no bucket", 7)
    assert (told["files"], told["total_bytes"], told["bytes_transferred"]) == (2, 900, 400)
    assert (told["seconds"], told["error"], told["destination"]) == (1.235, "stopped", "to")
    assert TransferReport((), TO).to_json()["error"] is None
