"""Other programs that the standalone window starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("PySide6")

from IDCBrowserLib.host.standalone.host import StandaloneHost


def test_whether_a_program_was_started_is_told(tmp_path: Path) -> None:
    host = StandaloneHost.__new__(StandaloneHost)
    assert host.run_program(sys.executable, ["-c", ""]) is True
    assert host.run_program(str(tmp_path / "gone"), []) is False
