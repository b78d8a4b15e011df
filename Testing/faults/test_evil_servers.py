"""Servers that do what no server should. Whatever they do: nothing is called complete that is not what the bucket states, every transfer ends, each
failed series has a reason in words, and nothing is written outside the folder or left in it that is not a verified file.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.evil_servers import HANGS_S, LISTINGS, OBJECTS, SIZE
from helpers.fault_proxy import FaultProxy
from helpers.planned import planned
from helpers.s3_server import S3Server

from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.options import TransferOptions

FILES = 3
# What is right all the same, or what the program can do without.
HARMLESS = {
    "listing declares another encoding",
    "listing has the ETag ''",
    "listing has the ETag '&quot;nonsense&quot;'",
    "listing lists other keys the second time",
    "object says gzip",
    "object HEAD answers 500",
    "object HEAD states another size",
}
ALL = {**{f"listing {name}": rule for name, rule in LISTINGS.items()}, **{f"object {name}": rule for name, rule in OBJECTS.items()}}


@pytest.fixture(scope="module")
def uuid(s3_server: S3Server) -> str:
    return s3_server.put_series(FILES, SIZE, seed=6000)


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Path]:
    """The folder to download to, among others whose files have to stay as they are."""
    for name in ("escaped.dcm", "a/escaped.dcm", "to/mine.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    before = _tree(tmp_path)
    yield tmp_path / "to"
    after = {name: content for name, content in _tree(tmp_path).items() if not name.startswith("to/test_collection/")}
    assert after == before


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _download(proxy: FaultProxy, uuid: str, to: Path) -> TransferItem:
    """In a thread, so that one that hangs fails its test instead of all."""
    options = TransferOptions(endpoint_url=proxy.url, jobs=4, retry_count=0, attempts=2, list_attempts=2, first_wait_s=0.05, stall_s=1.5)
    plan = Plan((planned(uuid, instance_count=FILES),))
    reports: list[TransferItem] = []
    thread = threading.Thread(target=lambda: reports.extend(download(plan, to, options, journal_path=None).items), daemon=True)
    thread.start()
    thread.join(HANGS_S)
    assert reports, "it hangs"
    return reports[0]


@pytest.mark.parametrize("name", ALL)
def test_an_evil_server_gets_no_lie_no_hang_and_no_file_elsewhere(name: str, s3_server: S3Server, proxy: FaultProxy, uuid: str, around: Path) -> None:
    proxy.rule = ALL[name]
    item = _download(proxy, uuid, around)
    expected = s3_server.files_of(uuid)
    here = {Path(path).name: content for path, content in _tree(around).items() if path != "mine.txt"}
    assert here.items() <= expected.items()
    if item.state is TransferState.COMPLETE:
        assert name in HARMLESS
        assert here == expected
    else:
        assert item.state is TransferState.FAILED and item.error and "internal error" not in item.error
        assert name not in HARMLESS
        proxy.rule = lambda method, path, count: None
        assert _download(proxy, uuid, around).state is TransferState.COMPLETE
        assert {Path(path).name: content for path, content in _tree(around).items() if path != "mine.txt"} == expected
