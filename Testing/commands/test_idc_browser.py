"""``import idc_browser``: from a question to voxels, on the demo's bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import idc_browser
from IDCBrowserLib.demo import phantom
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import InputError


@pytest.fixture
def demo(world: World, home: Path) -> dict[str, Any]:
    return {"catalog_sources": world.catalog_sources}


def test_series_are_found_by_columns_and_shown_as_rows_and_tables(demo: dict[str, Any]) -> None:
    found = idc_browser.find(collection_id="demo_phantom", Modality=["CT", "SEG"], **demo)
    assert {one.modality for one in found} == {"CT", "SEG"} and len(found) == 4
    assert len(idc_browser.find(collection_id="demo_phantom", limit=2, **demo)) == 2
    assert len(found[:3]) == 3 and isinstance(found[:3], idc_browser.Found)
    assert found.rows()[0]["collection_id"] == "demo_phantom"
    assert found.to_arrow().num_rows == 4 and list(found.to_pandas()["Modality"]) == [one.modality for one in found]
    assert "4 series of 1 cases" in repr(found) and found._repr_html_().count("<tr>") == 5
    assert len(idc_browser.plan("demo_phantom", **demo)) == 6


def test_a_column_that_does_not_exist_is_named(demo: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="modalitty"):
        idc_browser.find(modalitty="CT", **demo)


def test_labelmaps_come_with_the_images_that_they_are_on(
    demo: dict[str, Any], world: World, phantom_folder: Path, phantom_series: dict[str, PhantomSeries], tmp_path: Path
) -> None:
    found = idc_browser.find(SeriesInstanceUID=phantom_series["mr_seg"].series_instance_uid, **demo)
    (labelmap,) = found.labelmaps(tmp_path, endpoint_url=world.endpoint_url)
    assert labelmap.series_uid == phantom_series["mr"].series_instance_uid
    truth = phantom.truth(phantom_folder)["mr_seg"]["segments"]
    assert {one.number: one.voxels for one in labelmap.segments} == {one["number"]: one["voxels"] for one in truth}


def test_images_come_as_volumes_with_their_place(
    demo: dict[str, Any], world: World, phantom_series: dict[str, PhantomSeries], tmp_path: Path
) -> None:
    found = idc_browser.find(SeriesInstanceUID=phantom_series["mr"].series_instance_uid, **demo)
    (volume,) = found.volumes(tmp_path, endpoint_url=world.endpoint_url)
    assert volume.voxels.ndim == 3 and volume.voxels.shape == volume.geometry.shape
    assert np.ptp(volume.voxels) > 0


def test_what_cannot_be_downloaded_is_an_error_with_the_reason(
    demo: dict[str, Any], phantom_series: dict[str, PhantomSeries], tmp_path: Path
) -> None:
    found = idc_browser.find(SeriesInstanceUID=phantom_series["mr"].series_instance_uid, **demo)
    with pytest.raises(idc_browser.IDCBrowserError, match=r"127\.0\.0\.1"):
        found.download(tmp_path, endpoint_url="http://127.0.0.1:9", retry_count=0)
