"""Identifiers and values with a typing mistake, and series that are in earlier releases only."""

import random
from pathlib import Path

import duckdb
import pytest
from helpers.small_catalog import GONE_UID, GONE_UUID, series, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.facets.meant_filters import meant_filters
from IDCBrowserLib.catalog.search.mistakes import shares_a_piece
from IDCBrowserLib.catalog.search.near_names import near_names

LONG_UID = "1.3.6.1.4.1.14519.5.2.1.7695.1700.153974929648"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory):
    rows = [series(number, PatientID=f"LUNG1-{number:03}", SeriesInstanceUID=f"{LONG_UID}{number:03}") for number in (1, 20, 300)]
    with Catalog(sources=write_sources(tmp_path_factory.mktemp("index"), rows)) as catalog:
        yield catalog


@pytest.mark.parametrize("typed", ["LUNG1-0001", "LUGN1-001", "LUNG1-00l", "lung1001", "LUNGG1-001"])
def test_a_case_with_a_letter_wrong_missing_doubled_or_swapped_is_found(named: Catalog, typed: str) -> None:
    assert [hit["id"] for hit in named.search(typed)] == ["lung_ct/LUNG1-001"]


@pytest.mark.parametrize("typed", [f"{LONG_UID}0200", f"{LONG_UID[:-20]}9{LONG_UID[-19:]}020", f"{LONG_UID}02"])
def test_a_uid_with_a_digit_wrong_or_too_many_is_found(named: Catalog, typed: str) -> None:
    assert f"{LONG_UID}020" in [hit["id"] for hit in named.search(typed)]


@pytest.mark.parametrize("typed", ["LUNG1-777", "completely different 1", "12", "1.2.3.4.5.6.7.8.9.10.11.12.13"])
def test_what_is_far_from_everything_finds_nothing(named: Catalog, typed: str) -> None:
    assert named.search(typed) == []


def test_a_text_longer_than_any_identifier_is_compared_with_none(tmp_path: Path) -> None:
    """Such a comparison with a million identifiers would take half a minute; so long a Patient ID is there for this test alone."""
    letters = "1" * 2000
    with Catalog(sources=write_sources(tmp_path, [series(1, PatientID=letters, SeriesInstanceUID=f"1.{letters}")])) as catalog:
        assert catalog.near_ids(f"{letters}1") == catalog.near_ids(f"1.{letters}1") == []


def test_a_text_longer_than_any_name_is_compared_with_none() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE search_descriptions AS SELECT unnest([repeat('a', 65), repeat('b', 90)]) AS plain, 1 AS n")
        assert near_names(connection, "a" * 64 + "x", "search_descriptions") == ["a" * 65]
        assert near_names(connection, "b" * 89 + "x", "search_descriptions") == []


@pytest.mark.parametrize("most", [1, 2])
def test_whatever_the_mistakes_are_something_is_left_to_find_it_by(most: int) -> None:
    """Letters added, lost, changed and swapped anywhere, also between the pieces that are looked for."""
    chance = random.Random(most)
    with duckdb.connect() as connection:
        for _ in range(300):
            meant = "".join(chance.choice("0123456789.ab") for _ in range(chance.randint(20, 70)))
            typed = meant
            for _ in range(most):
                place = chance.randrange(1, len(typed) - 2)
                kinds = ("x", "", typed[place] + "x", typed[place + 1] + typed[place])
                new = chance.choice(kinds)
                typed = typed[:place] + new + typed[place + (2 if new == kinds[3] else 1) :]
            bindings = Bindings()
            condition = shares_a_piece(f"{bindings.add(meant)}", typed, most, bindings)
            if len(typed) >= 20:
                assert connection.execute(f"SELECT {condition}", bindings.values).fetchone() == (True,), (meant, typed)


def test_long_names_and_identifiers_with_mistakes_are_found(tmp_path: Path) -> None:
    meant = "CASE-2021-LONG-IDENTIFIER-OF-A-STUDY-000123"
    rows = [series(1, PatientID=meant), series(2, PatientID=f"{meant[:-2]}99", SeriesInstanceUID="1.2.1.2")]
    with Catalog(sources=write_sources(tmp_path, rows)) as catalog:
        for typed in (f"X{meant}", meant.replace("LONG", "LNOG"), f"{meant[:-3]}132", meant.replace("STUDY", "STDY").replace("2021", "2012")):
            assert catalog.near_ids(typed)[0].endswith(meant), typed
        assert catalog.near_ids("CASE-2021-QUITE-ANOTHER-IDENTIFIER-ALTOGETHER") == []


def test_a_series_of_an_earlier_release_is_found_by_its_uid(catalog: Catalog) -> None:
    (hit,) = catalog.search(GONE_UID)
    assert (hit["level"], hit["id"], hit["label"]) == ("prior_series", GONE_UUID, GONE_UID)
    assert "removed after release" in hit["description"]


def test_filters_that_leave_nothing_are_taken_as_they_were_meant(catalog: Catalog) -> None:
    meant, notes = meant_filters({"Modality": ["ct"], "license_short_name": ["CC BY 4"], "PatientID": ["x"]}, catalog.facets({}))
    assert meant == {"Modality": ["CT"], "license_short_name": ["CC BY 4"], "PatientID": ["x"]}
    assert notes[0] == "Modality=ct was taken as Modality=CT."
    assert "No series has license_short_name=CC BY 4. Did you mean CC BY 4.0" in notes[1]
    assert len(notes) == 2
