"""The panels in the binding that Slicer uses, where one is at hand: IDC_BROWSER_PYTHONQT names its launcher (it runs a Python file)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.demo.world import World

TESTING = Path(__file__).resolve().parents[1]
LIBRARY = TESTING.parent / "IDCBrowser" / "IDCBrowserLib"
LAUNCHER = os.environ.get("IDC_BROWSER_PYTHONQT", "")

pytestmark = pytest.mark.skipif(not LAUNCHER, reason="no PythonQt here (IDC_BROWSER_PYTHONQT)")


def told_by(script: str, **config: Any) -> Any:
    """What a script of ``helpers`` prints on its last line, run in PythonQt."""
    story = json.dumps({"paths": [str(TESTING.parent / "IDCBrowser"), str(TESTING)], **config})
    environment = {**os.environ, "IDC_BROWSER_STORY": story, "QT_QPA_PLATFORM": "offscreen"}
    command = [LAUNCHER, str(TESTING / "helpers" / script)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_browsing_and_downloading_work_in_pythonqt(tmp_path: Path, demo_world: World) -> None:
    sources = [str(path) for path in demo_world.catalog_sources]
    told = told_by("pythonqt_story.py", python=sys.executable, folder=str(tmp_path), sources=sources, endpoint_url=demo_world.endpoint_url)
    assert told == {"message": "6 series downloaded and added to the DICOM database.", "selected": 26_410}


def test_pythonqt_has_every_name_of_qt_that_runs_in_slicer() -> None:
    files = [*(LIBRARY / "ui").rglob("*.py"), *(LIBRARY / "host" / "slicer").rglob("*.py"), *(LIBRARY / "host").glob("*.py")]
    assert told_by("pythonqt_names.py", files=[str(path) for path in files]) == []


def test_a_closed_panel_and_its_browser_go_in_pythonqt() -> None:
    assert told_by("pythonqt_closing.py") == []


def test_every_page_and_the_panel_of_segments_are_used_in_pythonqt() -> None:
    told = told_by("pythonqt_panels.py")
    assert told["problems"] == []
    assert {"review", "dose", "reports"} < set(told["pages"])
    assert told["doses"][0] == "A  Tumor" and told["doses"][-2:] == ["50.0", "6.0"]
    assert told["rows"][:2] == [["Reader A (SEG, person, CC BY 4.0)"], ["Liver", "Liver (SCT 10200004)", "16.0 ml", "112.5 HU"]]
    # Its eye; then "Only this" hides what is not selected, and "None" and "All" concern both.
    assert told["hidden"][0] == "A/1" and {"A/1", "B/1"} <= set(told["hidden"][1:])
    assert (told["stated"], told["given"]) == ("Doe^Jane", [["Segmenter", "image"]])


def test_a_review_list_is_read_and_segments_are_chosen_in_pythonqt(tmp_path: Path) -> None:
    told = told_by("pythonqt_reading.py", folder=str(tmp_path))
    assert told["problems"] == []
    assert told["answers"] == [[0, "comment", "Blurred"], [0, "image", 4], [0, "kind", "poor"], [0, "odd", True], [1, "image", 2]]
    assert told["loaded"] == [2]


def test_the_module_of_slicer_is_used_from_its_packages_to_its_segments_in_pythonqt(tmp_path: Path) -> None:
    told = told_by("pythonqt_module.py", folder=str(tmp_path))
    if told is None:
        pytest.skip("this PythonQt has no MRML (slicer-core)")
    assert told["problems"] == []
    assert ["needs a few" in told["said"][0], "not installed" in told["said"][1], "shown" in told["said"][2]] == [True, True, True]
    assert told["said"][3] == "18 series, 18.0 MB"
    assert told["rows"] == [["Liver", "Tissue (SCT 85756007)", "0.064 ml"]]
    assert told["dice"] == "0.500"
    assert told["left"] == 0, "of the scene that was closed"
    assert told["alive"] == [], "of the module that was closed"
