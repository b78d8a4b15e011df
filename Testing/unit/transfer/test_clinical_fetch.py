"""Clinical tables from the bucket: what comes is compared with its listing, and nothing is left of what is wrong."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.side_files import Answer, FileServer

from IDCBrowserLib.errors import CancelledError, StorageError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.selection.buckets import AWS_ENDPOINT
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer import clinical_fetch
from IDCBrowserLib.transfer.clinical_fetch import BUCKET, fetch_tables, table_bytes
from IDCBrowserLib.transfer.listing import BucketClient, RemoteObject

PART = b"PAR1" + bytes(40_000) + b"PAR1"
MD5 = hashlib.md5(PART, usedforsecurity=False).hexdigest()


def _listing(table: str, *parts: tuple[str, int, str]) -> dict[str, Answer]:
    """The bucket's answer for a table: name, size and MD5 of each file."""
    prefix = f"bigquery_export/idc_v25_clinical/{table}"
    entries = "".join(
        f"<Contents><Key>{prefix}/{name}</Key><Size>{size}</Size><ETag>&quot;{md5}&quot;</ETag></Contents>" for name, size, md5 in parts
    )
    return {f"/{BUCKET}?list-type=2&prefix={prefix}%2F": (200, {}, f"<ListBucketResult>{entries}</ListBucketResult>".encode())}


def _file(table: str, name: str, body: bytes = PART, status: int = 200) -> dict[str, Answer]:
    return {f"/{BUCKET}/bigquery_export/idc_v25_clinical/{table}/{name}": (status, {}, body)}


@pytest.fixture
def answers() -> dict[str, Answer | Callable[[], Answer]]:
    return {}


@pytest.fixture
def server(answers: dict[str, Answer]) -> Iterator[FileServer]:
    with FileServer(answers) as running:
        yield running


def _fetch(server: FileServer, folder: Path, *names: str, again: tuple[str, ...] = (), task: Task | None = None) -> int:
    return fetch_tables(names, "25", folder, task or Task(), Network("none"), server.url, again)


def test_all_files_of_a_table_come_and_are_told_in_bytes(server: FileServer, answers: dict[str, Answer], tmp_path: Path) -> None:
    size = len(PART)
    answers |= _listing("demographics", ("0.parquet", size, MD5), ("1.parquet", size, ""), ("readme.txt", 5, ""))
    answers |= {**_file("demographics", "0.parquet"), **_file("demographics", "1.parquet")}
    told: list[tuple[float, float | None]] = []
    task = Task(lambda progress: told.append((progress.done, progress.total)))
    assert _fetch(server, tmp_path, "demographics", task=task) == 2 * size
    assert told[-1] == (2 * size, 2 * size) and [done for done, _ in told] == sorted(done for done, _ in told)
    assert (size, 2 * size) in told
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["0.parquet", "1.parquet", "demographics"]
    assert table_bytes(["demographics", "../demographics"], "25", Task(), Network("none"), server.url) == 2 * size


def test_a_table_that_is_there_comes_again_where_that_is_asked_for_or_a_file_is_cut_off(
    server: FileServer, answers: dict[str, Answer], tmp_path: Path
) -> None:
    answers |= {**_listing("visits", ("0.parquet", len(PART), MD5)), **_file("visits", "0.parquet")}
    assert [_fetch(server, tmp_path, "visits") for _ in range(2)] == [len(PART), 0]
    (tmp_path / "visits" / "old.parquet").write_bytes(PART)
    assert _fetch(server, tmp_path, "visits", again=("visits",)) == len(PART)
    assert [path.name for path in (tmp_path / "visits").iterdir()] == ["0.parquet"]
    (tmp_path / "visits" / "0.parquet").write_bytes(PART[:-1])
    assert _fetch(server, tmp_path, "visits") == len(PART)
    (tmp_path / "visits" / "0.parquet").unlink()
    assert _fetch(server, tmp_path, "visits") == len(PART)


@pytest.mark.parametrize(
    ("size", "md5", "body"),
    [
        (len(PART), MD5, PART[:-1]),
        (len(PART), MD5, PART + b"x"),
        (len(PART), MD5, b"PAR1" + b"x" * 40_000 + b"PAR1"),
        (len(PART), "0" * 32, PART),
        (len(PART), "f" * 32, PART),
        (len(PART), "", PART[:-1] + b"x"),
    ],
    ids=["shorter", "longer", "another content", "a smaller MD5", "a larger MD5", "no parquet"],
)
def test_what_is_not_as_listed_is_refused(size: int, md5: str, body: bytes, server: FileServer, answers: dict[str, Answer], tmp_path: Path) -> None:
    answers |= {**_listing("visits", ("0.parquet", size, md5)), **_file("visits", "0.parquet", body)}
    with pytest.raises(TransferError, match="The clinical table visits was changed or truncated during the transfer"):
        _fetch(server, tmp_path, "visits")
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_said_with_its_number(server: FileServer, answers: dict[str, Answer], tmp_path: Path) -> None:
    answers |= {**_listing("visits", ("0.parquet", len(PART), MD5)), **_file("visits", "0.parquet", status=500)}
    with pytest.raises(TransferError, match=r"was refused \(HTTP 500\); try again later"):
        _fetch(server, tmp_path, "visits")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("readme.txt", 5, "")], "contains no usable table visits"),
        ([("0.parquet", 600_000_000, ""), ("1.parquet", 400_000_001, "")], "contains no usable table visits"),
        ([("0.parquet", 600_000_000, ""), ("1.parquet", 400_000_000, "")], r"was refused \(HTTP 404\)"),
    ],
)
def test_a_table_has_files_and_at_most_a_gigabyte(
    parts: list[tuple[str, int, str]], said: str, server: FileServer, answers: dict[str, Answer], tmp_path: Path
) -> None:
    answers |= _listing("visits", *parts)
    with pytest.raises(TransferError, match=said):
        _fetch(server, tmp_path, "visits")


def test_only_names_of_tables_are_asked_for_and_no_more_than_sixty(server: FileServer, tmp_path: Path) -> None:
    assert _fetch(server, tmp_path / "own", "../visits") == 0 and server.asked == []
    names = ["../visits"] * 61
    assert [table_bytes(names[:count], "25", Task(), Network("none"), server.url) for count in (60, 61)] == [0, None]


def test_a_file_in_the_place_of_the_folder_is_said(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "own").write_text("")
    with pytest.raises(StorageError, match=r"cannot be written to \S+own \("):
        _fetch(server, tmp_path / "own", "visits")


def test_tables_are_asked_of_amazon_unless_another_server_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Client(BucketClient):
        def list_series(self, bucket: str, series_uuid: str) -> list[RemoteObject]:
            asked.append(f"{self.endpoint_url} {series_uuid}")
            return [RemoteObject("k", "0.parquet", 7, "")]

    monkeypatch.setattr(clinical_fetch, "BucketClient", Client)
    for url in ("", "http://127.0.0.1:9"):
        assert table_bytes(["visits", "visits"], "25", Task(), Network("none"), url) == 14
        task = Task()
        task.cancel()
        with pytest.raises(CancelledError):
            fetch_tables(["visits"], "25", tmp_path / "made" / "for it", task, Network("none"), url)
    path = "bigquery_export/idc_v25_clinical/visits"
    assert asked == [f"{AWS_ENDPOINT} {path}"] * 2 + [f"http://127.0.0.1:9 {path}"] * 2
    monkeypatch.setattr(Client, "list_series", lambda self, *_: pytest.fail(self.endpoint_url))
    with pytest.raises(pytest.fail.Exception, match=AWS_ENDPOINT):
        fetch_tables(["visits"], "25", tmp_path / "made" / "for it", Task(), Network("none"))


def test_a_connection_that_breaks_off_in_a_table_is_said(server: FileServer, answers: dict[str, Answer], tmp_path: Path) -> None:
    path = f"/{BUCKET}/bigquery_export/idc_v25_clinical/visits/0.parquet"
    answers |= _listing("visits", ("0.parquet", len(PART), MD5))
    answers[path] = (200, {"Content-Length": str(len(PART) + 1)}, PART[:-1])
    with pytest.raises(TransferError, match=r"The clinical table visits was not fetched\. "):
        _fetch(server, tmp_path / "a" / "b", "visits")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_server_that_sends_hardly_anything_of_a_table_is_said(
    server: FileServer, answers: dict[str, Answer | Callable[[], Answer]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(clinical_fetch, "STALL_S", 0.05)
    answers.update(_listing("visits", ("0.parquet", len(PART), MD5)))

    def late() -> Answer:
        go_on.wait(60)
        return 200, {}, b""

    answers[f"/{BUCKET}/bigquery_export/idc_v25_clinical/visits/0.parquet"] = late
    with pytest.raises(TransferError, match=r"was not fetched\. The server sends hardly anything \(0\.05 s without progress\)"):
        _fetch(server, tmp_path, "visits")
    go_on.set()
