"""The panels in the binding that Slicer uses, where one is at hand: IDC_BROWSER_PYTHONQT names its launcher (it runs a Python file)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from IDCBrowserLib.demo.world import open_world

TESTING = Path(__file__).resolve().parents[1]
LAUNCHER = os.environ.get("IDC_BROWSER_PYTHONQT", "")


@pytest.mark.skipif(not LAUNCHER, reason="no PythonQt here (IDC_BROWSER_PYTHONQT)")
def test_browsing_and_downloading_work_in_pythonqt(tmp_path: Path) -> None:
    world = open_world(phantom_folder=tmp_path / "phantom")
    try:
        config = {
            "paths": [str(TESTING.parent / "IDCBrowser"), str(TESTING)],
            "python": sys.executable,
            "folder": str(tmp_path),
            "sources": [str(path) for path in world.catalog_sources],
            "endpoint_url": world.endpoint_url,
        }
        environment = {**os.environ, "IDC_BROWSER_STORY": json.dumps(config), "QT_QPA_PLATFORM": "offscreen"}
        story = [LAUNCHER, str(TESTING / "helpers" / "pythonqt_story.py")]
        result = subprocess.run(story, env=environment, capture_output=True, text=True, timeout=300, check=False)
    finally:
        world.close()
    assert result.returncode == 0, result.stderr[-2000:]
    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert told == {"message": "6 series downloaded and added to the DICOM database.", "selected": 26_410}
