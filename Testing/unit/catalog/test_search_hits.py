"""A list of hits in which no kind crowds out the others."""

import duckdb
import pytest

from IDCBrowserLib.catalog.search.search_cases import find_cases
from IDCBrowserLib.catalog.search.search_hits import CASE_GROUP, left_out, make_hit, ranked, share

IDS = [
    *(("livers", f"LiverUS-{number:02}") for number in range(1, 41)),
    ("lungs", "A-liver-1"),
    ("lungs", "B-LIVER-2"),
    ("other", "7"),
    ("other", "70"),
    ("other", "170"),
    ("other", "701"),
    ("other", "702"),
    ("other7", "7"),
]


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE search_cases (collection_id VARCHAR, PatientID VARCHAR, full_name VARCHAR)")
        connection.executemany("INSERT INTO search_cases VALUES (?, ?, ?)", [[where, name, f"{where}/{name}".lower()] for where, name in IDS])
        yield connection


def found(connection, text):
    return [(hit.level, hit.label, hit.count, hit.text) for hit in ranked(find_cases(connection, text))]


def test_a_word_finds_the_many_cases_of_a_collection_as_one_hit(connection):
    assert found(connection, "liver") == [(CASE_GROUP, "LiverUS-...", 40, "liverus-"), ("cases", "A-liver-1", 1, ""), ("cases", "B-LIVER-2", 1, "")]


def test_a_beginning_with_digits_names_the_cases_too(connection):
    hits = found(connection, "liverus-1")
    assert hits[0] == (CASE_GROUP, "LiverUS-1...", 10, "liverus-1")
    assert [label for _level, label, _count, _text in hits[1:]] == [f"LiverUS-{number}" for number in range(10, 20)]


def test_an_exact_id_is_first_in_each_collection_that_has_it(connection):
    hits = found(connection, "7")
    assert hits[:2] == [("cases", "7", 1, ""), ("cases", "7", 1, "")]
    assert hits[2] == (CASE_GROUP, "...7...", 4, "7")


def test_a_case_named_with_its_collection_is_found(connection):
    assert found(connection, "other/702") == [("cases", "702", 1, "")]
    assert found(connection, "livers/liverus-0")[0] == (CASE_GROUP, "LiverUS-0...", 9, "liverus-0")


def test_no_text_is_given_that_the_name_of_the_collection_has(connection):
    connection.execute("INSERT INTO search_cases SELECT 'lung', 'Lung' || n, 'lung/lung' || n FROM range(5) AS numbers(n)")
    assert [hit for hit in found(connection, "lun") if hit[0] == CASE_GROUP] == [(CASE_GROUP, "Lung...", 5, "")]


def hits_of(level, number, score, **further):
    return [make_hit(level, f"{level}{n}", score - n / 100, f"{level}{n}", "", "", **further) for n in range(number)]


def test_each_kind_gets_its_share_and_the_order_stays():
    hits = ranked([*hits_of("cases", 50, 95), *hits_of("collections", 3, 50), *hits_of("series", 30, 40), *hits_of("series", 9, 30, kind="segment")])
    kept = share(hits, 20)
    counts = [sum(1 for hit in kept if hit.group == group) for group in ("cases", "collections", "series", "segment")]
    assert counts == [6, 3, 6, 5]
    assert kept == [hit for hit in hits if hit in kept]
    assert left_out(hits, kept, {"series": 100, "studies": None, "segment": 0}) == {"cases": 44, "series": 124, "segment": 4, "studies": None}


def test_one_kind_alone_fills_the_list():
    hits = hits_of("cases", 50, 95)
    assert share(hits, 20) == hits[:20] and share(hits, 0) == []


def test_cases_of_a_group_in_the_list_are_not_missing(connection):
    hits = ranked([*find_cases(connection, "liverus-1"), *hits_of("collections", 3, 50)])
    kept = share(hits, 10)
    assert kept[0].level == CASE_GROUP and len(kept) < len(hits)
    assert left_out(hits, kept, {}) == {}
    assert left_out(hits, [], {}) == {"cases": 10, "collections": 3}
