"""``idc-browser indices``."""

from pathlib import Path

import pytest
from helpers.side_files import FileServer, checksum, write_side_index
from helpers.small_command_line import CommandLine

from IDCBrowserLib.catalog.files import sources
from IDCBrowserLib.catalog.files.side_indices import SIDE_INDICES


@pytest.fixture(autouse=True)
def version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sources, "index_data_version", lambda: "25.0.5")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


def test_what_is_here_is_listed(idc_browser: CommandLine) -> None:
    document = idc_browser.json("indices")
    assert document["version"] == "25.0.5"
    assert {row["name"] for row in document["indices"]} == set(SIDE_INDICES)
    assert {row["state"] for row in document["indices"]} <= {"missing", "here"}
    assert "seg_index" in idc_browser.text("indices")


def test_one_is_fetched_from_an_address(idc_browser: CommandLine, tmp_path: Path) -> None:
    made = write_side_index(tmp_path / "remote", "seg_index")
    files = {f"/{made.name}": (200, {}, made.read_bytes()), f"/{made.name}.sha256": (200, {}, checksum(made).encode())}
    with FileServer(files) as server:
        rows = {row["name"]: row for row in idc_browser.json("indices", "--fetch", "seg_index", "--from", server.url)["indices"]}
    assert rows["seg_index"]["state"] == "here"
    assert Path(rows["seg_index"]["path"]).read_bytes() == made.read_bytes()


def test_what_cannot_be_fetched_is_said(idc_browser: CommandLine, tmp_path: Path) -> None:
    idc_browser.fails(2, "no index file 'segs'", "indices", "--fetch", "segs")
    idc_browser.fails(2, "--from needs --fetch", "indices", "--from", str(tmp_path))
