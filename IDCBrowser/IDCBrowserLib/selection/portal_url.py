"""Addresses of the IDC portal and of its viewers: the filters or identifiers they carry, and filters as such an address.

The portal writes ``/explore/filters/?NAME=VALUE&NAME=VALUE&OTHER=VALUE``: any of the values of a name, all of the names; ``Modality_op=AND`` asks for
studies with all values, "None" means "not stated"; ranges: ``portal_ranges``. A program stands among the collections, in other letters. Nothing can
be excluded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from IDCBrowserLib.selection.portal_names import CODED, COLUMNS, NAMES, RANGED, SLIDERS, WHOLE
from IDCBrowserLib.selection.portal_ranges import format_range, parse_range, split_name
from IDCBrowserLib.selection.portal_values import ValuesOf, all_but, as_in_portal

EXPLORE_URL = "https://portal.imaging.datacommons.cancer.gov/explore/filters/?"
# The portal warns of longer ones, and some programs cut them off.
MAX_URL = 2048
_HOST = "imaging.datacommons.cancer.gov"
_VOLVIEW_HOST = "volview.kitware.app"
# Values of these hold no commas; people write several of them into one parameter.
_SPLIT = frozenset({"collection_id", "Modality", "StudyInstanceUID", "SeriesInstanceUID", *CODED})
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


@dataclass(frozen=True)
class PortalAddress:
    """``left_out`` are columns that the portal cannot filter by so, which ``url`` has not. ``notes`` say what means something else there."""

    url: str
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def format_url(filters: Mapping[str, Any], values_of: ValuesOf) -> PortalAddress:
    """The portal's address of filters in the form of ``catalog.filters``. ``values_of`` a column, as far as they are known.

    What is excluded is written as all the other values, where the address is not too long then.
    """
    parts: list[str] = []
    left_out: list[str] = []
    notes: list[str] = []
    for column, wanted in filters.items():
        said = _said(column, wanted, values_of)
        written = [f"{name}={quote(value, safe='', errors='replace')}" for name, value in said or ()]
        excludes = isinstance(wanted, Mapping) and bool(wanted.get("none"))
        if said is None or (excludes and len(EXPLORE_URL + "&".join([*parts, *written])) > MAX_URL):
            left_out.append(column)
            continue
        parts += written
        if excludes:
            notes.append(f"{NAMES[column]}: the portal cannot exclude; the address names all the other values of this IDC release.")
        if any(name.endswith("_ebtwe") for name, _value in said) and wanted.get("max") is not None:
            notes.append(f"{NAMES[column]}: the portal's slider does not include its upper end, {wanted['max']:g}.")
    return PortalAddress(EXPLORE_URL + "&".join(parts), tuple(left_out), tuple(notes))


def _filters(query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    for parameter, values in query.items():
        if parameter.lower().endswith("_op"):
            continue
        name, kind = split_name(parameter)
        column = _column(name, kind)
        if column:
            wanted = _range(name, column, kind, values) if kind else _values(column, values)
            filters[column] = _either(filters[column], wanted) if column in filters else wanted
    _take_programs_apart(filters)
    _apply_operators(filters, query)
    if not filters:
        raise UnknownFilterError("the address carries no filters, so it would select all of IDC")
    return filters


def _column(name: str, kind: str) -> str:
    column = COLUMNS.get(name.lower())
    if column is None or (kind and column not in RANGED):
        what = "a range of the filter" if kind else "the filter"
        raise UnknownFilterError(f"{what} {name!r} of the portal is not supported; save a manifest in the portal and open that")
    return column


def _range(name: str, column: str, kind: str, values: Sequence[str]) -> dict[str, Any]:
    try:
        return parse_range(kind, values, column in WHOLE)
    except ValueError as error:
        raise UnknownFilterError(f"the range of {name!r} is not understood: {error}") from None


def _either(one: Any, other: Any) -> Any:
    """What two parameters about one column ask for together, such as a range and "not stated"."""
    if isinstance(one, list) and isinstance(other, list):
        return list(dict.fromkeys([*one, *other]))
    first, second = ({"any": wanted} if isinstance(wanted, list) else wanted for wanted in (one, other))
    if {"min", "max"} & first.keys() & second.keys():
        raise UnknownFilterError("it asks for several ranges of the same filter")
    return {**first, **second, "any": list(dict.fromkeys([*first.get("any", ()), *second.get("any", ())]))}


def _values(column: str, values: Sequence[str]) -> list[Any]:
    texts = [part for value in values for part in (value.split(",") if column in _SPLIT else [value])]
    stated = [text.strip() for text in texts if text.strip()]
    return [None if text == _NOT_STATED else _number(text) if column in RANGED else text for text in dict.fromkeys(stated)]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnknownFilterError(f"{text[:40]!r} is not a number") from None


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
        column = COLUMNS.get(name.lower().removesuffix("_op"), "") if name.lower().endswith("_op") else ""
        if column not in filters or values[-1].upper() != "AND" or not isinstance(filters[column], list) or len(filters[column]) < 2:
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


def _said(column: str, wanted: Any, values_of: ValuesOf) -> list[tuple[str, str]] | None:
    """Names and values of the portal for one filter; None when it has no words for it."""
    if not isinstance(wanted, Mapping):
        wanted = {"any": [wanted] if isinstance(wanted, (str, int, float)) else list(wanted)}
    stated = {key: value for key, value in wanted.items() if value is not None and value != []}
    if column == "study_modality":
        values = [str(value) for value in stated.get("all", ())]
        operator = [("Modality_op", "AND")] if len(values) > 1 else []
        return [*operator, *(("Modality", value) for value in values)] if set(stated) == {"all"} else None
    if column not in NAMES:
        return None
    if column in SLIDERS and stated.keys() & {"min", "max"}:
        return format_range(NAMES[column], stated.get("min"), stated.get("max")) if stated.keys() <= {"min", "max"} else None
    included = _included(column, stated, values_of)
    named = as_in_portal(column, included, values_of) if included is not None else None
    return None if named is None else [(NAMES[column], _NOT_STATED if value is None or value == "" else str(value)) for value in named]


def _included(column: str, stated: Mapping[str, Any], values_of: ValuesOf) -> list[Any] | None:
    """The values that are asked for; None where these are no values, or none is left of them."""
    if set(stated) == {"any"}:
        return list(stated["any"])
    if set(stated) == {"none"}:
        return all_but(column, stated["none"], values_of)
    if set(stated) == {"any", "none"}:
        return [value for value in stated["any"] if value not in stated["none"]] or None
    return None
