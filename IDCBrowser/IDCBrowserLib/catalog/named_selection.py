"""A selection from the names of a collection, case and study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import split_case_id
from IDCBrowserLib.catalog.search.fuzzy import closest
from IDCBrowserLib.errors import NotFoundError

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

_KINDS = {"collections": "collection", "cases": "case", "studies": "study", "series": "series", "prior_series": "series of an earlier release"}


def parent_selections(catalog: Catalog, collections: Sequence[str], case: str | None, study: str | None) -> list[dict[str, Any]] | None:
    """The selection of the lowest level named, checked to lie in the higher ones; None when nothing is named.

    A PatientID in two collections means both. Raises ``NotFoundError`` naming what does not exist, with what is spelled alike.
    """
    collection_ids = [one(catalog, text, "collections")[0] for text in collections]
    if study is not None:
        uid = one(catalog, study, "studies")[0]
        _check_inside(catalog, study, {"level": "studies", "ids": [uid]}, collection_ids, case)
        return [{"level": "studies", "ids": [uid]}]
    if case is not None:
        ids = one(catalog, case, "cases")
        inside = [row_id for row_id in ids if not collection_ids or split_case_id(row_id)[0] in collection_ids]
        if not inside:
            where = ", ".join(sorted({split_case_id(row_id)[0] for row_id in ids}))
            raise NotFoundError(f"The case {case!r} is not in {', '.join(collection_ids)}; it is in {where}.")
        return [{"level": "cases", "ids": inside}]
    return [{"level": "collections", "ids": collection_ids}] if collection_ids else None


def one(catalog: Catalog, text: str, level: str) -> list[str]:
    """The ids of ``level`` that ``text`` names, at least one; raises ``NotFoundError`` otherwise."""
    if level == "collections" and text in catalog.collection_ids():
        # Usual, and answered without reading the index.
        return [text]
    found = catalog.identify(text)
    ids = [row_id for kind, row_id in found if kind == level]
    if ids:
        return ids
    if found:
        raise NotFoundError(f"{text!r} is not a {_KINDS[level]}; it is a {_KINDS.get(found[0][0], found[0][0])}.")
    raise NotFoundError(f"There is no {_KINDS[level]} {text!r} in the catalog.{suggestion(catalog, text, level)}")


def suggestion(catalog: Catalog, text: str, level: str) -> str:
    """ " Did you mean ...?" with ids that look alike, or nothing."""
    if level == "collections":
        names = closest(text, catalog.collection_ids())
    else:
        names = [hit["id"] for hit in catalog.search(text, 10) if hit["level"] == level][:3]
    return f" Did you mean {' or '.join(names)}?" if names else ""


def _check_inside(catalog: Catalog, study: str, selection: dict[str, Any], collection_ids: Sequence[str], case: str | None) -> None:
    if not collection_ids and case is None:
        return
    rows = catalog.series_rows(selection, ("collection_id", "PatientID"))
    cases = one(catalog, case, "cases") if case is not None else None
    for row in rows:
        in_collection = not collection_ids or row["collection_id"] in collection_ids
        if in_collection and (cases is None or f"{row['collection_id']}/{row['PatientID']}" in cases):
            return
    inside = f"{rows[0]['collection_id']}/{rows[0]['PatientID']}"
    raise NotFoundError(f"The study {study!r} is not in {case or ', '.join(collection_ids)}; it is in {inside}.")
