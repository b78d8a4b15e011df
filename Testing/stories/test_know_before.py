"""A person knows what will arrive before downloading it: pictures, relations, links."""

from pathlib import Path

import numpy as np
import pydicom
from helpers.hands import Hands
from helpers.preview_objects import read_png

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.ui.preview import PreviewPhase


def open_the_phantom(hands: Hands) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "demo_phantom")
    hands.wait(lambda: hands.rows("collections") == 1, "the demo collection")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") == 1, "its case")
    hands.click_row("cases", 0)
    hands.wait(lambda: hands.rows("studies") == 2, "its studies")
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 6, "its series")


def click_series(hands: Hands, text: str) -> None:
    hands.click_row("series", hands.find_row("series", text))


def picture(hands: Hands, starts: str) -> Path:
    preview = hands.program.browser.preview
    hands.wait(lambda: preview.state.phase is PreviewPhase.READY and preview.state.text.startswith(starts), f"a picture: {starts}")
    return Path(preview.state.file)


def test_a_click_on_a_series_shows_one_of_its_slices(hands: Hands, world: World) -> None:
    open_the_phantom(hands)
    click_series(hands, "Abdomen 4.0 soft tissue")
    shown = read_png(picture(hands, "CT, image"))[..., 0]
    number = int(hands.program.browser.preview.state.text.removeprefix("CT, image "))
    files = next(series.files for series in world.series if series.key == "ct")
    stored = next(header for header in map(pydicom.dcmread, files) if header.InstanceNumber == number)
    values = stored.pixel_array * float(stored.RescaleSlope) + float(stored.RescaleIntercept)
    assert np.corrcoef(shown.ravel(), np.clip(values, -160, 240).ravel())[0, 1] > 0.95
    assert not hands.widget("previewPicture").pixmap().isNull()
    assert not list(world.download_folder.rglob("*.dcm")), "nothing was downloaded"
    hands.photograph("preview")
    click_series(hands, "Organs and tumor")
    colors = read_png(picture(hands, "Segmentation: Liver"))
    assert (colors.max(axis=2) != colors.min(axis=2)).any(), "segments have colors"
    assert colors.shape[:2] == shown.shape, "on the grid of the CT"


def test_walking_on_gives_the_former_picture_up(hands: Hands) -> None:
    open_the_phantom(hands)
    for text in ("Abdomen 4.0", "Organs and tumor", "Organs (label map)", "Planning contours"):
        click_series(hands, text)
    picture(hands, "Contours: ")
    rows = hands.program.browser.tables.selected_ids("series")
    assert rows == (hands.program.browser.preview.state.series_uid,)
