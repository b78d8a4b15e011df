"""Web addresses of things in the catalog."""

from __future__ import annotations

from urllib.parse import quote

_VIEWER = "https://viewer.imaging.datacommons.cancer.gov"
_PORTAL = "https://portal.imaging.datacommons.cancer.gov/explore/filters/"


def doi_url(doi: str) -> str:
    """The page a DOI leads to; accepts one that is a URL already."""
    return doi if doi.startswith(("http://", "https://")) else f"https://doi.org/{quote(doi, safe='/.()')}"


def portal_collection_url(collection_id: str) -> str:
    """IDC's portal, showing one collection."""
    return f"{_PORTAL}?collection_id={quote(collection_id)}"


def viewer_url(study_uid: str, series_uid: str = "", modality: str = "") -> tuple[str, str]:
    """Name and address of the web viewer for a study or series: Slim for slide microscopy, OHIF for the rest."""
    if modality in ("SM", "ANN"):
        address = f"{_VIEWER}/slim/studies/{quote(study_uid)}"
        return "Open in Slim", f"{address}/series/{quote(series_uid)}" if series_uid and modality == "SM" else address
    address = f"{_VIEWER}/v3/viewer/?StudyInstanceUIDs={quote(study_uid)}"
    return "Open in OHIF", f"{address}&initialSeriesInstanceUID={quote(series_uid)}" if series_uid else address
