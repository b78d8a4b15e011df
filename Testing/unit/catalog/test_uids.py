"""Parts of UIDs, with the cache and without: both find the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.small_catalog import series, write_series

from IDCBrowserLib.catalog import selections
from IDCBrowserLib.catalog.cache import cache, cache_making
from IDCBrowserLib.catalog.cache.row_groups import RowGroups
from IDCBrowserLib.catalog.cache.uid_blocks import BLOCK, blocks_beginning, blocks_with
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.catalog.search.uids import find

_ROOT = "1.3.6.1.4.1.14519.5.2.1"
_COUNT = 2500
COLUMNS = {"studies": "StudyInstanceUID", "series": "SeriesInstanceUID"}


def study_uid(number: int) -> str:
    return f"{_ROOT}.{number // 100}.77.{number * 7919 % 1_000_003:09d}"


def series_uid(number: int) -> str:
    return f"{_ROOT}.{number // 10}.99.{number * 104_729 % 1_000_003:012d}"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("many")
    rows = [series(number, StudyInstanceUID=study_uid(number // 4), SeriesInstanceUID=series_uid(number)) for number in range(_COUNT)]
    rows.append(series(9999, StudyInstanceUID="2.25.1", SeriesInstanceUID="2.25.12"))
    return Sources(series=(write_series(folder / "idc_index.parquet", rows),))


@pytest.fixture(scope="module")
def cached_folder(many: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    cache_making.build(many, cache.cache_file(many, folder))
    return folder


@pytest.fixture(scope="module")
def quick(many: Sources, cached_folder: Path) -> Iterator[Catalog]:
    with Catalog(sources=many, cache_folder=cached_folder) as opened:
        assert opened.info()["cached"]
        yield opened


@pytest.fixture(scope="module")
def plain(many: Sources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(sources=many, cache_folder=tmp_path_factory.mktemp("no-cache")) as opened:
        yield opened


def ids(catalog: Catalog, text: str, limit: int = 200) -> set[tuple[str, str]]:
    return {(hit["level"], hit["id"]) for hit in catalog.search(text, limit) if hit["level"] in ("studies", "series")}


@pytest.mark.parametrize(
    "text",
    [
        series_uid(1234),
        series_uid(1234)[-12:],
        series_uid(77)[5:33],
        series_uid(2049)[20:34],
        study_uid(300)[-14:],
        study_uid(5),
        f"{_ROOT}.24",
        _ROOT[3:] + ".120.",
        "99.0000",
        "2.25",
        "2.25.1",
        "2.25.12",
        "25.12",
        "0000000000000000000",
        "14519.5.2.1.17.77.",
    ],
)
def test_the_cache_finds_what_a_look_at_every_uid_finds(quick: Catalog, plain: Catalog, text: str) -> None:
    assert ids(quick, text) == ids(plain, text)


def test_each_place_of_a_uid_is_found(quick: Catalog) -> None:
    wanted = series_uid(1777)
    for start in range(len(wanted) - 15):
        found = quick.search(wanted[start : start + 40], 200)
        assert ("series", wanted) in {(hit["level"], hit["id"]) for hit in found}


def test_what_further_files_add_is_found_by_a_part_too(many: Sources, cached_folder: Path, tmp_path: Path) -> None:
    extra = write_series(
        tmp_path / "extra.parquet", [series(1, collection_id="mine", StudyInstanceUID="9.8.7654321.1", SeriesInstanceUID="9.8.7654321.2")]
    )
    with Catalog([extra], many, cached_folder) as catalog:
        assert catalog.info()["cached"]
        assert ids(catalog, "7654321.2") == {("series", "9.8.7654321.2")}
        assert ids(catalog, "9.8.76") == {("series", "9.8.7654321.2"), ("studies", "9.8.7654321.1")}


def test_a_short_piece_means_a_beginning(quick: Catalog) -> None:
    assert ids(quick, "25.1") == set()
    assert ids(quick, "10.14519.5") == set()


def test_a_whole_uid_is_looked_up_by_its_code_and_an_unknown_one_names_nothing(catalog: Catalog) -> None:
    everything = catalog.series_uids([{"level": "collections", "ids": catalog.collection_ids()}])
    assert len(everything) > 3
    for uid in everything:
        assert catalog.series_uids({"level": "series", "ids": [uid]}) == [uid]
        assert [row["SeriesInstanceUID"] for row in catalog.series_rows([uid])] == [uid]
    assert catalog.series_uids({"level": "series", "ids": everything}) == everything
    assert [row["SeriesInstanceUID"] for row in catalog.series_rows([*everything, "9.9.9", "9.9.10"])] == everything
    for level in ("series", "studies"):
        assert catalog.series_uids({"level": level, "ids": ["9.9.9"]}) == []
        assert catalog.series_uids({"level": level, "ids": ["9.9.9", "9.9.10"]}) == []
    assert catalog.series_rows([]) == []


def test_uids_with_the_same_code_are_not_taken_for_each_other(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all codes were the same: the UID itself decides."""
    numbers = [row[0] for row in catalog._database.read(lambda connection: connection.execute("SELECT row_no FROM series").fetchall())]
    monkeypatch.setattr(selections, "rows_of", lambda _connection, _uids: numbers)
    rows, _total = catalog.list_rows("series")
    assert catalog.series_uids({"level": "series", "ids": [rows[1]["SeriesInstanceUID"]]}) == [rows[1]["SeriesInstanceUID"]]
    study = rows[0]["StudyInstanceUID"]
    wanted = [row["SeriesInstanceUID"] for row in rows if row["StudyInstanceUID"] == study]
    assert sorted(catalog.series_uids({"level": "studies", "ids": [study]})) == sorted(wanted)
    assert [row["StudyInstanceUID"] for row in catalog.list_rows("studies", [{"level": "studies", "ids": [study]}])[0]] == [study]


def test_a_piece_is_looked_for_in_the_blocks_that_may_have_it_and_all_that_have_it_are_among_them(many: Sources, cached_folder: Path) -> None:
    def blocks(connection: Any, level: str, piece: str) -> tuple[list[int], list[int], set[int], set[int]]:
        sql = f"SELECT DISTINCT row_no // {BLOCK[level]} FROM (SELECT {COLUMNS[level]} AS uid, min(row_no) AS row_no FROM series GROUP BY 1) WHERE "
        has, begins = (
            {row[0] for row in connection.execute(f"{sql} {fits}(uid, $piece)", {"piece": piece}).fetchall()} for fits in ("contains", "starts_with")
        )
        return blocks_with(connection, piece)[level], blocks_beginning(connection, level, piece), has, begins

    pieces = [
        uid[start : start + length] for uid in (series_uid(3), series_uid(2400), study_uid(80)) for start in (0, 9, 20) for length in (5, 9, 30)
    ]
    with Catalog(sources=many, cache_folder=cached_folder) as catalog:
        for piece in pieces:
            for level in COLUMNS:
                found, beginning, has, begins = catalog._database.read(lambda connection, of=(level, piece): blocks(connection, *of))
                assert has <= set(found) and found == sorted(found)
                assert begins <= set(beginning) and beginning == sorted(beginning)
        assert catalog._database.read(lambda connection: blocks(connection, "series", "8.8.8.8.8")) == ([], [], set(), set())
        assert catalog._database.read(lambda connection: blocks_beginning(connection, "series", "2.2")) == [_COUNT // BLOCK["series"]]


@pytest.mark.parametrize("limit", [1, 7, 60])
def test_what_begins_so_comes_first_in_the_order_of_the_catalog(quick: Catalog, plain: Catalog, limit: int) -> None:
    for text in (_ROOT, _ROOT[4:], f"{_ROOT}.20", f"{_ROOT}.20"[2:], study_uid(7), "1.3", "000000000"):
        for level in COLUMNS:
            found, expected = (
                [
                    found
                    for found in catalog._database.read(
                        lambda connection, of=(catalog, text): find(connection, of[1], limit, of[0]._database.cached_groups)
                    )
                    if found.level == level
                ]
                for catalog in (quick, plain)
            )
            assert found == expected


def test_uids_of_groups_that_cannot_be_read_are_found_in_the_usual_way(quick: Catalog, plain: Catalog, tmp_path: Path) -> None:
    (tmp_path / "groups.parquet").write_bytes(b"PAR1 nothing")
    groups = RowGroups(tmp_path / "groups.parquet")
    for text in (series_uid(77)[5:33], f"{_ROOT}.20"):
        found = quick._database.read(lambda connection, text=text: find(connection, text, 20, groups))
        assert found and found == plain._database.read(lambda connection, text=text: find(connection, text, 20, None))
