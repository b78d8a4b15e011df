"""Previews as the window asks for them, of every kind of series in the demo's bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from helpers.fault_proxy import Fault, FaultProxy, is_object
from helpers.preview_objects import read_png

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import NotFoundError, TransferError


def series(world: World, key: str) -> Any:
    return next(item for item in world.series if item.key == key)


def ask(engine: Any, world: World, key: str, url: str = "", **more: Any) -> dict[str, Any]:
    return engine.ask("preview.series", series=series(world, key).series_instance_uid, endpoint_url=url or world.endpoint_url, **more)


def test_of_a_ct_a_slice_near_the_middle_is_shown_with_its_very_pixels(engine: Any, demo_world: World) -> None:
    found = ask(engine, demo_world, "ct")
    headers = [pydicom.dcmread(path) for path in series(demo_world, "ct").files]
    number = int(found["description"].removeprefix("CT, image "))
    assert abs(number - len(headers) / 2) < len(headers) / 8
    chosen = next(header for header in headers if header.InstanceNumber == number)
    values = chosen.pixel_array * float(chosen.RescaleSlope) + float(chosen.RescaleIntercept)
    window = [chosen.get(name) for name in ("WindowCenter", "WindowWidth")]
    center, width = (float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value) for value in window)
    expected = np.clip(np.rint(255 * ((values - (center - 0.5)) / (width - 1) + 0.5)), 0, 255)
    shown = read_png(Path(found["file"]))[..., 0]
    assert shown.shape == expected.shape
    assert abs(shown - expected).max() <= 1


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("mr", "MR, image"),
        ("seg_binary", "Segmentation: Liver"),
        ("seg_labelmap", "Segmentation: "),
        ("mr_seg", "L3 vertebra"),
        ("rtstruct", "Contours: "),
    ],
)
def test_every_kind_of_series_has_a_picture(engine: Any, demo_world: World, key: str, words: str) -> None:
    found = ask(engine, demo_world, key)
    assert words in found["description"]
    pixels = read_png(Path(found["file"]))
    assert max(pixels.shape) <= 512 and pixels.std() > 1


def test_a_second_look_asks_the_network_for_nothing(engine: Any, demo_world: World, proxy: FaultProxy) -> None:
    first = ask(engine, demo_world, "ct", proxy.url)
    asked = sum(proxy.asked.values())
    assert asked <= 20
    assert ask(engine, demo_world, "ct", proxy.url) == first
    assert sum(proxy.asked.values()) == asked


def test_files_that_are_here_are_used_without_the_network(engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    files = [str(path) for path in series(demo_world, "mr").files]
    assert "MR" in ask(engine, demo_world, "mr", proxy.url, files=files)["description"]
    (planned,) = engine.ask("selection.plan", sources=[series(demo_world, "seg_binary").series_instance_uid])["series"]
    folder = tmp_path / planned["collection_id"] / planned["PatientID"] / planned["StudyInstanceUID"] / f"SEG_{planned['SeriesInstanceUID']}"
    folder.mkdir(parents=True)
    (source,) = series(demo_world, "seg_binary").files
    (folder / source.name).write_bytes(source.read_bytes())
    assert ask(engine, demo_world, "seg_binary", proxy.url, folder=str(tmp_path))["file"]
    assert not proxy.asked


def test_a_preview_that_is_given_up_does_not_hold_up_the_next(engine: Any, demo_world: World, proxy: FaultProxy) -> None:
    proxy.rule = lambda method, path, count: Fault(stall_s=5) if is_object(path) and series(demo_world, "ct").crdc_series_uuid in path else None
    given_up = engine.begin("preview.series", series=series(demo_world, "ct").series_instance_uid, endpoint_url=proxy.url)
    engine.wait(lambda: any(is_object(path) for path in proxy.asked))
    given_up.request.cancel(tell=True)
    engine.wait(lambda: given_up.ended, 4)
    assert "MR" in ask(engine, demo_world, "mr", demo_world.endpoint_url)["description"]


def test_what_cannot_be_fetched_is_one_sentence(engine: Any, demo_world: World, proxy: FaultProxy) -> None:
    proxy.rule = lambda method, path, count: Fault(status=503)
    with pytest.raises(TransferError, match="HTTP 503"):
        ask(engine, demo_world, "ct", proxy.url)
    proxy.rule = lambda method, path, count: Fault(reset=True)
    with pytest.raises(TransferError, match="cannot be reached"):
        ask(engine, demo_world, "ct", proxy.url)
    with pytest.raises(NotFoundError):
        engine.ask("preview.series", series="1.2.3.4.5")
