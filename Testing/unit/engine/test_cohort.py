"""Figures, comparison with a lock file, and changes since a release, as the engine answers them on the small catalog."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from helpers.side_files import write_side_index
from helpers.small_catalog import GONE_UID, GONE_UUID, SERIES, series, uuid, write_sources

from IDCBrowserLib.api.checking import mismatches, result_of
from IDCBrowserLib.api.values import NamedRows
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.facets.counting import FIGURES, RANGES
from IDCBrowserLib.engine.handles import Handles
from IDCBrowserLib.engine.methods import cohort
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.selection.cart import Cart
from IDCBrowserLib.selection.export import LOCK_KEY
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.task import Task


class State:
    """What the methods ask of the engine's state."""

    def __init__(self, folder: Path, rows: Any = SERIES) -> None:
        sources = replace(write_sources(folder / "index", rows), side_folders=(folder / "side",))
        self._catalog = Catalog(sources=sources, cache_folder=folder / "cache")
        self._cart = Cart(folder / "cart.json")
        self.plans: Handles[Plan] = Handles(8, "This plan is gone.")

    picked = EngineState.picked

    def catalog(self) -> Catalog:
        return self._catalog

    def cart(self) -> Cart:
        return self._cart


def counts(state: State, **params: Any) -> Any:
    found = cohort.counts(cast(EngineState, state), cast(Any, params), Task())
    assert mismatches(json.loads(json.dumps(found)), result_of("cohort.counts")) == []
    return found


def named(level: str, *ids: str) -> NamedRows:
    return {"level": level, "ids": ids}


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


def test_with_nothing_named_all_of_idc_is_counted_and_with_nothing_picked_nothing(state: State) -> None:
    assert counts(state)["series"] == 6
    assert counts(state, selections=[])["series"] == 0
    assert counts(state, cart=True)["series"] == 0


def test_rows_the_cart_and_a_plan_are_counted_once_each_under_the_filters(state: State) -> None:
    state.cart().add_all([named("cases", "lung_ct/P10")])
    plan = state.plans.keep(resolve(state.catalog(), ["brain_mr"], (), Task()), 1)
    both = counts(state, selections=[named("collections", "brain_mr")], cart=True, plan=plan)
    assert (both["series"], both["collections"], both["cases"]) == (2, 2, 2)
    assert counts(state, plan=plan, filters={"Modality": ["CT"]})["series"] == 0


def test_rows_of_an_open_table_stand_for_the_series_that_its_filters_leave(state: State) -> None:
    view = state.catalog().open_view("collections", filters={"Modality": ["CT"]})
    shown = counts(state, selections=[{"view": view["view"], "ranges": [[0, view["total"] - 1]]}], figures=["Modality"])
    assert (shown["series"], [row["value"] for row in shown["by"]["Modality"]]) == (4, ["CT"])


def test_years_are_told_in_periods_of_so_many_years_that_few_rows_are_needed(tmp_path: Path) -> None:
    few = State(tmp_path / "few")
    assert [row["value"] for row in counts(few, figures=["study_period"])["by"]["study_period"]] == ["2001", None]
    rows = [series(100 + number, StudyDate=f"{1990 + number}-01-01") for number in range(40)]
    many = counts(State(tmp_path / "many", rows), figures=["study_period"])["by"]["study_period"]
    assert [row["value"] for row in many] == ["1990-1994", "1995-1999", *(f"{year}-{year + 4}" for year in range(2000, 2030, 5))]
    assert sum(row["series"] for row in many) == 40


@pytest.mark.parametrize("figure", ["age_decade", "study_period", "series_size", "slice_thickness"])
def test_the_range_of_each_row_leaves_just_its_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: str) -> None:
    rows = [
        series(200 + number, PatientAge=f"{number * 7:03d}Y", StudyDate=f"{1980 + number}-05-05", series_size_MB=0.0004 * 3.0**number)
        for number in range(14)
    ]
    thickness = [{"SeriesInstanceUID": row["SeriesInstanceUID"], "SliceThickness": 0.5 + 0.35 * number} for number, row in enumerate(rows)]
    write_side_index(tmp_path / "side", "ct_index", thickness)
    state = State(tmp_path, rows)
    found = counts(state, figures=[figure])["by"][figure]
    assert len(found) > 2 and sum(row["series"] for row in found) == len(rows)
    for row in found:
        assert state.catalog().totals({RANGES[figure]: {"min": row["low"], "max": row["high"]}})["series"] == row["series"]


def test_what_needs_an_index_file_that_is_not_here_is_named(state: State) -> None:
    found = counts(state)
    assert found["missing"] == {"slice_thickness": "ct_index", "segments": "seg_index"}
    assert set(found["by"]) == set(FIGURES) - set(found["missing"])
    with pytest.raises(InputError, match="There is no figure 'weight'"):
        counts(state, figures=["weight"])


def lock(folder: Path, entries: Any) -> str:
    path = folder / "cohort.lock.json"
    path.write_text(json.dumps({LOCK_KEY: 1, "idc_version": "2", "series": entries}))
    return str(path)


def test_a_lock_file_is_compared_series_by_series(state: State, tmp_path: Path) -> None:
    pairs = [("1.2.1.1", uuid(1)), ("1.2.1.21", uuid(77)), (GONE_UID, GONE_UUID), ("1.9.9", uuid(99))]
    path = lock(tmp_path, [{"SeriesInstanceUID": uid, "crdc_series_uuid": version} for uid, version in pairs])
    found = cohort.check(cast(EngineState, state), {"path": path}, Task())
    assert mismatches(json.loads(json.dumps(found)), result_of("cohort.check")) == []
    assert (found["identical"], found["series"]) == (1, 4)
    assert found["counts"] == {"revised": 1, "gone": 1, "unknown": 1}
    assert found["gone"][0]["SeriesInstanceUID"] == GONE_UID
    with pytest.raises(NotFoundError, match="There is no file"):
        cohort.check(cast(EngineState, state), {"path": str(tmp_path / "nowhere")}, Task())


def test_changes_since_a_release_are_those_of_the_rows_that_are_named(tmp_path: Path) -> None:
    rows = [*SERIES, series(61, series_init_idc_version=20, series_revised_idc_version=20), series(62, series_revised_idc_version=24)]
    state = State(tmp_path, rows)

    def changed(**params: Any) -> Any:
        found = cohort.changes(cast(EngineState, state), cast(Any, {"release": 2, **params}), Task())
        assert mismatches(json.loads(json.dumps(found)), result_of("cohort.changes")) == []
        return found

    whole = changed(selections=[named("collections", "lung_ct")])
    assert whole["counts"] == {"added": 1, "revised": 1, "removed": 1}
    assert changed(selections=[named("collections", "brain_mr")])["counts"] == {"added": 0, "revised": 0, "removed": 0}
    view = state.catalog().open_view("collections")
    assert changed(selections=[{"view": view["view"], "ranges": [[0, 1]]}])["counts"] == whole["counts"]
    with pytest.raises(InputError, match="There is no IDC release 99"):
        changed(release=99)
