"""Answers the methods on the catalog."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.api import catalog as api
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# An engine that lives this long belongs to a window in use; a test or a script is gone before.
_CACHE_DELAY_S = 5.0
# Series, of a kilobyte each.
_MOST_TOLD = 5000


@contextlib.contextmanager
def _asked(state: EngineState, task: Task) -> Iterator[Catalog]:
    """The catalog, whose questions end when the request is canceled: a superseded search does not hold up the next."""
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        yield catalog


@answers(api.INFO)
def info(state: EngineState, params: Nothing, task: Task) -> api.Info:
    """Release, counts and names."""
    catalog = state.catalog()
    return {**catalog.info(), "release_problem": state.release_problem, "collection_names": catalog.collection_names()}


@answers(api.READINESS)
def readiness(state: EngineState, params: Nothing, task: Task) -> api.Readiness:
    """Whether browsing is at full speed."""
    return state.catalog().readiness()


@answers(api.VIEW)
def view(state: EngineState, params: api.ViewParameters, task: Task) -> api.View:
    """Open a view; see ``Catalog.open_view``. The first one also has the cache made, while browsing already works."""
    ranks = _ranks(state, params, task)
    with _asked(state, task) as catalog:
        catalog.prepare_cache(_CACHE_DELAY_S)
        return catalog.open_view(
            params["level"],
            params.get("parents"),
            filters=params.get("filters"),
            text=params.get("text") or "",
            order_by=params.get("order_by"),
            further=params.get("further") or (),
            ranks=ranks,
        )


def _ranks(state: EngineState, params: api.ViewParameters, task: Task) -> dict[str, int] | None:
    from IDCBrowserLib.catalog.views import STATUS
    from IDCBrowserLib.engine.status_ranks import status_ranks

    if params["level"] not in ("studies", "series") or "here" not in params or STATUS not in {pair[0] for pair in params.get("order_by") or []}:
        return None
    return status_ranks(state, params["level"], params["here"], params.get("loaded") or (), task)


@answers(api.PAGE)
def page(state: EngineState, params: api.PageParameters, task: Task) -> api.Rows:
    """Rows of a view."""
    return {"rows": state.catalog().page(params["view"], params["offset"], params["limit"])}


@answers(api.ROW_OF)
def row_of(state: EngineState, params: api.RowOfParameters, task: Task) -> api.RowNumber:
    """Position of an id in a view."""
    return {"row": state.catalog().row_of(params["view"], params["id"])}


@answers(api.CLOSE_VIEW)
def close_view(state: EngineState, params: api.ViewHandle, task: Task) -> Nothing:
    """Forget a view."""
    state.catalog().close_view(params["view"])
    return {}


@answers(api.DETAILS)
def details(state: EngineState, params: api.RowId, task: Task) -> api.Details:
    """Everything known about one row."""
    with _asked(state, task) as catalog:
        return catalog.details(params["level"], params["id"])


@answers(api.SEARCH)
def search(state: EngineState, params: api.SearchParameters, task: Task) -> api.Hits:
    """See ``Catalog.find``."""
    from IDCBrowserLib.catalog.search.instances import INSTANCE_INDEX
    from IDCBrowserLib.catalog.side_tables import SIDE_TYPES

    with _asked(state, task) as catalog:
        found = catalog.find(params["text"], params["limit"])
        return {**found, "missing_indices": catalog.missing_indices([*SIDE_TYPES, INSTANCE_INDEX])}


@answers(api.FACETS)
def facets(state: EngineState, params: api.FiltersParameters, task: Task) -> api.Facets:
    """Value counts under filters, and what these leave."""
    filters = params["filters"]
    with _asked(state, task) as catalog:
        return {"counts": catalog.facets(filters), "totals": catalog.totals(filters), "missing_indices": catalog.missing_indices()}


@answers(api.FACET_DETAILS)
def facet_details(state: EngineState, params: api.FacetParameters, task: Task) -> api.FacetDetails:
    """One facet that is counted only while it is looked at."""
    from IDCBrowserLib.catalog import acquisition
    from IDCBrowserLib.catalog.filters import CONTENT, NUMBERS, check_filter_column, is_number

    column, filters = check_filter_column(params["column"]), params["filters"]
    unit = params.get("unit", "series")
    with _asked(state, task) as catalog:
        if unit != "series" and not is_number(column):
            needed = [CONTENT[column][0]] if column in CONTENT else acquisition.indices_of(column) if column in acquisition.ACQUISITION else []
            absent = catalog.missing_indices(needed)
            return {"missing_index": absent[0]} if needed and len(absent) == len(needed) else {"values": catalog.unit_counts(column, unit, filters)}
        if column in acquisition.ACQUISITION:
            names = acquisition.indices_of(column)
            missing = catalog.missing_indices(names)
            if len(missing) == len(names):
                return {"missing_index": missing[0]}
            has_numbers = acquisition.ACQUISITION[column].kind == "number"
            return catalog.acquisition_bins(column, filters) if has_numbers else {"values": catalog.acquisition_values(column, filters)}
        missing = catalog.missing_indices([CONTENT[column][0]]) if column in CONTENT else []
        if missing:
            return {"missing_index": missing[0]}
        if column in NUMBERS or CONTENT[column][2] == "number":
            return catalog.number_facet(column, filters)
        return {"values": catalog.content_facets(filters, columns=[column])[column]}


@answers(api.FIND_VALUES)
def find_values(state: EngineState, params: api.TextParameters, task: Task) -> api.FoundValues:
    """Values of filters that contain a text."""
    with _asked(state, task) as catalog:
        return {"values": catalog.find_values(params["text"], params["limit"])}


@answers(api.RELATED)
def related(state: EngineState, params: api.SeriesId, task: Task) -> api.Related:
    """Series that belong together."""
    with _asked(state, task) as catalog:
        return catalog.related(params["id"])


@answers(api.READ_RELATED)
def read_related(state: EngineState, params: api.ReadRelatedParameters, task: Task) -> api.Related:
    """The same, with what objects refer to."""
    from IDCBrowserLib.engine.asked_series import options_of
    from IDCBrowserLib.preview.named_images import images_of_answer
    from IDCBrowserLib.preview.references import Where, told_about

    if len(state.told) > _MOST_TOLD:
        state.told.clear()
    catalog, where = state.catalog(), Where(params["database"], params["folder"], options_of(state, params) if params["ask_buckets"] else None)
    told = told_about(catalog, params["id"], where, task, state.told)
    with catalog.cancelled_by(task):
        answer = catalog.related(params["id"], told)
    if images := images_of_answer(answer, params["id"], told):
        catalog.learn_images({params["id"]: images})
    return answer


@answers(api.ROWS)
def rows(state: EngineState, params: api.RangesParameters, task: Task) -> api.Rows:
    """Rows of ranges of a view, of some columns."""
    with _asked(state, task) as catalog:
        return {"rows": catalog.rows(params["view"], params["ranges"], params["columns"])}


@answers(api.SAVE_TABLE)
def save_table(state: EngineState, params: api.SaveTableParameters, task: Task) -> api.SavedTable:
    """A view as a CSV file."""
    path = Path(params["file"])
    with _asked(state, task) as catalog:
        count = catalog.save_table(params["view"], path, task, params.get("columns") or (), params.get("ranges"))
    return {"file": str(path), "rows": count, "bytes": path.stat().st_size}


@answers(api.PROVENANCE)
def provenance(state: EngineState, params: api.ProvenanceParameters, task: Task) -> api.Provenances:
    """License, DOI and version."""
    from IDCBrowserLib.store.provenance import provenance_of

    if (table := state.origin_table()) is not None:
        return {"series": provenance_of(table, params["series"])}
    with _asked(state, task) as catalog:
        return {"series": provenance_of(catalog, params["series"])}
