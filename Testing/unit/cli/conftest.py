"""The command line on a small catalog, with its folders in a temporary home."""

from pathlib import Path

import pytest
from helpers.small_catalog import write_sources
from helpers.small_command_line import CommandLine

from IDCBrowserLib.catalog import database
from IDCBrowserLib.catalog.files.sources import Sources


@pytest.fixture(scope="session")
def small_sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return write_sources(tmp_path_factory.mktemp("index"))


@pytest.fixture
def idc_browser(small_sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """``idc-browser`` run in this process; its catalog is the small one instead of that of idc-index-data."""
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))
    monkeypatch.setattr(database, "find_sources", lambda: small_sources)
    return CommandLine(tmp_path, capsys)
