"""Facets, totals and bins from numbers: as counted one by one, from parquet, with the cache, and with further files."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.small_catalog import series, write_series, write_sources

from IDCBrowserLib.catalog.cache import cache, cache_making
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, DEFAULT_ORDER, FACETS
from IDCBrowserLib.catalog.level_sql import level_query

_CHANCE = random.Random(4)
# More than bits in a number: sets of them are still told apart.
_MODALITIES = [*(f"M{number:02d}" for number in range(80)), None]
_ROWS = [
    series(
        number,
        collection_id=_CHANCE.choice(["lung_ct", "brain_mr", "undescribed"]),
        PatientID=f"P{_CHANCE.randrange(30)}",
        # Studies do not stand together, and some are of several cases.
        StudyInstanceUID=f"1.2.{_CHANCE.randrange(60)}",
        Modality=_CHANCE.choice(_MODALITIES),
        PatientSex=_CHANCE.choice(["F", "M", None]),
        PatientAge=_CHANCE.choice(["050Y", "051Y", "007M", "x", None]),
        StudyDate=_CHANCE.choice(["2001-02-03", "1999-01-01", "", None]),
        series_size_MB=_CHANCE.choice([0.0, 1.5, 5000.0, 0.0000005, None]),
        instanceCount=_CHANCE.choice([1, 2, 30, 40_000, None]),
        series_init_idc_version=_CHANCE.choice([1, 25, None]),
    )
    for number in range(400)
]


@pytest.fixture(scope="module", params=["parquet", "cache", "further files"])
def catalog(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("drawn")
    further = request.param == "further files"
    sources = write_sources(folder / "index", _ROWS[:300] if further else _ROWS)
    extra = [write_series(folder / "further.parquet", _ROWS[300:])] if further else []
    if request.param == "cache":
        cache_making.build(sources, cache.cache_file(sources, folder))
    with Catalog(extra, sources, folder) as opened:
        assert opened.info()["cached"] == (request.param == "cache")
        yield opened


def matching(filters: dict[str, Callable[[Any], bool]]) -> list[dict[str, Any]]:
    return [row for row in _ROWS if all(fits(row[column]) for column, fits in filters.items())]


def counted(rows: list[dict[str, Any]], column: str) -> Counter[Any]:
    return Counter(row.get(column) for row in rows)


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({}, {}),
        ({"PatientSex": ["F"]}, {"PatientSex": lambda value: value == "F"}),
        ({"PatientSex": {"none": ["F"]}}, {"PatientSex": lambda value: value != "F"}),
        (
            {"Modality": ["M03", ""], "PatientSex": ["M"]},
            {"Modality": lambda value: value in ("M03", None), "PatientSex": lambda value: value == "M"},
        ),
        ({"instanceCount": {"min": 2, "max": 30}}, {"instanceCount": lambda value: value is not None and 2 <= value <= 30}),
        ({"instanceCount": {"min": 31, "any": [None]}}, {"instanceCount": lambda value: value is None or value > 30}),
        ({"instanceCount": {"none": [1]}}, {"instanceCount": lambda value: value != 1}),
        ({"instanceCount": [10**30]}, {"instanceCount": lambda _value: False}),
        ({"size_bytes": {"max": 2e6}, "PatientSex": ["F", "M"]}, {"series_size_MB": lambda v: v is not None and v <= 2, "PatientSex": bool}),
        ({"series_init_idc_version": {"min": 2}}, {"series_init_idc_version": lambda value: value is not None and value > 1}),
        ({"PatientID": ["P3", "P4"]}, {"PatientID": lambda value: value in ("P3", "P4")}),
    ],
)
def test_they_are_as_counted_one_by_one(catalog: Catalog, filters: dict[str, Any], fits: dict[str, Callable[[Any], bool]]) -> None:
    rows = matching(fits)
    size = sum(round((row["series_size_MB"] or 0) * 1e6 + 1e-9) for row in rows)
    assert catalog.totals(filters) == {
        "series": len(rows),
        "studies": len({row["StudyInstanceUID"] for row in rows}),
        "cases": len({(row["collection_id"], row["PatientID"]) for row in rows}),
        "bytes": size,
    }
    found = catalog.facets(filters)
    for column in FACETS:
        if column not in COLLECTION_FILTERS:
            others = matching({name: fit for name, fit in fits.items() if name != column})
            assert dict(found[column]) == counted(others, column)
            assert [count for _value, count in found[column]] == sorted((count for _value, count in found[column]), reverse=True)
    of_study: dict[str, set[Any]] = {}
    for row in _ROWS:
        of_study.setdefault(row["StudyInstanceUID"], set()).add(row["Modality"])
    assert dict(found["study_modality"]) == Counter(modality for row in rows for modality in of_study[row["StudyInstanceUID"]])


def test_the_modalities_of_a_study_are_a_filter(catalog: Catalog) -> None:
    of_study: dict[str, set[Any]] = {}
    for row in _ROWS:
        of_study.setdefault(row["StudyInstanceUID"], set()).add(row["Modality"])
    pair = sorted(modality for modality in of_study[_ROWS[0]["StudyInstanceUID"]] if modality)[:2]
    both = [row for row in _ROWS if set(pair) <= of_study[row["StudyInstanceUID"]]]
    assert catalog.totals({"study_modality": {"all": pair}})["series"] == len(both) > 0
    none = [row for row in _ROWS if not set(pair) & of_study[row["StudyInstanceUID"]]]
    assert catalog.totals({"study_modality": {"none": pair}})["series"] == len(none) > 0
    unstated = [row for row in _ROWS if None in of_study[row["StudyInstanceUID"]]]
    for filters in ({"study_modality": [""]}, {"study_modality": {"all": [None]}}):
        assert catalog.totals(filters)["series"] == catalog.list_rows("series", filters=filters, limit=1)[1] == len(unstated) > 0
    assert catalog.totals({"study_modality": {"none": [None]}})["series"] == len(_ROWS) - len(unstated)


def test_bins_hold_each_number_once(catalog: Catalog) -> None:
    sizes = [0, 1, 1_500_000, 5_000_000_000]
    lows = [0, 1, 1_000_000, 5_000_000_000]
    found = catalog.number_facet("size_bytes")
    counts = Counter(round(row["series_size_MB"] * 1e6 + 1e-9) for row in _ROWS if row["series_size_MB"] is not None)
    assert [(low, count) for low, _high, count in found["bins"]] == [(low, counts[size]) for low, size in zip(lows, sizes, strict=True)]
    assert (found["min"], found["max"], found["not_stated"]) == (0, 5_000_000_000, counted(_ROWS, "series_size_MB")[None])
    assert [high for _low, high, _count in found["bins"]] == [0, 1, 1_999_999, 9_999_999_999]
    ages = catalog.number_facet("age_years", {"PatientSex": ["F"], "age_years": {"min": 51}})
    women = counted(matching({"PatientSex": lambda value: value == "F"}), "PatientAge")
    assert ages["bins"] == [[0, 0, women["007M"]], [50, 50, women["050Y"]], [51, 51, women["051Y"]]]
    assert ages["not_stated"] == women["x"] + women[None]


def test_what_is_counted_is_told_for_each_value(catalog: Catalog) -> None:
    of_sex: dict[Any, set[str]] = {}
    for row in _ROWS:
        of_sex.setdefault(row["PatientSex"], set()).add(row["StudyInstanceUID"])
    assert dict(catalog.unit_counts("PatientSex", "studies")) == {sex: len(studies) for sex, studies in of_sex.items()}


@pytest.mark.parametrize("level", ["collections", "analysis_results", "cases", "studies"])
def test_the_rows_of_the_levels_are_those_of_the_query(tmp_path: Path, level: str) -> None:
    sources = write_sources(tmp_path / "index", [*_ROWS, series(1000, analysis_result_id="some", instanceCount=None, series_size_MB=None)])
    cache_making.build(sources, cache.cache_file(sources, tmp_path / "cache"))
    with Catalog(sources=sources, cache_folder=tmp_path / "cache") as quick, Catalog(sources=sources, cache_folder=tmp_path) as plain:
        assert quick.info()["cached"] and not plain.info()["cached"]
        rows, total = plain.list_rows(level)
        found, _ = quick.list_rows(level)
        assert total and sorted(map(str, found)) == sorted(map(str, rows))
        # Studies with one UID and PatientID in two collections have no order.
        assert [row[column] for row in found for column, _ in DEFAULT_ORDER[level]] == [
            row[column] for row in rows for column, _ in DEFAULT_ORDER[level]
        ]
        spans = plain._database.read(lambda connection: connection.execute(f"SELECT first_row, last_row FROM ({level_query(level, [])})").fetchall())
        made = quick._database.read(lambda connection: connection.execute(f"SELECT first_row, last_row FROM cached.level_{level}").fetchall())
        assert sorted(made) == sorted(spans)
