"""Addresses of the IDC portal and of its viewers: the filters or identifiers they carry, and filters as such an address.

The portal writes ``/explore/filters/?NAME=VALUE&NAME=VALUE&OTHER=VALUE``: any of the values of a name, all of the names; ``NAME_op=AND`` asks for
all values, ``NAME_ebtw=FROM&NAME_ebtw=TO`` for a range, "None" means "not stated". A program stands among the collections, in other letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

EXPLORE_URL = "https://portal.imaging.datacommons.cancer.gov/explore/filters/?"
# The portal warns of longer ones, and some programs cut them off.
MAX_URL = 2048
_HOST = "imaging.datacommons.cancer.gov"
_VOLVIEW_HOST = "volview.kitware.app"
# The portal's name, in lower case -> the column here. "access" has one value for all of IDC.
_COLUMNS = {
    "collection_id": "collection_id",
    "analysis_results_id": "analysis_result_id",
    "modality": "Modality",
    "bodypartexamined": "BodyPartExamined",
    "manufacturer": "Manufacturer",
    "manufacturermodelname": "ManufacturerModelName",
    "license_short_name": "license_short_name",
    "patientsex": "PatientSex",
    "sopclassuid": "SOPClassUID",
    "patientid": "PatientID",
    "studyinstanceuid": "StudyInstanceUID",
    "seriesinstanceuid": "SeriesInstanceUID",
    "tcia_tumorlocation": "tumor_locations",
    "tcia_cancertype": "cancer_types",
    "tcia_species": "species",
    "program": "program_id",
    "access": "",
}
_NAMES = {
    "collection_id": "collection_id",
    "analysis_result_id": "analysis_results_id",
    "Modality": "Modality",
    "BodyPartExamined": "BodyPartExamined",
    "Manufacturer": "Manufacturer",
    "ManufacturerModelName": "ManufacturerModelName",
    "license_short_name": "license_short_name",
    "SOPClassUID": "SOPClassUID",
    "PatientID": "PatientID",
    "StudyInstanceUID": "StudyInstanceUID",
    "SeriesInstanceUID": "SeriesInstanceUID",
}
# Values of these hold no commas; people write several of them into one parameter.
_SPLIT = frozenset({"collection_id", "Modality", "StudyInstanceUID", "SeriesInstanceUID"})
# Where a collection states several values in one text.
LIST_COLUMNS = ("tumor_locations", "cancer_types", "species")
_RANGES = ("_ebtwe", "_ebtw", "_btwe", "_btw", "_gte", "_lte", "_gt", "_lt")
_NOT_STATED = "None"
_ID_PARAMETERS = ("SeriesInstanceUIDs", "SeriesInstanceUID", "initialSeriesInstanceUID", "StudyInstanceUIDs", "StudyInstanceUID")


class UnknownFilterError(Exception):
    """The address carries a filter that the local catalog cannot apply; taking the rest would select too much."""


@dataclass(frozen=True)
class PortalRequest:
    """Filters of the portal's explorer, as ``catalog.filters`` takes them; or the identifiers a viewer was opened with; or the name of the
    collection that a page is about.
    """

    filters: dict[str, Any] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    collection: str = ""


def is_portal_url(text: str) -> bool:
    """Whether a text is an address of the portal or of one of its viewers."""
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and (host in (_HOST, _VOLVIEW_HOST) or host.endswith(f".{_HOST}"))


def parse(url: str) -> PortalRequest:
    """What the address selects; raises ``UnknownFilterError`` when a part of it cannot be honored."""
    parts = urlsplit(url.strip())
    query = parse_qs(parts.query)
    if "shared_cart" in query:
        raise UnknownFilterError(
            "the contents of a shared cart are known only to the portal; open it there, save its manifest, and open that manifest"
        )
    if "/explore" in parts.path:
        return PortalRequest(filters=_filters(query))
    collection = _after(parts.path, ("collections",))
    if collection:
        return PortalRequest(collection=collection)
    ids = _viewer_ids(parts.path, query)
    if not ids:
        raise UnknownFilterError("the address names no filters, study or series")
    return PortalRequest(ids=ids)


def format_url(filters: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The portal's address of filters in the form of ``catalog.filters``, and the columns that the portal cannot filter by, which are not in it."""
    parts: list[str] = []
    left_out: list[str] = []
    for column, wanted in filters.items():
        said = _said(column, wanted)
        if said is None:
            left_out.append(column)
        else:
            parts += [f"{name}={quote(value, safe='')}" for name, value in said]
    return EXPLORE_URL + "&".join(parts), tuple(left_out)


def spell_out(filters: Mapping[str, Any], values_of: Callable[[str], Iterable[Any]]) -> dict[str, Any]:
    """``filters`` with the texts of the catalog: "Breast" stands for every text that lists it ("Breast, Chest"). ``values_of`` a column."""
    spelled = dict(filters)
    for column in LIST_COLUMNS:
        if isinstance(spelled.get(column), (list, tuple)):
            wanted = {str(value).lower() for value in spelled[column] if value is not None}
            found = [text for text in values_of(column) if text is not None and wanted & {part.strip().lower() for part in (text, *text.split(","))}]
            spelled[column] = [*found, *(value for value in spelled[column] if value is None)] or list(spelled[column])
    return spelled


def _filters(query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    for name, values in query.items():
        if name.lower().endswith("_op"):
            continue
        column = _column(name)
        if column:
            stated = _values(column, values)
            filters[column] = [*filters.get(column, ()), *(value for value in stated if value not in filters.get(column, ()))]
    _take_programs_apart(filters)
    _apply_operators(filters, query)
    if not filters:
        raise UnknownFilterError("the address carries no filters, so it would select all of IDC")
    return filters


def _column(name: str) -> str:
    column = _COLUMNS.get(name.lower())
    if column is None:
        ranged = name.lower().endswith(_RANGES)
        what = "range" if ranged else "filter"
        raise UnknownFilterError(f"the {what} {name!r} of the portal is not supported; save a manifest in the portal and open that")
    return column


def _values(column: str, values: Sequence[str]) -> list[Any]:
    texts = [part for value in values for part in (value.split(",") if column in _SPLIT else [value])]
    stated = [text.strip() for text in texts if text.strip()]
    return [None if text == _NOT_STATED else text for text in dict.fromkeys(stated)]


def _take_programs_apart(filters: dict[str, Any]) -> None:
    """Collections are lower case; a program beside its collections only says where they stand in the portal's tree."""
    named = filters.pop("collection_id", [])
    collections = [value for value in named if value is None or value == value.lower()]
    programs = [value.lower() for value in named if value not in collections]
    if collections:
        filters["collection_id"] = collections
    elif programs:
        filters["program_id"] = programs


def _apply_operators(filters: dict[str, Any], query: Mapping[str, Sequence[str]]) -> None:
    for name, values in query.items():
        column = _COLUMNS.get(name.lower().removesuffix("_op"), "") if name.lower().endswith("_op") else ""
        if column not in filters or values[-1].upper() != "AND" or len(filters[column]) < 2:
            continue
        if column != "Modality":
            raise UnknownFilterError(f"no series has several values of {column} at once, as {name}=AND asks for")
        # The portal means studies in which each of them is.
        filters["study_modality"] = {"all": filters.pop(column)}


def _viewer_ids(path: str, query: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    for name in _ID_PARAMETERS:
        if name in query:
            return tuple(part.strip() for value in query[name] for part in value.split(",") if part.strip())
    if "urls" in query:
        # VolView: urls=[s3://bucket/crdc_series_uuid,...]
        return tuple(part.strip() for value in query["urls"] for part in value.strip().strip("[]").split(",") if part.strip())
    named = _after(path, ("series", "studies", "viewer", "analysis_results"))
    return (named,) if named else ()


def _after(path: str, markers: Sequence[str]) -> str:
    """The part of a path that follows the first of the markers that it has."""
    segments = [unquote(segment) for segment in path.split("/") if segment]
    return next((segments[segments.index(marker) + 1] for marker in markers if marker in segments[:-1]), "")


def _said(column: str, wanted: Any) -> list[tuple[str, str]] | None:
    """Names and values of the portal for one filter; None when it has no words for it."""
    if isinstance(wanted, Mapping):
        stated = {key: value for key, value in wanted.items() if value is not None and value != []}
        if column == "study_modality" and set(stated) == {"all"}:
            values = [str(value) for value in stated["all"]]
            operator = [("Modality_op", "AND")] if len(values) > 1 else []
            return [*operator, *(("Modality", value) for value in values)]
        if set(stated) != {"any"}:
            return None
        wanted = stated["any"]
    if column not in _NAMES:
        return None
    given: Sequence[Any] = [wanted] if isinstance(wanted, (str, int, float)) else wanted
    return [(_NAMES[column], _NOT_STATED if value is None or value == "" else str(value)) for value in given]
