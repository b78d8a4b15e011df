"""Plans become true on disk, against a real S3 server on loopback."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from helpers.planned import plan_of, planned
from helpers.s3_server import BUCKET, S3Server

from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.download import bytes_to_come, download, items_of
from IDCBrowserLib.transfer.folders.journal import default_path, open_journal
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.jobs import job_store_beside
from IDCBrowserLib.transfer.options import TransferOptions


def _options(server: S3Server, **changes: object) -> TransferOptions:
    return TransferOptions(endpoint_url=server.url, jobs=8, retry_count=1, first_wait_s=0.05, **changes)  # type: ignore[arg-type]


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_plan_arrives_in_the_hierarchy_of_idc_index(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files=4, seed=1)
    report = download(plan_of(uuid), tmp_path / "to", _options(s3_server), journal_path=None)
    item = report.items[0]
    assert item.state is TransferState.COMPLETE
    assert (item.files_done, item.bytes_done) == (4, 8000)
    folder = tmp_path / "to" / "test_collection" / "Patient-1" / "1.2.826.0.1.3680043.1.1" / "CT_1.2.826.0.1.3680043.2.1"
    assert _files(folder) == s3_server.files_of(uuid)
    assert _files(tmp_path / "to") == s3_server.files_of(uuid)


def test_a_second_run_fetches_nothing(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(seed=2)
    download(plan_of(uuid), tmp_path, _options(s3_server), journal_path=None)
    again = download(plan_of(uuid), tmp_path, _options(s3_server), journal_path=None)
    assert again.items[0].state is TransferState.COMPLETE
    assert again.bytes_fetched == 0
    assert again.items[0].bytes_done == 6000


def test_a_damaged_and_a_missing_file_are_fetched_again_and_nothing_else(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files=5, seed=3)
    journal = tmp_path / "journal" / "transfers.sqlite"
    first = download(plan_of(uuid), tmp_path / "to", _options(s3_server), journal_path=journal)
    folder = tmp_path / "to" / first.items[0].directory
    names = sorted(s3_server.files_of(uuid))
    (folder / names[0]).unlink()
    (folder / names[1]).write_bytes(b"x" * 2000)
    again = download(plan_of(uuid), tmp_path / "to", _options(s3_server), journal_path=journal)
    assert again.bytes_fetched == 4000
    assert _files(folder) == s3_server.files_of(uuid)


def test_paths_with_spaces_quotes_and_letters_of_any_script(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(seed=4)
    to = tmp_path / "O'Brien's \"scans\" [neu] ärzte 画像*?"
    series = planned(uuid, patient_id="ZZ RIDER ' \" $HOME é")
    report = download(Plan((series,)), to, _options(s3_server), journal_path=None)
    assert report.items[0].state is TransferState.COMPLETE
    assert _files(to) == s3_server.files_of(uuid)


def test_a_series_that_the_bucket_does_not_hold_fails_alone(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(seed=5)
    report = download(plan_of(uuid, "00000000-0000-4000-8000-000000000000"), tmp_path, _options(s3_server), journal_path=None)
    assert [item.state for item in report.items] == [TransferState.COMPLETE, TransferState.FAILED]
    assert "contains nothing for this series (00000000-0000-4000-8000-000000000000)" in report.items[1].error
    assert report.exit_code == 4


def test_a_single_instance_that_the_bucket_does_not_hold_is_named_and_the_others_come(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(seed=13)
    name = min(s3_server.files_of(uuid))
    plan = Plan((planned(uuid, instances=(name.removesuffix(".dcm"), "other")),))
    report = download(plan, tmp_path, _options(s3_server), journal_path=None)
    assert (report.items[0].state, report.items[0].missing) == (TransferState.FAILED, ["other.dcm"])
    assert report.items[0].error.startswith("1 of 2 files are missing (it is not in the bucket): other.dcm; if others come from this server")
    assert list(_files(tmp_path)) == [name]


def test_what_cannot_be_a_series_is_not_asked_for(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(seed=14)
    report = download(plan_of("../other", uuid), tmp_path, _options(s3_server), journal_path=None)
    assert [item.state for item in report.items] == [TransferState.FAILED, TransferState.COMPLETE]
    assert report.items[0].error == "'../other' cannot be a series of IDC; report it to IDC"


def test_at_the_end_every_series_has_been_told_of_however_many_they_are(tmp_path: Path) -> None:
    told: list[str] = []
    task = Task(lambda progress: told.extend(entry["crdc_series_uuid"] for entry in progress.details["series"]))
    names = [f"../{number}" for number in range(1001)]
    download(plan_of(*names), tmp_path, TransferOptions(endpoint_url="http://127.0.0.1:9"), task, journal_path=None)
    assert sorted(told) == sorted(names)


@pytest.mark.parametrize("provider", ["aws", "auto"])
def test_a_server_that_is_down_ends_the_transfer_unless_there_is_another(provider: str, s3_server: S3Server, tmp_path: Path) -> None:
    uuids = [s3_server.put_series(seed=seed) for seed in (15, 16)]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    options = TransferOptions(provider=provider, endpoint_url=url, gcs_endpoint_url=s3_server.url, jobs=8, list_attempts=1)
    plan = Plan(tuple(planned(uuid, number, gcs_bucket=BUCKET) for number, uuid in enumerate(uuids)))
    report = download(plan, tmp_path, options, journal_path=None)
    if provider == "auto":
        assert [item.state for item in report.items] == [TransferState.COMPLETE] * 2
    else:
        assert [item.state for item in report.items] == [TransferState.FAILED] * 2
        assert report.error.startswith(f"The server {url} cannot be reached") and {item.error for item in report.items} == {report.error}


def test_a_bucket_that_does_not_exist_is_named(s3_server: S3Server, tmp_path: Path) -> None:
    report = download(Plan((planned("a" * 8, aws_bucket="no-such-bucket"),)), tmp_path, _options(s3_server), journal_path=None)
    assert "There is no bucket no-such-bucket" in report.items[0].error


def test_an_unreachable_server_gives_one_message_and_leaves_nothing(tmp_path: Path) -> None:
    options = TransferOptions(endpoint_url="http://127.0.0.1:9", list_attempts=2, first_wait_s=0.01)
    report = download(plan_of(*(f"{n:08d}-0000-4000-8000-000000000000" for n in range(30))), tmp_path / "to", options, journal_path=None)
    assert {item.state for item in report.items} == {TransferState.FAILED}
    assert "http://127.0.0.1:9 cannot be reached (connection refused)" in report.error
    assert {item.error for item in report.items} == {report.error}
    assert list(tmp_path.iterdir()) == []


def test_fewer_files_than_the_index_states_are_not_called_complete(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files=2, seed=6)
    report = download(Plan((planned(uuid, instance_count=3),)), tmp_path, _options(s3_server), journal_path=None)
    assert report.items[0].state is TransferState.FAILED
    assert "2 of the 3 files" in report.items[0].error


def test_single_instances_of_a_series(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files=4, seed=7)
    name = sorted(s3_server.files_of(uuid))[2]
    report = download(Plan((planned(uuid, instances=(name[:-4],)),)), tmp_path, _options(s3_server), journal_path=None)
    assert report.items[0].state is TransferState.COMPLETE
    assert _files(tmp_path) == {name: s3_server.files_of(uuid)[name]}


def test_cancel_stops_at_once_and_leaves_nothing_half_written(s3_server: S3Server, tmp_path: Path) -> None:
    uuids = [s3_server.put_series(files=2, size=12_000_000, seed=100 + n) for n in range(6)]
    task: Task

    def cancel_soon(progress: Progress) -> None:
        if any(entry["state"] == "transferring" for entry in progress.details["series"]) and not task.cancelled:
            threading.Timer(0.1, task.cancel).start()

    task = Task(cancel_soon)
    # Slow enough that the cancel comes in the middle on any machine.
    slow = TransferOptions(endpoint_url=s3_server.url, jobs=1, limit_rate=30e6)
    report = download(plan_of(*uuids), tmp_path / "to", slow, task, journal_path=None)
    assert report.count(TransferState.CANCELLED) > 0
    assert report.exit_code == 130
    whole = {content for key, content in s3_server.objects.items()}
    assert all(content in whole for content in _files(tmp_path / "to").values())
    again = download(plan_of(*uuids), tmp_path / "to", _options(s3_server), journal_path=None)
    assert again.count(TransferState.COMPLETE) == 6
    assert again.bytes_fetched <= 144_000_000


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_named(s3_server: S3Server, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(StorageError, match=r"Nothing can be written to .*locked .*choose another folder"):
        download(plan_of(s3_server.put_series(seed=8)), folder, _options(s3_server), journal_path=None)


def test_a_file_where_a_folder_is_needed_is_named(s3_server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="taken is a file where a folder is needed"):
        download(plan_of(s3_server.put_series(seed=9)), tmp_path / "taken", _options(s3_server), journal_path=None)


def test_more_than_the_disk_holds_is_refused_before_anything_starts(s3_server: S3Server, tmp_path: Path) -> None:
    series = planned(s3_server.put_series(seed=10), size_bytes=10**18)
    with pytest.raises(StorageError, match=r"not enough disk space in .*: 1,000,000 TB needed"):
        download(Plan((series,)), tmp_path / "to", _options(s3_server), journal_path=None)
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_leads_out_of_the_folder_is_not_followed(s3_server: S3Server, tmp_path: Path) -> None:
    outside, to = tmp_path / "outside", tmp_path / "to"
    outside.mkdir()
    to.mkdir()
    (to / "test_collection").symlink_to(outside)
    report = download(plan_of(s3_server.put_series(seed=11)), to, _options(s3_server), journal_path=None)
    assert report.items[0].state is TransferState.FAILED
    assert "test_collection is a link, and links are not followed" in report.items[0].error
    assert list(outside.iterdir()) == []


def test_progress_names_the_states_of_each_series(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(seed=12)
    seen: list[Progress] = []
    download(plan_of(uuid), tmp_path, _options(s3_server), Task(seen.append), journal_path=None)
    last = seen[-1]
    assert (last.done, last.total, last.unit) == (6000, 6000, "B")
    entries = [entry for progress in seen for entry in progress.details["series"]]
    assert entries[-1]["state"] == "complete"
    assert entries[-1]["bytes"] == 6000


def test_impossible_options_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not an address of an S3 server"):
        download(plan_of("x"), tmp_path, TransferOptions(endpoint_url="ftp://here"), journal_path=None)
    with pytest.raises(InputError, match="0 parallel files"):
        download(plan_of("x"), tmp_path, TransferOptions(jobs=0), journal_path=None)


def test_a_layout_puts_no_series_among_the_files_of_one_that_came_before(s3_server: S3Server, tmp_path: Path) -> None:
    first, second = (s3_server.put_series(files=2, seed=seed) for seed in (61, 62))
    to, record = tmp_path / "to", tmp_path / "transfers.sqlite"
    options = _options(s3_server, layout="%PatientID")
    for _again in range(2):
        assert download(plan_of(first), to, options, journal_path=record).items[0].state is TransferState.COMPLETE
    other = Plan((planned(second, 2),))
    with pytest.raises(InputError, match=rf"into Patient-1, where another one.*\({first}\); add %SeriesInstanceUID"):
        download(other, to, options, journal_path=record)
    assert _files(to) == s3_server.files_of(first)
    apart = _options(s3_server, layout="%PatientID/%SeriesInstanceUID")
    assert download(other, to, apart, journal_path=record).items[0].state is TransferState.COMPLETE
    for file in (to / "Patient-1").glob("*.dcm"):
        file.unlink()
    assert download(other, to, options, journal_path=record).items[0].state is TransferState.COMPLETE


def _missing(*, files: tuple[int, ...], to: Path, **changes: object) -> int:
    """Bytes to come of a series of 4 instances and 4,000 bytes, of which files of these sizes are here."""
    (item,) = items_of(Plan((planned("a" * 8, **changes),)), to, "")
    folder = to / item.directory
    folder.mkdir(parents=True, exist_ok=True)
    for number, size in enumerate(files):
        (folder / f"{number}.dcm").write_bytes(bytes(size))
    (folder / "notes.txt").write_bytes(bytes(900))
    return bytes_to_come([item], to)


@pytest.mark.parametrize(
    ("files", "missing"),
    [((), 4000), ((1000,), 3000), ((1000, 1000, 1000), 1000), ((1000,) * 4, 0), ((1000,) * 3 + (10,), 0), ((9000,), 0)],
)
def test_of_a_series_that_is_here_in_part_the_rest_is_to_come(files: tuple[int, ...], missing: int, tmp_path: Path) -> None:
    assert _missing(files=files, to=tmp_path, instance_count=4, size_bytes=4000) == missing


def test_of_single_instances_those_that_are_not_here_are_to_come(tmp_path: Path) -> None:
    assert _missing(files=(1000,), to=tmp_path, instances=("0", "7"), instance_count=4, size_bytes=2000) == 1000
    assert _missing(files=(1000,), to=tmp_path, instances=("0",), instance_count=4, size_bytes=1000) == 0


def test_files_that_are_links_are_not_counted_as_here(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(bytes(4000))
    (item,) = items_of(Plan((planned("a" * 8, instance_count=1, size_bytes=4000),)), tmp_path, "")
    folder = tmp_path / item.directory
    folder.mkdir(parents=True)
    (folder / "0.dcm").symlink_to(tmp_path / "elsewhere")
    assert bytes_to_come([item], tmp_path) == 4000


@pytest.mark.parametrize("remember", [True, False])
def test_a_download_is_recorded_in_the_journal_of_this_user_and_remembered_while_it_runs(
    remember: bool, s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDC_BROWSER_STATE", str(tmp_path / "state"))
    uuid = s3_server.put_series(files=1, seed=70)
    remembered: list[set[str]] = []
    task = Task(lambda _progress: remembered.append(job_store_beside(default_path()).being_written(tmp_path / "to")))
    report = download(plan_of(uuid), tmp_path / "to", _options(s3_server), task, remember=remember)
    assert report.exit_code == 0 and 0 < report.seconds < 600
    assert ({uuid} in remembered) is remember
    assert job_store_beside(default_path()).leftover() == []
    with open_journal() as kept:
        assert kept.completed(tmp_path / "to" / report.items[0].directory) == uuid


def test_whoever_wants_to_know_is_told_once_of_each_complete_series_also_of_those_that_were_there(s3_server: S3Server, tmp_path: Path) -> None:
    uuids = [s3_server.put_series(files=1, seed=seed) for seed in (71, 72)]
    told: list[TransferItem] = []
    for times in (1, 2):
        download(plan_of(*uuids), tmp_path, _options(s3_server), journal_path=None, on_complete=told.append)
        assert sorted(item.series.crdc_series_uuid for item in told) == sorted(uuids * times)


def test_with_a_layout_several_versions_and_partial_series_are_told_apart(tmp_path: Path) -> None:
    series = [planned("a" * 8, 1, patient_id="P-1"), planned("b" * 8, 2, patient_id="P-2")]
    assert [item.directory for item in items_of(Plan(tuple(series)), tmp_path, "%PatientID")] == ["P-1", "P-2"]
    with pytest.raises(InputError, match="add %SeriesInstanceUID"):
        items_of(Plan((series[0], series[1]._replace(patient_id="P-1"))), tmp_path, "%PatientID")


def test_of_a_series_of_unknown_length_the_bytes_that_are_not_here_are_to_come(tmp_path: Path) -> None:
    assert _missing(files=(1000, 500), to=tmp_path, instance_count=None, size_bytes=4000) == 2500
