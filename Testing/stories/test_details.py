"""What is known of a row is read, followed and completed beside the tables: on the real catalog, by clicks and keys."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import idc_index_data
import pytest
from helpers import clinical_files
from helpers.hands import Hands
from helpers.side_files import VERSION, FileServer, write_side_index
from PySide6 import QtCore, QtTest

from IDCBrowserLib.catalog.files.side_indices import own_folder
from IDCBrowserLib.host.standalone.window import WindowConfig

OpenWindow = Callable[[WindowConfig], Hands]

LIDC_CT = "1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192"
RTDOSE = "1.3.6.1.4.1.14519.5.2.1.245223985966061426102494958781347594184"
MAP = "1.2.826.0.1.3680043.10.511.3.62843955543203053464781191551511085"
SHARED_STUDY = "1.2.840.113654.2.55.125969098001031158877420279905106225610"


def window(open_window: OpenWindow, folder: Path, endpoint: str = "http://127.0.0.1:9") -> Hands:
    hands = open_window(WindowConfig(settings_file=str(folder / "settings.ini"), download_folder=str(folder / "downloads"), endpoint_url=endpoint))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    return hands


def go_to(hands: Hands, uid: str, level: str = "series") -> str:
    """Find it by its UID, and read its details."""
    browser = hands.program.browser
    hands.type_into("searchBox", uid)
    hands.wait(lambda: browser.search.state.text == uid and browser.search.state.done, f"the hit {uid}")
    QtTest.QTest.keyClick(hands.widget("searchBox"), QtCore.Qt.Key.Key_Return)
    details = browser.details
    hands.wait(lambda: (details.state.level, details.state.id) == (level, uid) and details.state.document, f"the details of {uid}")
    return said(hands)


def said(hands: Hands) -> str:
    return str(hands.widget("details").toPlainText()).replace("\xa0", " ").replace("\u2060", "")


def click_link(hands: Hands, text: str) -> None:
    """Click a link in the details where it is to be seen."""
    details = hands.widget("details")
    start = details.toPlainText().replace("\xa0", " ").find(text)
    assert start >= 0, f"no link {text!r} in {said(hands)[:300]!r}"
    cursor = details.textCursor()
    cursor.setPosition(start + 2)
    details.setTextCursor(cursor)
    details.ensureCursorVisible()
    place = details.cursorRect(cursor).center()
    assert details.anchorAt(place), f"{text!r} is no link"
    QtTest.QTest.mouseClick(details.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, place)


def related(hands: Hands) -> list[list[str]]:
    model = hands.widget("relatedTable").model()
    return [[str(model.index(row, column).data()) for column in range(5)] for row in range(model.rowCount())]


def test_a_collection_is_described_with_its_sources_and_every_link_leads_to_its_page(catalog: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = catalog
    opened: list[str] = []
    monkeypatch.setattr(hands.program.host, "open_url", opened.append)
    hands.type_into("collectionsFilter", "lidc")
    hands.wait(lambda: hands.rows("collections") == 1, "LIDC-IDRI")
    hands.click_row("collections", 0)
    hands.wait(lambda: "10.7937" in said(hands), "its card")
    card = said(hands)
    assert card.startswith("LIDC-IDRI") and "Lung Image Database Consortium" in card
    assert "CC BY 3.0" in card and "Armato" in card, "license and citation of its source"
    click_link(hands, "Collection in the IDC portal")
    click_link(hands, "DOI 10.7937")
    assert [opened[0].endswith("?collection_id=lidc_idri"), opened[1].startswith("https://doi.org/10.7937")] == [True, True]
    opened.clear()
    go_to(hands, LIDC_CT)
    for text in ("Open in OHIF", "Open in VolView", "DOI 10.7937"):
        click_link(hands, text)
    assert opened[0].startswith("https://viewer.imaging.datacommons.cancer.gov/v3/viewer/") and LIDC_CT in opened[0]
    assert opened[1].startswith("https://volview.kitware.app/") and opened[2].startswith("https://doi.org/10.7937")
    hands.photograph("details-links")
    text = go_to(hands, SHARED_STUDY, "studies")
    assert "This study is of 2 cases: nlst/108001 (2 series) and nlst/123342 (1 series)." in text


def test_relations_of_reports_doses_and_parametric_maps_lead_to_their_images(catalog: Hands) -> None:
    hands = catalog
    go_to(hands, LIDC_CT)
    hands.wait(lambda: len(related(hands)) == 8, "what was made of the CT")
    assert {tuple(row[:2]) for row in related(hands)} == {("Same study", "SEG"), ("Same study", "SR")}
    assert {row[4] for row in related(hands)} == {"dicom_lidc_idri_nodules"}, "the analysis that made them"
    for uid, modality in ((RTDOSE, "CT"), (MAP, "SM")):
        go_to(hands, uid)
        hands.wait(lambda modality=modality: modality in {row[1] for row in related(hands)}, f"the image of {uid}")
        assert {row[0] for row in related(hands)} == {"Same study"}
    hands.widget("detailsTabs").setCurrentIndex(1)
    hands.photograph("relations-of-a-map")
    view = hands.widget("relatedTable")
    view.setFocus()
    QtTest.QTest.keyClick(view, QtCore.Qt.Key.Key_Home)
    QtTest.QTest.keyClick(view, QtCore.Qt.Key.Key_Return)
    tables = hands.program.browser.tables
    hands.wait(lambda: tables.selected_ids("series") and tables.selected_ids("series") != (MAP,), "the image in the tables")


def write_acquisition() -> None:
    """Index files as fetched, of real series with made-up values."""
    folder = own_folder(VERSION)
    regular = {"SeriesInstanceUID": LIDC_CT, "regularly_spaced_3d_volume": True, "slice_spacing_mm": 2.5}
    write_side_index(folder, "ct_index", [{"SeriesInstanceUID": LIDC_CT, "KVP": 120.0, "ConvolutionKernel": ["BONE"], "SliceThickness": 2.5}])
    write_side_index(folder, "contrast_index", [{"SeriesInstanceUID": LIDC_CT, "ContrastBolusAgent": ["OMNI 350"]}])
    write_side_index(folder, "volume_geometry_index", [regular])
    write_side_index(folder, "mr_index", [{"SeriesInstanceUID": of_modality("MR"), "MagneticFieldStrength": 3.0, "EchoTime": [4.5]}])
    write_side_index(folder, "pt_index", [{"SeriesInstanceUID": of_modality("PT"), "Radiopharmaceutical": "FLT", "Units": "BQML"}])


def of_modality(modality: str) -> str:
    """The first series of one of IDC's collections."""
    query = f"SELECT min(SeriesInstanceUID) FROM '{idc_index_data.IDC_INDEX_PARQUET_FILEPATH}' WHERE Modality = '{modality}' AND collection_id = ?"
    with duckdb.connect() as connection:
        row = connection.execute(query, ["acrin_flt_breast" if modality == "PT" else "upenn_gbm"]).fetchone()
    assert row is not None
    return str(row[0])


def test_acquisition_volume_and_contrast_are_told_where_their_index_files_are_here(open_window: OpenWindow, tmp_path: Path) -> None:
    write_acquisition()
    hands = window(open_window, tmp_path)
    text = go_to(hands, LIDC_CT)
    for part in ("Acquisition", "Tube voltage", "120 kV", "BONE", "OMNI 350", "Forms a regular 3D volume", "2.5 mm"):
        assert part in text, part
    assert "needs the index file" not in text
    hands.photograph("details-acquisition")
    text = go_to(hands, of_modality("MR"))
    assert "Field strength" in text and "3 T" in text and "4.5 ms" in text
    text = go_to(hands, of_modality("PT"))
    assert "Radiopharmaceutical" in text and "FLT" in text and "BQML" in text


def test_clinical_data_of_a_case_are_fetched_by_a_click_and_shown_as_a_table(open_window: OpenWindow, tmp_path: Path) -> None:
    clinical_files.write_index(own_folder(VERSION), "lidc_idri")
    clinical_files.write_tables(tmp_path / "tables", "LIDC-IDRI-0001")
    with FileServer(clinical_files.bucket_answers(tmp_path / "tables")) as server:
        hands = window(open_window, tmp_path, server.url)
        browser = hands.program.browser
        go_to(hands, LIDC_CT)
        hands.click_row("cases", 1)
        hands.wait(lambda: browser.details.state.level == "cases" and "LIDC-IDRI-0002" in said(hands), "another case")
        hands.click_row("cases", 0)
        hands.wait(lambda: "LIDC-IDRI-0001" in said(hands) and "(2 tables)" in said(hands), "what is not here")
        click_link(hands, "Fetch")
        hands.wait(lambda: "Sex of the patient" in said(hands), "the clinical data")
    lines = said(hands).splitlines()
    assert lines[lines.index("Sex of the patient") + 1] == "Female" and lines[lines.index("Stage") + 1] == "IIIA"
    assert "(2 tables)" not in said(hands)
    hands.photograph("details-clinical")
