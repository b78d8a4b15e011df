"""``idc-browser plan`` and ``download`` as scripts see them: documents, exit codes, messages. The real catalog, a local bucket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.fault_proxy import fault_proxy
from helpers.planned import planned
from helpers.s3_server import S3Server
from helpers.web_proxy import web_proxy

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.transfer.folders.journal import default_path
from IDCBrowserLib.transfer.item import TransferItem
from IDCBrowserLib.transfer.jobs import job_store_beside
from IDCBrowserLib.transfer.options import TransferOptions

# Series of the collection ispy1 with three instances.
UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
UID = "1.3.6.1.4.1.14519.5.2.1.7695.1700.153974929648969296590126728101"
ABSENT = "f0b76401-c6d1-4b61-a5fd-3fa596e6cc41"


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDC_BROWSER_STATE", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def bucket(s3_server: S3Server) -> S3Server:
    for number in range(3):
        s3_server.put(f"{UUID}/0000000{number}-0000-4000-8000-000000000000.dcm", bytes([number]) * 1000)
    return s3_server


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out else None, captured.err


def test_plan_prints_the_agreed_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    manifest = tmp_path / "with space.s5cmd"
    manifest.write_text(f"cp s3://idc-open-data/{UUID}/* .\nrm s3://idc-open-data/{UUID}/*\n")
    code, document, errors = _run(capsys, "plan", manifest, "--json")
    assert code == 4
    assert [item["SeriesInstanceUID"] for item in document["series"]] == [UID]
    assert document["total_bytes"] == 104_904
    assert document["licenses"] == {"CC BY 3.0": 1}
    assert document["unresolved"][0]["line"] == 2
    assert "line 2" in errors


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"rm s3://idc-open-data/{UUID}/*\n", 2),
        ("00000000-0000-4000-8000-000000000000\n", 3),
        ("# nothing\n", 3),
    ],
)
def test_exit_codes_of_plans_without_series(capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, code: int) -> None:
    manifest = tmp_path / "m.s5cmd"
    manifest.write_text(content)
    assert _run(capsys, "plan", manifest, "--json")[0] == code


def test_a_missing_file_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    code, document, errors = _run(capsys, "plan", "none.csv", "--json")
    assert (code, document) == (3, None)
    assert "There is no file none.csv" in errors


def test_download_and_again(capsys: pytest.CaptureFixture[str], bucket: S3Server, tmp_path: Path) -> None:
    arguments = ("download", UID, "--to", tmp_path / "to", "--endpoint-url", bucket.url, "--json")
    code, document, errors = _run(capsys, *arguments)
    assert (code, errors) == (0, "")
    entry = document["series"][0]
    assert (entry["state"], entry["files"], entry["bytes"], entry["error"]) == ("complete", 3, 3000, None)
    assert entry["crdc_series_uuid"] == UUID
    assert sorted(path.read_bytes() for path in Path(entry["directory"]).iterdir()) == [bytes([number]) * 1000 for number in range(3)]
    code, document, _ = _run(capsys, *arguments)
    assert (code, document["bytes_transferred"], document["series"][0]["state"]) == (0, 0, "complete")


def test_a_series_that_fails_makes_the_download_incomplete(capsys: pytest.CaptureFixture[str], bucket: S3Server, tmp_path: Path) -> None:
    code, document, _ = _run(capsys, "download", UUID, ABSENT, "--to", tmp_path, "--endpoint-url", bucket.url, "--json")
    assert code == 4
    assert [entry["state"] for entry in document["series"]] == ["complete", "failed"]


def test_a_folder_that_cannot_be(capsys: pytest.CaptureFixture[str], bucket: S3Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, document, errors = _run(capsys, "download", UUID, "--to", tmp_path / "file", "--endpoint-url", bucket.url, "--json")
    assert (code, document) == (5, None)
    assert "file is a file where a folder is needed" in errors


def test_an_interrupted_download_is_resumed(capsys: pytest.CaptureFixture[str], bucket: S3Server, tmp_path: Path) -> None:
    store = job_store_beside(default_path())
    item = TransferItem(planned(UUID), "")
    # What a program that died leaves behind: the job without its lock.
    number = store.add([item.series], tmp_path / "to", TransferOptions(endpoint_url=bucket.url))
    assert number is not None
    code, document, _ = _run(capsys, "download", "--resume", "--json")
    assert (code, [entry["state"] for entry in document["series"]]) == (0, ["complete"])
    assert len(list((tmp_path / "to").rglob("*.dcm"))) == 3
    assert store.leftover() == []
    assert _run(capsys, "download", "--resume", "--json")[1]["series"] == []


def test_a_download_needs_a_source_and_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert _run(capsys, "download", UUID)[0] == 2
    assert _run(capsys, "download", "--to", tmp_path)[0] == 2


def test_impossible_options(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert _run(capsys, "download", UUID, "--to", tmp_path, "--endpoint-url", "nonsense", "--json")[0] == 2
    assert _run(capsys, "download", UUID, "--to", tmp_path, "--jobs", "0", "--json")[0] == 2


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--retries", "-1"),
        ("--limit-rate", "-2"),
        ("--limit-rate", "0.001"),
        ("--proxy", "proxy:8080"),
        ("--ca-bundle", "none.pem"),
    ],
)
def test_impossible_ways_are_said(option: str, value: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, document, errors = _run(capsys, "download", UUID, "--to", tmp_path, f"{option}={value}", "--json")
    assert (code, document) == (2, None)
    assert errors.count("\n") == 1


def test_a_download_through_a_proxy_with_a_limit(capsys: pytest.CaptureFixture[str], bucket: S3Server, tmp_path: Path) -> None:
    with fault_proxy(bucket.url) as front, web_proxy({"buckets.idc-browser.invalid": front.port}) as proxy:
        arguments = ["--to", tmp_path, "--endpoint-url", "http://buckets.idc-browser.invalid", "--limit-rate", "20", "--retries", "1", "--json"]
        code, document, errors = _run(capsys, "download", UID, *arguments, "--proxy", proxy.url)
        assert (code, errors, document["bytes_transferred"]) == (0, "", 3000)
        assert len(proxy.asked) >= 4
        proxy.refuse = 407
        code, document, errors = _run(capsys, "download", UID, *arguments, "--proxy", proxy.url)
    assert code == 4
    assert f"The proxy {proxy.url} does not let us reach" in errors
