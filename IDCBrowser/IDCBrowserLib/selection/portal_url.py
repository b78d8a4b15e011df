"""Addresses of the IDC portal and of its viewers: the filters or identifiers they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

_HOST = "imaging.datacommons.cancer.gov"
_FILTERS = {
    "collection_id": "collection_id", "modality": "Modality", "bodypartexamined": "BodyPartExamined", "access": "", "program": "program_id",
    "manufacturer": "Manufacturer",
    "manufacturermodelname": "ManufacturerModelName", "patientsex": "PatientSex",
    "license_short_name": "license_short_name", "analysis_results_id": "analysis_result_id",
    "seriesinstanceuid": "SeriesInstanceUID", "studyinstanceuid": "StudyInstanceUID", "patientid": "PatientID", "sopclassuid": "SOPClassUID",
}
_ID_PARAMETERS = ("SeriesInstanceUIDs", "SeriesInstanceUID", "initialSeriesInstanceUID", "StudyInstanceUIDs", "StudyInstanceUID")


class UnknownFilterError(Exception):
    """The address carries a filter that the local catalog cannot apply; taking the rest would select too much."""


@dataclass(frozen=True)
class PortalRequest:
    """Either filters of the portal's explorer (catalog columns), or the identifiers a viewer was opened with."""

    filters: dict[str, list[str]] = field(default_factory=dict)
    ids: tuple[str, ...] = ()


def is_portal_url(text: str) -> bool:
    """Whether a text is an address of the portal or of one of its viewers."""
    parts = urlsplit(text.strip())
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and (host == _HOST or host.endswith(f".{_HOST}"))


def parse(url: str) -> PortalRequest:
    """What the address selects; raises ``UnknownFilterError`` when a part of it cannot be honored."""
    parts = urlsplit(url.strip())
    query = parse_qs(parts.query)
    if "/explore" in parts.path:
        return PortalRequest(filters=_filters(query))
    for name in _ID_PARAMETERS:
        if name in query:
            return PortalRequest(ids=_split(query[name]))
    segments = [segment for segment in parts.path.split("/") if segment]
    for marker in ("series", "studies", "viewer"):
        if marker in segments[:-1]:
            return PortalRequest(ids=(segments[segments.index(marker) + 1],))
    raise UnknownFilterError("the address names no filters, study or series")


def _filters(query: dict[str, list[str]]) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for name, values in query.items():
        if name.lower().endswith("_op"):
            continue
        column = _FILTERS.get(name.lower())
        if column is None:
            raise UnknownFilterError(f"the filter {name!r} of the portal cannot be applied here; save a manifest in the portal instead")
        if column:
            filters[column] = list(_split(values))
    if not filters:
        raise UnknownFilterError("the address carries no filters, so it would select all of IDC")
    return filters


def _split(values: list[str]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
