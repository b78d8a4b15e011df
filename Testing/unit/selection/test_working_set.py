"""Working sets of the real catalog classes against SQL and against the plan of the same sources."""

from __future__ import annotations

import pytest
from helpers.small_catalog import GONE_UID, GONE_UUID, SERIES, uuid, write_sources

from IDCBrowserLib.catalog.cache import cache, cache_making
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.engine.methods.working_set import open_set
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.selection import working_set
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.task import Task


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return write_sources(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module", params=["parquet", "cache"])
def cache_folder(request, sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "cache":
        cache_making.build(sources, cache.cache_file(sources, folder))
    return folder


@pytest.fixture
def catalog(sources, cache_folder):
    with Catalog(sources=sources, cache_folder=cache_folder) as opened:
        yield opened


def uids_in(catalog, number):
    view = catalog.open_view("series", filters={"working_set": [number]})
    place = view["columns"].index("SeriesInstanceUID")
    return sorted(row[place] for row in view["rows"])


NOBODYS_UUID = "00000000-0000-4000-8000-00000000000f"


def line(number):
    return f"cp s3://idc-open-data/{uuid(number)}/* .\n"


def test_it_holds_the_series_that_the_plan_of_the_same_sources_has(catalog, tmp_path):
    manifest = tmp_path / "cart.s5cmd"
    manifest.write_text(line(1) + line(31) + line(1) + f"cp s3://idc-open-data/{NOBODYS_UUID}/* .\n")
    sources = [str(manifest), "lung_ct/P10", "no such thing"]
    made = working_set.fill(catalog, sources, Task())
    plan = resolve(catalog, sources)
    assert uids_in(catalog, made.number) == sorted(item.series_uid for item in plan.series)
    assert made.series == len(plan.series) == 3
    assert made.unresolved == list(plan.unresolved) and made.unresolved_count == 2


def test_a_long_manifest_is_read_line_by_line_with_the_same_result(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(working_set, "_LONG_BYTES", 10)
    monkeypatch.setattr(working_set, "_PART", 2)
    manifest = tmp_path / "long.s5cmd"
    lines = [
        line(1),
        line(2),
        line(31),
        line(41),
        f"cp s3://idc-open-data/{GONE_UUID}/* .\n",
        f"cp s3://idc-open-data/{NOBODYS_UUID}/* .\n",
        "nonsense\n",
        "rm s3://idc-open-data/x/*\n",
        "lung_ct/P10\n",
    ]
    manifest.write_text("# made by a test\n" + "".join(lines))
    made = working_set.fill(catalog, [str(manifest)], Task())
    assert uids_in(catalog, made.number) == ["1.2.1.1", "1.2.1.2", "1.2.1.21", "1.2.1.31", "1.2.1.41"]
    why = {(item.line, item.text): item.reason for item in made.unresolved}
    assert why.keys() == {(6, GONE_UUID), (7, NOBODYS_UUID), (8, "nonsense"), (9, "rm s3://idc-open-data/x/*")}
    assert "removed from IDC" in why[6, GONE_UUID] and "no series of IDC has this" in why[7, NOBODYS_UUID]


def test_a_series_named_in_an_earlier_version_is_in_it_in_the_current_one(tmp_path, monkeypatch):
    former = {"SeriesInstanceUID": "1.2.1.1", "crdc_series_uuid": "88888888-0000-4000-8000-000000000001"}
    manifest = tmp_path / "old.s5cmd"
    manifest.write_text(line(2) + "".join(f"cp s3://idc-open-data/{named}/* .\n" for named in (former["crdc_series_uuid"], GONE_UUID)) + line(3))
    with Catalog(sources=write_sources(tmp_path, prior=[former]), cache_folder=tmp_path / "cache") as catalog:
        for longest in (10_000, 10):
            monkeypatch.setattr(working_set, "_LONG_BYTES", longest)
            made = working_set.fill(catalog, [str(manifest)], Task())
            assert uids_in(catalog, made.number) == ["1.2.1.1", "1.2.1.2", "1.2.1.3"]
            assert (made.series, made.revised, made.unresolved_count) == (3, 1, 1)
            assert "removed from IDC" in made.unresolved[0].reason


def refused_by_line(catalog, path):
    """Whether the file is read line by line, where nothing but copy commands is taken (``_MOST_OTHERS`` is 0)."""
    try:
        working_set.fill(catalog, [str(path)], Task())
    except InputError as error:
        assert "has more than 0 lines that are not copy commands" in str(error)
        return True
    return False


@pytest.mark.parametrize(("commands", "others", "by_line"), [(0, 2, False), (2, 2, False), (3, 2, True), (9, 1, True)])
def test_a_long_file_is_read_line_by_line_when_most_of_it_is_copy_commands(catalog, tmp_path, monkeypatch, commands, others, by_line):
    monkeypatch.setattr(working_set, "_LONG_BYTES", 10)
    monkeypatch.setattr(working_set, "_MOST_OTHERS", 0)
    path = tmp_path / "some.txt"
    # Comments and blank lines are neither; the last line that was looked at may be cut.
    path.write_text("# a\n\n" * 7 + line(1) * commands + "lung_ct/P10\n" * others + "# the end\n")
    assert refused_by_line(catalog, path) == by_line


@pytest.mark.parametrize(("longer", "by_line"), [(-1, False), (0, False), (1, True)])
def test_a_file_is_long_from_the_next_byte_on(catalog, tmp_path, monkeypatch, longer, by_line):
    path = tmp_path / "some.txt"
    path.write_text(line(1) * 3 + "lung_ct/P10\n# the end\n")
    monkeypatch.setattr(working_set, "_LONG_BYTES", path.stat().st_size - longer)
    monkeypatch.setattr(working_set, "_MOST_OTHERS", 0)
    assert refused_by_line(catalog, path) == by_line


def test_a_long_manifest_may_have_so_many_other_lines_and_not_one_more(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(working_set, "_LONG_BYTES", 10)
    monkeypatch.setattr(working_set, "_MOST_OTHERS", 2)
    path = tmp_path / "some.txt"
    path.write_text(line(1) * 5 + "lung_ct/P10\n" * 2 + "# the end\n")
    assert working_set.fill(catalog, [str(path)], Task()).series == 2
    path.write_text(line(1) * 5 + "lung_ct/P10\n" * 3 + "# the end\n")
    with pytest.raises(InputError, match="more than 2 lines"):
        working_set.fill(catalog, [str(path)], Task())


def test_what_names_nothing_is_counted_and_listed_up_to_a_number(catalog, monkeypatch):
    monkeypatch.setattr(working_set, "_MOST_UNRESOLVED", 2)
    for count in (1, 2, 3):
        made = working_set.fill(catalog, [f"nothing-{number}" for number in range(count)], Task())
        assert (made.unresolved_count, len(made.unresolved)) == (count, min(count, 2))


def test_every_level_every_count_and_every_filter_keeps_to_it(catalog):
    made = working_set.fill(catalog, ["1.2.1.1", "1.2.1.3", "1.2.1.31"], Task())
    filters = {"working_set": [made.number]}
    inside = [row for row in SERIES if row["SeriesInstanceUID"] in ("1.2.1.1", "1.2.1.3", "1.2.1.31")]
    totals = catalog.totals(filters)
    assert (totals["series"], totals["studies"], totals["cases"]) == (3, 2, 2)
    assert dict(catalog.facets(filters)["Modality"]) == {"CT": 1, "SEG": 1, "MR": 1}
    assert dict(catalog.facets({**filters, "Modality": ["MR"]})["Modality"]) == {"CT": 1, "SEG": 1, "MR": 1}
    assert catalog.totals({**filters, "collection_id": ["lung_ct"]})["series"] == 2
    assert [row["collection_id"] for row in catalog.list_rows("collections", filters=filters)[0]] == sorted({row["collection_id"] for row in inside})
    (study,) = catalog.list_rows("studies", [{"level": "cases", "ids": ["lung_ct/P2"]}], filters=filters)[0]
    assert study["series"] == 2


def test_rows_of_its_tables_stand_for_what_is_in_it(catalog):
    made = working_set.fill(catalog, ["1.2.1.1", "1.2.1.31"], Task())
    view = catalog.open_view("collections", filters={"working_set": [made.number]})
    selection = {"view": view["view"], "ranges": [[0, view["total"] - 1]]}
    assert sorted(catalog.series_uids(selection)) == ["1.2.1.1", "1.2.1.31"]
    assert catalog.summary([selection])["series"] == 2


def test_the_cart_and_rows_of_a_query_are_sets_too(catalog):
    rows = [{"level": "cases", "ids": ["lung_ct/P2"], "filters": {"Modality": ["CT"]}}, {"level": "series", "ids": ["1.2.1.31", uuid(41), "9.9"]}]
    made = working_set.fill_with_rows(catalog, rows)
    assert uids_in(catalog, made.number) == ["1.2.1.1", "1.2.1.2", "1.2.1.31", "1.2.1.41"]
    assert [item.text for item in made.unresolved] == ["9.9"]


def test_a_version_of_an_earlier_release_without_a_current_one_is_told(catalog):
    made = working_set.fill(catalog, [GONE_UUID, GONE_UID], Task())
    assert made.series == 0 and made.unresolved_count == 2
    assert all("removed" in item.reason for item in made.unresolved)


def test_one_that_was_closed_or_pushed_out_is_no_longer_open(catalog):
    numbers = [working_set.fill(catalog, ["1.2.1.1"], Task()).number for _set in range(5)]
    with pytest.raises(NotFoundError, match="working set is no longer open"):
        catalog.totals({"working_set": [numbers[0]]})
    catalog.sets.close(numbers[-1])
    with pytest.raises(NotFoundError, match="working set is no longer open"):
        catalog.open_view("cases", filters={"working_set": [numbers[-1]]})
    assert catalog.totals({"working_set": [numbers[1]]})["series"] == 1


def test_a_manifest_that_cannot_be_read_leaves_no_table_behind(catalog, tmp_path):
    with pytest.raises(NotFoundError):
        working_set.fill(catalog, [str(tmp_path / "nothing.s5cmd")], Task())
    tables = catalog._database.read(lambda connection: connection.execute("SELECT table_name FROM duckdb_tables()").fetchall())
    assert [name for (name,) in tables if name.startswith(("filling_", "working_set_"))] == []


def test_the_lines_of_a_set_that_was_pushed_out_are_forgotten_with_it(catalog, tmp_path):
    state = EngineState({"exchange_folder": str(tmp_path)})
    state.catalog = lambda: catalog
    opened = [open_set(state, {"sources": [f"no such thing {number}"]}, Task())["set"] for number in range(5)]
    assert sorted(state.sets) == opened[1:]
    assert [lines[0].text for lines in state.sets.values()] == [f"no such thing {number}" for number in range(1, 5)]
