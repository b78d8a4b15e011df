"""Web addresses of rows in the catalog, as ``[label, address, kind]``; kinds are "viewer", "volview", "portal", "doi" and "program"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

_VIEWER = "https://viewer.imaging.datacommons.cancer.gov"
_PORTAL = "https://portal.imaging.datacommons.cancer.gov/explore/filters/"
_VOLVIEW = "https://volview.kitware.app/"
# Slides and what is drawn on them open in Slim.
SLIDE_MODALITIES = frozenset({"SM", "ANN"})
# These are shown with their study, never alone; as in the portal.
_OF_STUDY = frozenset({"PR", "SEG", "REG", "RTSTRUCT", "RTPLAN", "RWV", "SR", "ANN", "KO", "RTDOSE", "M3D"})
_VOLVIEW_MODALITIES = frozenset({"CT", "MR", "PT", "NM", "CR", "DX", "MG", "US", "XA", "RF"})
# An address gets too long for browsers otherwise.
_MOST_VOLVIEW_SERIES = 20

Link = list[str]

# Starts a program on this computer.
QUPATH_SCHEME = "qupath:"
QUPATH_LINK: Link = ["Show in QuPath", QUPATH_SCHEME, "program"]


def doi_url(doi: str) -> str:
    """The page a DOI leads to; accepts one that is a URL already."""
    return doi if doi.startswith(("http://", "https://")) else f"https://doi.org/{quote(doi, safe='/.()')}"


def doi_link(doi: str) -> Link:
    """The page a DOI leads to."""
    return [f"DOI {doi}", doi_url(doi), "doi"]


def portal_link(collection_id: str) -> Link:
    """IDC's portal, showing one collection."""
    return ["Collection in the IDC portal", f"{_PORTAL}?collection_id={quote(collection_id)}", "portal"]


def study_links(study_uid: str, series: Sequence[Mapping[str, Any]]) -> list[Link]:
    """Viewers for a study with these series (rows with Modality, aws_bucket, crdc_series_uuid)."""
    modalities = {row["Modality"] or "" for row in series}
    links = []
    if modalities - SLIDE_MODALITIES - _OF_STUDY or not modalities & SLIDE_MODALITIES:
        links.append(_ohif(study_uid))
    if modalities & SLIDE_MODALITIES:
        links.append(_slim(study_uid))
    volumes = [row for row in series if row["Modality"] in _VOLVIEW_MODALITIES]
    if len({row["aws_bucket"] for row in volumes}) == 1 and len(volumes) <= _MOST_VOLVIEW_SERIES:
        links += _volview(volumes)
    return links


def series_links(row: Mapping[str, Any], in_slide_study: bool) -> list[Link]:
    """Viewers for one series; ``in_slide_study``: whether its study has slides, on which a SEG is then drawn."""
    modality, study = row["Modality"] or "", row["StudyInstanceUID"]
    if modality == "SM":
        links = [_slim(study, row["SeriesInstanceUID"])]
    elif modality == "ANN" or (in_slide_study and modality in _OF_STUDY):
        links = [_slim(study)]
    else:
        links = [_ohif(study, "" if modality in _OF_STUDY else row["SeriesInstanceUID"])]
    if modality in _VOLVIEW_MODALITIES:
        links += _volview([row])
    return links + ([doi_link(row["source_DOI"])] if row["source_DOI"] else [])


def _ohif(study_uid: str, series_uid: str = "") -> Link:
    address = f"{_VIEWER}/v3/viewer/?StudyInstanceUIDs={quote(study_uid)}"
    return ["Open in OHIF", f"{address}&initialSeriesInstanceUID={quote(series_uid)}" if series_uid else address, "viewer"]


def _slim(study_uid: str, series_uid: str = "") -> Link:
    address = f"{_VIEWER}/slim/studies/{quote(study_uid)}"
    return ["Open in Slim", f"{address}/series/{quote(series_uid)}" if series_uid else address, "viewer"]


def _volview(series: Sequence[Mapping[str, Any]]) -> list[Link]:
    places = [f"s3://{row['aws_bucket']}/{row['crdc_series_uuid']}" for row in series if row["aws_bucket"]]
    return [["Open in VolView", f"{_VOLVIEW}?urls=[{quote(','.join(places), safe=':/,')}]", "volview"]] if places else []
