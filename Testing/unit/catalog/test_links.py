"""Where things open on the web, by the rules of IDC's portal."""

from typing import Any

import pytest

from IDCBrowserLib.catalog.about.links import doi_url, portal_link, series_links, study_links

OHIF = "https://viewer.imaging.datacommons.cancer.gov/v3/viewer/?StudyInstanceUIDs=1.2"
SLIM = "https://viewer.imaging.datacommons.cancer.gov/slim/studies/1.2"


def row(modality: str, number: int = 1, bucket: str = "idc-open-data") -> dict[str, Any]:
    return {
        "Modality": modality,
        "SeriesInstanceUID": f"1.2.{number}",
        "StudyInstanceUID": "1.2",
        "aws_bucket": bucket,
        "crdc_series_uuid": f"u{number}",
        "source_DOI": None,
    }


def test_an_image_opens_in_ohif_at_its_series_and_in_volview() -> None:
    assert series_links(row("CT"), False) == [
        ["Open in OHIF", f"{OHIF}&initialSeriesInstanceUID=1.2.1", "viewer"],
        ["Open in VolView", "https://volview.kitware.app/?urls=[s3://idc-open-data/u1]", "volview"],
    ]


@pytest.mark.parametrize("modality", ["PR", "SEG", "REG", "RTSTRUCT", "RTPLAN", "RWV", "SR"])
def test_what_is_drawn_on_images_opens_with_its_study(modality: str) -> None:
    assert series_links(row(modality), False) == [["Open in OHIF", OHIF, "viewer"]]
    assert series_links(row(modality), True) == [["Open in Slim", SLIM, "viewer"]], "in a study of slides"


def test_slides_open_in_slim_and_nowhere_else() -> None:
    assert series_links(row("SM"), True) == [["Open in Slim", f"{SLIM}/series/1.2.1", "viewer"]]
    assert series_links(row("ANN"), True) == [["Open in Slim", SLIM, "viewer"]]
    assert study_links("1.2", [row("SM"), row("SEG", 2), row("ANN", 3)]) == [["Open in Slim", SLIM, "viewer"]]


def test_a_study_opens_with_all_its_images() -> None:
    assert study_links("1.2", [row("CT"), row("PT", 2), row("SEG", 3)]) == [
        ["Open in OHIF", OHIF, "viewer"],
        ["Open in VolView", "https://volview.kitware.app/?urls=[s3://idc-open-data/u1,s3://idc-open-data/u2]", "volview"],
    ]
    assert [link[2] for link in study_links("1.2", [row("CT"), row("CT", 2, "idc-open-data-cr")])] == ["viewer"], "VolView takes one bucket"
    assert [link[2] for link in study_links("1.2", [row("CT", number) for number in range(21)])] == ["viewer"], "an address has an end"
    assert [link[0] for link in study_links("1.2", [row("SM"), row("CT", 2)])][:2] == ["Open in OHIF", "Open in Slim"]
    assert study_links("1.2", [row("SR")]) == [["Open in OHIF", OHIF, "viewer"]]


def test_names_in_addresses_are_escaped() -> None:
    assert portal_link("a&b c")[1].endswith("?collection_id=a%26b%20c")
    assert doi_url("10.7937/k9 <x>") == "https://doi.org/10.7937/k9%20%3Cx%3E"
    assert doi_url("https://doi.org/10.1") == "https://doi.org/10.1"
    assert series_links({**row("CT"), "source_DOI": "10.1/x"}, False)[-1] == ["DOI 10.1/x", "https://doi.org/10.1/x", "doi"]
