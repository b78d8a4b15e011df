"""Leafing through the series of a study, and keeping to what a manifest or a list names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from helpers.person import Person

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.qtbinding import QtWidgets
from told.index import counted, opened_index

_UNKNOWN = "00000000-0000-4000-8000-000000000000"
_CHOSEN = "collection_id IN ('lidc_idri', 'nsclc_radiomics') AND hash(SeriesInstanceUID) % 10 = 0"


def series_of(world: World, key: str) -> Any:
    """Of the phantom."""
    return next(item for item in world.series if item.key == key)


def open_phantom(person: Person, world: World) -> Any:
    """From the collections to the series of the phantom, by clicks; gives the tree."""
    person.wait(lambda: person.rows("collections") > 100, "the catalog")
    person.type_into("collectionsFilter", world.collection_id)
    person.wait(lambda: person.rows("collections") == 1, "the collection")
    person.click_row("collections", 0)
    person.wait(lambda: person.rows("cases") >= 1, "its cases")
    person.click_row("cases", 0)
    person.wait(lambda: person.rows("studies") >= 1, "its studies")
    person.click_row("studies", 0)
    person.wait(lambda: person.rows("series") > 1, "its series")
    person.bring_into_sight("series")
    return person.view("series")


def nodes(tree: Any) -> dict[str, list[str]]:
    """First lines of the rows below each top row."""
    model = tree.model()

    def text(index: Any) -> str:
        return str(model.data(index)).split("\n")[0]

    return {
        text(model.index(row, 0)): [text(model.index(below, 0, model.index(row, 0))) for below in range(model.rowCount(model.index(row, 0)))]
        for row in range(model.rowCount())
    }


def leafed_through_with_pictures(person: Person, world: World) -> None:
    """Thumbnails of a study, and the images of its CT by the wheel and by keys."""
    tree = open_phantom(person, world)
    ct = series_of(world, "ct")
    person.wait(lambda: (known := person.browser.thumbnails.of(ct.series_instance_uid)) is not None and known.file, "the thumbnail of the CT")
    drawn = nodes(tree)
    (image,) = [name for name in drawn if "Abdomen 4.0" in name]
    below = [*drawn, *(name for names in drawn.values() for name in names)]
    assert all(any(name in row for row in below) for name in ("Organs", "Planning")), "what was drawn on it"
    person.photograph("shelf")
    person.click_index(tree, tree.model().index(list(drawn).index(image), 0))
    picture = person.widget("previewPicture")
    preview, leafing = person.browser.preview, person.browser.leafing
    person.wait(lambda: picture.isVisible() and preview.state.series_uid == ct.series_instance_uid and preview.state.file, "the preview")
    headers = sorted((pydicom.dcmread(path) for path in ct.files), key=lambda header: int(header.InstanceNumber))
    count = len(headers)
    person.wait(lambda: person.shown_text("previewPlace") == f"{count} images", "how many there are")
    person.turn_wheel(picture, 3)
    person.wait(lambda: person.shown_text("previewPlace") == f"{count // 2 + 4} of {count}" and leafing.state.file, "the third image on")
    person.photograph("shelf-leafed")
    person.key(picture, "Home")
    person.wait(lambda: person.shown_text("previewPlace") == f"1 of {count}" and leafing.state.file, "the first image")
    _check_pixels(leafing.state.file, headers[0])


def _check_pixels(file: str, header: pydicom.Dataset) -> None:
    """In the window that the header states."""
    shown = np.fromfile(file, np.uint8)[-header.Rows * header.Columns :]
    values = header.pixel_array * float(header.RescaleSlope) + float(header.RescaleIntercept)
    center, width = (float(np.atleast_1d(header.get(name))[0]) for name in ("WindowCenter", "WindowWidth"))
    gray = np.clip(np.rint(255 * ((values - (center - 0.5)) / (width - 1) + 0.5)), 0, 255).ravel()
    assert np.abs(shown.astype(int) - gray).max() <= 1, "the very pixels of the first image"


def a_manifest_is_a_working_set(person: Person, folder: Path) -> None:
    """Some series of two real collections and a line that names nothing: tables and counts keep to them, what was not found is a click away."""
    with opened_index() as index:
        rows = index.execute(f"SELECT aws_bucket, crdc_series_uuid FROM idc WHERE {_CHOSEN}").fetchall()
        total, studies, cases = counted(index, _CHOSEN)
        segs, _studies, seg_cases = counted(index, f"{_CHOSEN} AND Modality = 'SEG'")
    manifest = folder / "cart.s5cmd"
    lines = [f"cp s3://{bucket}/{uuid}/* ." for bucket, uuid in rows]
    manifest.write_text("\n".join([*lines, f"cp s3://idc-open-data/{_UNKNOWN}/* ."]), encoding="utf-8")
    person.open_manifest(manifest)
    browser = person.browser
    person.wait(lambda: person.shown_text("workingSetChip") == f"Only cart.s5cmd, {total:,} series  ×", "the chip")
    person.wait(lambda: person.rows("collections") == 2, "its two collections")
    whole = f"= {cases:,} cases ({studies:,} studies, {total:,} series"
    person.wait(lambda: person.shown_text("filtersTotals").startswith(whole), "the totals")
    person.photograph("working-set")
    person.press("workingSetMissing")
    person.wait(lambda: _UNKNOWN in person.shown_text("results"), "what was not found")
    browser.filters.choose({"Modality": ["SEG"]})
    person.wait(lambda: browser.filters.state.totals and browser.filters.state.totals["series"] == segs, "the segmentations in it")
    assert browser.filters.state.totals["cases"] == seg_cases
    person.press("resetFiltersButton")
    person.wait(lambda: person.shown_text("filtersTotals").startswith(whole), "all of it again")
    person.press("workingSetChip")
    person.wait(lambda: person.rows("collections") > 100, "everything")


def a_pasted_list_is_a_working_set(person: Person) -> None:
    """Case ids as a spreadsheet has them, one of them unknown: pasted into the search box, opened with Enter."""
    box = person.widget("searchBox")
    person.click(box)
    box.selectAll()
    QtWidgets.QApplication.clipboard().setText("PatientID\nLIDC-IDRI-0001\nLIDC-IDRI-0002\nLIDC-IDRI-99999")
    person.key(box, "Ctrl+V")
    search = person.browser.search
    person.wait(lambda: search.state.hits and search.state.done, "the hits")
    assert sorted(search.state.hits[0].ids) == ["lidc_idri/LIDC-IDRI-0001", "lidc_idri/LIDC-IDRI-0002"]
    person.wait(lambda: person.shown_text("searchNote") == "Not in IDC: LIDC-IDRI-99999", "what is not in IDC")
    person.photograph("pasted")
    person.key(box, "Return")
    person.wait(lambda: person.browser.tables.state("cases").selected_count == 2, "both cases")


def a_mistyped_name_is_found(person: Person) -> None:
    """Typed letter by letter with a mistake; Enter opens it."""
    person.type_into("searchBox", "nsclc radomics")
    search = person.browser.search
    person.wait(lambda: search.state.text == "nsclc radomics" and search.state.done, "the hits")
    assert search.state.hits[0].ids == ("nsclc_radiomics",)
    assert person.widget("searchDrop").isVisible()
    person.photograph("mistyped")
    person.key(person.widget("searchBox"), "Return")
    person.wait(lambda: person.browser.tables.selected_ids("collections") == ("nsclc_radiomics",), "the collection")
