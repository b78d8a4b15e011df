"""What dciodvfy (dicom3tools) says about a file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def errors_of(path: Path) -> list[str]:
    """The errors; the test is skipped where the program is not installed."""
    program = shutil.which("dciodvfy", path=str(Path(sys.executable).parent)) or shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    said = subprocess.run([program, str(path)], capture_output=True, text=True, check=False).stderr
    return [line for line in said.splitlines() if line.startswith("Error")]
