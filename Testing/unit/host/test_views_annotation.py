"""Letters and positions beside a picture."""

import pytest

pytest.importorskip("PySide6")

from IDCBrowserLib.host.standalone.annotation import direction_letters, offset_text
from IDCBrowserLib.host.standalone.scene import safe_file_name


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "R"),
        ((-1, 0, 0), "L"),
        ((0, 1, 0), "A"),
        ((0, -1, 0), "P"),
        ((0, 0, 1), "S"),
        ((0, 0, -1), "I"),
        ((0.8, 0.6, 0), "RA"),
        ((0.1, -0.995, 0), "P"),
        ((-0.5, 0.3, -0.81), "ILA"),
    ],
)
def test_letters_name_the_patient_direction_the_larger_part_first(direction, letters):
    # Given in RAS: +x is toward the patient's right.
    assert direction_letters(direction) == letters


@pytest.mark.parametrize(
    ("normal", "offset", "text"),
    [
        ((0, 0, 1), 12.34, "S 12.3 mm"),
        ((0, 0, 1), -12.34, "I 12.3 mm"),
        ((0, 0, -1), 12.34, "I 12.3 mm"),
        ((1, 0, 0), 5.0, "R 5.0 mm"),
        ((0, 1, 0), -7.0, "P 7.0 mm"),
        ((0, 0.6, 0.8), -7.0, "-7.0 mm"),
    ],
)
def test_positions_name_their_side_in_main_planes(normal, offset, text):
    assert offset_text(normal, offset) == text


@pytest.mark.parametrize(
    ("name", "safe"), [("P1 5: Organs label", "P1_5_Organs_label"), ("../../etc", "etc"), ("...", "unnamed"), ("a" * 300, "a" * 120)]
)
def test_node_names_become_file_names(name, safe):
    assert safe_file_name(name) == safe
