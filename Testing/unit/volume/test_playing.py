"""Frame rate and windows of a header."""

from pathlib import Path
from typing import Any

import pytest
from helpers.dicom_files import image, save

from IDCBrowserLib.dicom.windows import windows_of
from IDCBrowserLib.volume.playing import playing_of


@pytest.mark.parametrize(
    ("elements", "rate"),
    [
        ({"RecommendedDisplayFrameRate": 12, "CineRate": 30, "FrameTime": "40"}, 12.0),
        ({"CineRate": 30, "FrameTime": "40"}, 30.0),
        ({"FrameTime": "40"}, 25.0),
        ({"FrameTimeVector": ["0", "50", "50", "100"]}, 15.0),
        ({"FrameTime": "0"}, None),
        ({"CineRate": 0, "FrameTime": "33.3333"}, 30.0),
        ({"FrameTimeVector": ["50", "100"]}, 10.0),
        ({"FrameTimeVector": ["0", "0", "40", "-1"]}, 25.0),
        ({"FrameTime": "10000"}, 0.1),
        ({"FrameTime": "10001"}, None),
        ({"CineRate": 240}, 240.0),
        ({"CineRate": 241, "FrameTime": "40"}, 25.0),
        ({}, None),
    ],
)
def test_the_frame_rate_is_as_stated(elements: dict[str, Any], rate: float | None, tmp_path: Path) -> None:
    found = playing_of(str(save(image(**elements), tmp_path / "a.dcm"))).frames_per_second
    assert found == (pytest.approx(rate, rel=1e-4) if rate is not None else None)


def test_all_windows_are_offered_by_their_names(tmp_path: Path) -> None:
    elements = {"WindowCenter": [40, -600, 3], "WindowWidth": [400, 1500, 0], "WindowCenterWidthExplanation": ["SOFT", "LUNG", "NONE"]}
    assert playing_of(str(save(image(**elements), tmp_path / "a.dcm"))).windows == ((40.0, 400.0, "SOFT"), (-600.0, 1500.0, "LUNG"))


def test_a_window_that_makes_no_sense_does_not_give_its_name_to_another(tmp_path: Path) -> None:
    elements = {"WindowCenter": [3, 40, -600], "WindowWidth": [0, 400, 1500], "WindowCenterWidthExplanation": ["NONE", "SOFT", "LUNG"]}
    assert playing_of(str(save(image(**elements), tmp_path / "a.dcm"))).windows == ((40.0, 400.0, "SOFT"), (-600.0, 1500.0, "LUNG"))


@pytest.mark.parametrize("wrong", ["nan", "inf", "", "wide", "-1", "0"])
def test_a_number_that_is_none_drops_its_pair_alone(wrong: str) -> None:
    assert windows_of("1\\2\\3", f"10\\{wrong}\\30", "A\\B\\C") == ((1.0, 10.0, "A"), (3.0, 30.0, "C"))


def test_a_file_that_is_none_states_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_text("no DICOM")
    found = playing_of(str(tmp_path / "a.dcm"))
    assert (found.frames_per_second, found.windows) == (None, ())
