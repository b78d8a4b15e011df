"""The bar of colors beside PET, doses and maps."""

import pytest

pytest.importorskip("PySide6")

from helpers.made_volumes import AXIAL, image

from IDCBrowserLib.host.standalone.color_bar import ColorBar, color_bar_of
from IDCBrowserLib.scene.colors import color_table
from IDCBrowserLib.scene.provenance import KIND_ATTRIBUTE, QUANTITY_ATTRIBUTE, UNITS_ATTRIBUTE, mark
from IDCBrowserLib.scene.volumes import add_scalar_volume


@pytest.fixture
def scene(host):
    return host.scene


def volume_of(scene, kind, short, unit):
    node = add_scalar_volume(scene, image(), AXIAL, "Some", (6.0, 3.0), color_node_id=color_table(scene, "dose"))
    mark(node, {KIND_ATTRIBUTE: kind, QUANTITY_ATTRIBUTE: short, UNITS_ATTRIBUTE: unit})
    return node


def test_it_runs_over_the_window_in_the_colors_of_the_volume(scene):
    bar = color_bar_of(volume_of(scene, "dose", "Dose", "Gy"))
    assert (bar.title, bar.low, bar.high) == ("Dose Gy", 0.0, 6.0)
    red, _green, blue = bar.colors[0]
    assert blue > red
    red, _green, blue = bar.colors[-1]
    assert red > blue


def test_images_have_none(scene):
    assert color_bar_of(volume_of(scene, "", "", "HU")) is None
    assert color_bar_of(None) is None


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0.0, 6.0, [0, 2, 4, 6]), (0.0, 60.0, [0, 20, 40, 60]), (-1.0, 1.0, [-1, -0.5, 0, 0.5, 1]), (800.0, 2900.0, [1000, 1500, 2000, 2500])],
)
def test_its_ticks_are_round(low, high, ticks):
    assert ColorBar("", low, high, ()).ticks() == ticks
