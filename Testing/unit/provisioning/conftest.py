"""A home of its own for each test, and a folder that looks like Slicer with a real Python in it."""

import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Nothing here is done in another one."""


@pytest.fixture
def slicer(tmp_path: Path) -> Path:
    """Its Python is the one of the tests, but for ``pip install``, which only says what pip says; ``pip.log`` gets all arguments."""
    folder = tmp_path / "Slicer-5.12"
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "PythonSlicer"
    program.write_text(
        f"""#!/bin/sh
echo "$@" >> "{folder}/pip.log"
case "$*" in
  *" install "*)
    if [ -e "{folder}/installed" ]; then echo "Requirement already satisfied: pydicom"; else echo "Successfully installed pydicom-3.0.1"; fi
    touch "{folder}/installed";;
  *) exec "{sys.executable}" "$@";;
esac
""",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return folder
