"""The keys under which scene nodes and file headers record the origin of IDC data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IDCBrowserLib.api.catalog import Provenance

_KEYS = {
    "IDC.collection_id": "collection_id",
    "IDC.SeriesInstanceUID": "SeriesInstanceUID",
    "IDC.crdc_series_uuid": "crdc_series_uuid",
    "IDC.idc_version": "idc_version",
    "IDC.license": "license_short_name",
    "IDC.source_doi": "source_DOI",
}


def idc_keys(provenance: Provenance) -> dict[str, str]:
    """Key and text of all that is known. Slicer reads keys of an NRRD header as attributes of the volume node, and writes these as such."""
    row: dict[str, object] = {**provenance}
    return {key: str(row[column]) for key, column in _KEYS.items() if row[column] not in (None, "")}
