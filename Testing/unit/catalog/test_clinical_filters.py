"""Clinical attributes as filters, against SQL over the same made tables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers.clinical_files import write_described, write_table

from IDCBrowserLib.catalog.about.clinical_tables import own_folder
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import CatalogError, InputError

SEX, STAGE, RESPONSE, AGE, DAYS = (f"clinical:{name}" for name in ("Sex of the patient", "Stage", "Response", "age_at_diagnosis", "Days to death"))
NOBODY = "clinical:Never asked"
INDEX = [
    ("lung_ct", "lung_people", "dicom_patient_id", "Patient", {}),
    ("lung_ct", "lung_people", "gender", "Sex of the patient", {"1": "Male", "2": "Female"}),
    ("lung_ct", "lung_people", "stage", "Stage", {"IIIA": "", "IV": ""}),
    ("lung_ct", "lung_people", "age_at_diagnosis", "age_at_diagnosis", {}),
    ("lung_ct", "lung_people", "gone", "Never asked", {}),
    ("lung_ct", "lung_visits", "response", "Response", {}),
    ("lung_ct", "lung_visits", "days", "Days to death", {}),
    ("lung_ct", "lung_visits", "other_a", "Other, specify", {}),
    ("lung_ct", "lung_visits", "other_b", "Other, specify", {}),
    ("brain_mr", "brain_people", "sex", "Sex  of the patient", {}),
]
PEOPLE = """SELECT * FROM (VALUES ('P2', '2', 'IIIA', '61'), ('P10', '1', NULL, '55.5'), ('P10', '1', '', '55.5'), ('SHARED', '9', 'IV', 'unknown'),
    ('NOBODY', '1', 'IV', '40')) t(dicom_patient_id, gender, stage, age_at_diagnosis)"""
VISITS = """SELECT * FROM (VALUES ('P2', 'stable', -3), ('P2', 'progressive', 400), ('P10', 'stable', 20), ('P10', NULL, NULL))
    t(dicom_patient_id, response, days)"""
BRAIN = "SELECT 'SHARED' AS dicom_patient_id, 'Female' AS sex"
TABLES = {"lung_people": PEOPLE, "lung_visits": VISITS, "brain_people": BRAIN}


@pytest.fixture(scope="module")
def catalog(sources: Sources, cache_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """For questions only."""
    place = tmp_path_factory.mktemp("clinical")
    with pytest.MonkeyPatch.context() as patch, opened(sources, place, cache_folder, patch) as catalog:
        yield catalog


@pytest.fixture
def own_catalog(sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    """Whose files change."""
    with opened(sources, tmp_path, tmp_path / "no-cache", monkeypatch) as catalog:
        yield catalog


@contextlib.contextmanager
def opened(sources: Sources, place: Path, cache: Path, patch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    patch.setenv("IDC_BROWSER_HOME", str(place / "home"))
    write_described(place / "indices", INDEX)
    for name, query in TABLES.items():
        write_table(own_folder("25"), name, query)
    with Catalog(sources=replace(sources, side_folders=(place / "indices",)), cache_folder=cache) as catalog:
        yield catalog


@pytest.fixture
def folder(own_catalog: Catalog) -> Path:
    return own_folder("25")


def found(catalog: Catalog, filters: dict[str, Any]) -> set[str]:
    """Numbers of series, which tables, sums and facets agree about."""
    rows, total = catalog.list_rows("series", filters=filters)
    assert total == len(rows) == catalog.totals(filters)["series"]
    assert sum(count for _value, count in catalog.facets(filters)["license_short_name"]) == total
    return {row["SeriesInstanceUID"].removeprefix("1.2.1.") for row in rows}


def by_sql(sources: Sources, condition: str) -> set[str]:
    """The same of a query over the files."""
    with duckdb.connect() as connection:
        for name, query in TABLES.items():
            connection.execute(f"CREATE TABLE {name} AS {query}")
        series = f"read_parquet('{sources.series[0]}')"
        rows = connection.execute(f"SELECT SeriesInstanceUID FROM {series} AS series WHERE {condition}").fetchall()
    return {row[0].removeprefix("1.2.1.") for row in rows}


LUNG = "collection_id = 'lung_ct' AND PatientID IN (SELECT dicom_patient_id FROM "


@pytest.mark.parametrize(
    ("filters", "condition"),
    [
        ({SEX: ["Male"]}, f"{LUNG} lung_people WHERE gender = '1')"),
        ({SEX: ["Female"]}, f"({LUNG} lung_people WHERE gender = '2')) OR (collection_id = 'brain_mr' AND PatientID = 'SHARED')"),
        ({SEX: ["Female"], "collection_id": ["lung_ct"]}, f"{LUNG} lung_people WHERE gender = '2')"),
        ({SEX: {"none": ["Female"]}}, f"NOT ({LUNG} lung_people WHERE gender = '2')) AND collection_id = 'lung_ct'"),
        ({SEX: ["9"]}, f"{LUNG} lung_people WHERE gender = '9')"),
        ({SEX: ["Male"], STAGE: ["IV"]}, "false"),
        ({STAGE: [None]}, "collection_id = 'lung_ct' AND PatientID = 'P10'"),
        ({STAGE: ["IV", None]}, "collection_id = 'lung_ct' AND PatientID IN ('P10', 'SHARED')"),
        ({STAGE: {"none": [None]}}, f"{LUNG} lung_people WHERE stage <> '')"),
        ({RESPONSE: ["stable"]}, f"{LUNG} lung_visits WHERE response = 'stable')"),
        ({RESPONSE: {"all": ["stable", "progressive"]}}, "collection_id = 'lung_ct' AND PatientID = 'P2'"),
        ({RESPONSE: {"all": ["stable", "nothing"]}}, "false"),
        ({AGE: {"min": 55.5, "max": 60}}, f"{LUNG} lung_people WHERE TRY_CAST(age_at_diagnosis AS DOUBLE) BETWEEN 55.5 AND 60)"),
        ({AGE: {"any": [None], "min": 60}}, "collection_id = 'lung_ct' AND PatientID IN ('P2', 'SHARED')"),
        ({DAYS: {"max": 0}, "Modality": ["CT"]}, f"{LUNG} lung_visits WHERE days <= 0) AND Modality = 'CT'"),
        ({"clinical:gender": ["Male"]}, f"{LUNG} lung_people WHERE gender = '1')"),
        ({"clinical:lung_people.gender": ["Female"]}, f"{LUNG} lung_people WHERE gender = '2')"),
        ({"clinical:Age at  diagnosis": [61]}, "collection_id = 'lung_ct' AND PatientID = 'P2'"),
    ],
)
def test_series_are_found_by_what_the_tables_say_of_their_case(catalog: Catalog, sources: Sources, filters: dict[str, Any], condition: str) -> None:
    assert found(catalog, filters) == by_sql(sources, condition)


def test_values_are_counted_in_words_under_the_other_filters_in_series_studies_and_cases(catalog: Catalog) -> None:
    facet = catalog.clinical.facet(SEX)
    assert facet["values"] == [("Female", 4), ("9", 1), ("Male", 1)]
    assert (facet["is_number"], facet["more"], facet["missing_tables"], facet["problems"]) == (False, 0, [], ())
    assert catalog.clinical.facet(SEX, {"Modality": ["CT"], SEX: ["Male"]})["values"] == [("Female", 2), ("9", 1), ("Male", 1)]
    assert catalog.clinical.facet(SEX, {}, "cases")["values"] == [("Female", 2), ("9", 1), ("Male", 1)]
    assert catalog.clinical.facet(SEX, {STAGE: ["IIIA"]}, "studies")["values"] == [("Female", 1)]
    assert catalog.clinical.facet(STAGE)["values"] == [("IIIA", 3), ("IV", 1), (None, 1)]
    assert catalog.clinical.facet(RESPONSE)["values"] == [("stable", 4), ("progressive", 3), (None, 1)]
    assert catalog.clinical.facet(SEX, limit=2)["more"] == 1


def test_numbers_are_bins_that_other_filters_leave_where_they_are(catalog: Catalog) -> None:
    facet = catalog.clinical.facet(AGE)
    assert facet["is_number"] and facet["not_stated"] == 1
    assert facet["bins"] == [[55.5, 55.5, 1], [61.0, 61.0, 3]]
    assert catalog.clinical.facet(DAYS)["bins"] == [[-3.0, -3.0, 3], [20.0, 20.0, 1], [400.0, 400.0, 3]]


def test_many_numbers_share_bins_and_many_values_are_cut_off_and_counted(own_catalog: Catalog, folder: Path) -> None:
    write_table(folder, "lung_visits", "SELECT 'P2' AS dicom_patient_id, 'word ' || n AS response, n - 5000 AS days FROM range(10000) t(n)")
    days = own_catalog.clinical.facet(DAYS)
    assert 20 <= len(days["bins"]) <= 31 and (days["bins"][0][0], days["bins"][-1][1]) == (-5000, 4999)
    assert sum(days["bins"][number][0] <= 0 <= days["bins"][number][1] for number in range(len(days["bins"]))) == 1
    words = own_catalog.clinical.facet(RESPONSE)
    assert (len(words["values"]), words["more"]) == (1000, 9002 - 1), "two cases without a value are one more"
    assert own_catalog.clinical.attributes(text="word 9876")["values"] == [(RESPONSE, "word 9876")]


def test_the_greatest_numbers_have_bins(own_catalog: Catalog, folder: Path) -> None:
    ends = "UNION ALL SELECT 'P2', n FROM (VALUES (-1.7e308), (1.7e308)) t(n)"
    write_table(folder, "lung_visits", f"SELECT 'P2' AS dicom_patient_id, n::DOUBLE AS days FROM range(40) t(n) {ends}")
    assert [bin[:2] for bin in own_catalog.clinical.facet(DAYS)["bins"]] == [[-1.7e308, -1.7e308], [0, 39], [1.7e308, 1.7e308]]


def test_what_codes_mean_is_what_the_index_says_now(own_catalog: Catalog, sources: Sources, tmp_path: Path) -> None:
    assert ("Male", 1) in own_catalog.clinical.facet(SEX)["values"] and found(own_catalog, {SEX: ["Male"]})
    write_described(tmp_path / "indices", [(*row[:4], {"1": "A man"}) if row[2] == "gender" else row for row in INDEX])
    assert ("A man", 1) in own_catalog.clinical.facet(SEX)["values"]
    assert found(own_catalog, {SEX: ["Male"]}) == set() and found(own_catalog, {SEX: ["A man"]})


def test_attributes_are_those_of_the_collections_at_hand_and_what_people_ask_for_comes_first(catalog: Catalog) -> None:
    everything = catalog.clinical.attributes()
    keys = [item["key"] for item in everything["attributes"]]
    assert keys[:2] == [SEX, AGE] and keys.index(STAGE) < keys.index(NOBODY)
    assert everything["attributes"][0] == {"key": SEX, "columns": ["brain_people.sex", "lung_people.gender"], "collections": 2}
    assert {"clinical:Other, specify (other_a)", "clinical:Other, specify (other_b)"} < set(keys), "one label of two columns of one table"
    assert "clinical:Patient" not in keys
    assert [item["key"] for item in catalog.clinical.attributes(collections=["brain_mr"])["attributes"]] == [SEX]
    assert [item["key"] for item in catalog.clinical.attributes({"Modality": ["MR"]})["attributes"]] == [SEX]
    assert [item["key"] for item in catalog.clinical.attributes({STAGE: ["IV"]})["attributes"]] == keys, "all are of the collection that is left"
    assert [item["key"] for item in catalog.clinical.attributes({SEX: ["Female"], "Modality": ["MR"]})["attributes"]] == [SEX]
    few = catalog.clinical.attributes(limit=2)
    assert (len(few["attributes"]), few["more"]) == (2, len(keys) - 2)


def test_names_and_values_are_found_by_parts(catalog: Catalog) -> None:
    found = catalog.clinical.attributes(text="sex")
    assert [item["key"] for item in found["attributes"]] == [SEX]
    assert [item["key"] for item in catalog.clinical.attributes(text="gend")["attributes"]] == [SEX], "by the name of a column"
    assert catalog.clinical.attributes(text="iii")["values"] == [(STAGE, "IIIA")]
    assert catalog.clinical.attributes(text="progress")["values"] == [(RESPONSE, "progressive")], "which the index does not list"
    assert catalog.clinical.attributes(text="stable", collections=["brain_mr"])["values"] == []


def test_without_the_index_file_it_is_named(sources: Sources, tmp_path: Path) -> None:
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        assert catalog.clinical.attributes()["missing_index"] == "clinical_index"
        assert catalog.clinical.facet(SEX)["missing_index"] == "clinical_index"
        with pytest.raises(CatalogError, match="needs the index file clinical_index") as raised:
            catalog.totals({SEX: ["Male"]})
        assert raised.value.command == "idc-browser indices --fetch clinical_index"


def test_tables_that_are_not_here_are_named_and_used_once_they_came(own_catalog: Catalog, folder: Path, sources: Sources) -> None:
    people = folder / "lung_people"
    people.rename(folder.parent / "away")
    assert own_catalog.clinical.facet(SEX)["missing_tables"] == ["lung_people"]
    assert own_catalog.clinical.facet(SEX)["values"] == [("Female", 1)], "what is here is counted"
    assert own_catalog.clinical.facet(SEX, collections=["brain_mr"])["missing_tables"] == [], "others are not needed"
    assert found(own_catalog, {SEX: ["Female"]}) == {"31"}
    assert own_catalog.clinical.facet(STAGE)["values"] == [] and own_catalog.clinical.facet(STAGE)["missing_tables"] == ["lung_people"]
    with pytest.raises(CatalogError, match=r"\(lung_people\)\. Fetch those of lung_ct first\.$") as raised:
        own_catalog.totals({STAGE: ["IV"]})
    assert raised.value.command == "idc-browser clinical lung_ct --fetch", "for the command line; the window has a button"
    (folder.parent / "away").rename(people)
    assert found(own_catalog, {SEX: ["Female"]}) == by_sql(sources, f"({LUNG} lung_people WHERE gender = '2')) OR collection_id = 'brain_mr'")


def test_other_columns_and_types_than_described_are_said_and_the_rest_goes_on(own_catalog: Catalog, folder: Path) -> None:
    assert own_catalog.clinical.facet(NOBODY)["problems"] == ("The clinical table lung_people has no column gone, although the index file says so.",)
    assert own_catalog.clinical.facet(NOBODY)["values"] == [(None, 5)]
    write_table(folder, "lung_people", "SELECT 'P2' AS patient, 1 AS gender")
    facet = own_catalog.clinical.facet(SEX)
    assert facet["problems"] == ("The clinical table lung_people names no patients: it has no column dicom_patient_id.",)
    assert ("Female", 1) in facet["values"]
    odd = "SELECT 10 AS dicom_patient_id, {'a': [1]} AS gender, TIMESTAMPTZ '2020-01-02' AS stage, 'x'::BLOB AS age_at_diagnosis, NULL AS gone"
    write_table(folder, "lung_people", f"{odd} UNION ALL SELECT NULL, NULL, NULL, NULL, NULL")
    for key in (SEX, STAGE, AGE, NOBODY):
        assert own_catalog.clinical.facet(key)["problems"] == ()
    write_table(folder, "lung_people", "SELECT * FROM (VALUES ('P2', 2.0), ('P10', 'nan'::DOUBLE)) t(DICOM_PATIENT_ID, GENDER)")
    assert ("Female", 4) in own_catalog.clinical.facet(SEX)["values"], "a code that is a number, columns in other letters"


def test_a_damaged_table_counts_as_missing_and_can_be_fetched_again(own_catalog: Catalog, folder: Path) -> None:
    (folder / "lung_people" / "000000000000.parquet").write_bytes(b"PAR1 nonsense PAR1")
    facet = own_catalog.clinical.facet(STAGE)
    assert facet["missing_tables"] == ["lung_people"] and "lung_people on this computer is damaged" in facet["problems"][0]
    assert own_catalog.clinical.is_table_damaged("lung_people")
    with pytest.raises(CatalogError, match="is damaged"):
        own_catalog.totals({STAGE: ["IV"]})
    assert own_catalog.clinical.facet(SEX)["values"] == [("Female", 1)], "the other table is read"


def test_wrong_names_and_wrong_values_are_answered_with_a_sentence(catalog: Catalog) -> None:
    for name, meant in (("clinical:Sex of the pateint", SEX), ("clinical:stgae", STAGE)):
        with pytest.raises(InputError, match=f"There is no clinical attribute .* Did you mean {meant}?"):
            catalog.totals({name: ["x"]})
    with pytest.raises(InputError, match="contains text; a range needs numbers"):
        catalog.totals({STAGE: {"min": 2}})
    with pytest.raises(InputError, match="'old' is not a number"):
        catalog.totals({AGE: ["old"]})
    with pytest.raises(InputError):
        catalog.totals({"clinical:": ["x"]})


def test_odd_names_are_names(sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path / "home"))
    odd = [
        ("lung_ct", "lung_odd", 'a"b', "Karnofsky (0=dead)!", {}),
        ("lung_ct", "lung_odd", "x; DROP TABLE series; --", "x" * 4000, {}),
        ("lung_ct", "lung_odd", "ü.ß", "", {"1": "ja"}),
    ]
    write_described(tmp_path / "indices", odd)
    write_table(own_folder("25"), "lung_odd", 'SELECT \'P2\' AS dicom_patient_id, 90 AS "a""b", \'y\' AS "x; DROP TABLE series; --", 1 AS "ü.ß"')
    with Catalog(sources=replace(sources, side_folders=(tmp_path / "indices",)), cache_folder=tmp_path) as catalog:
        keys = [item["key"] for item in catalog.clinical.attributes()["attributes"]]
        assert set(keys) == {"clinical:Karnofsky (0:dead)", f"clinical:{'x' * 160}", "clinical:ü.ß"}
        assert [catalog.totals({key: {"none": [None]}})["series"] for key in keys] == [3, 3, 3]
        assert catalog.totals({"clinical:Karnofsky (0=dead)!": [90]})["series"] == 3, "as the label is written"
        assert catalog.clinical.facet("clinical:ü.ß")["values"] == [("ja", 3), (None, 2)]


def test_a_damaged_index_is_said(sources: Sources, tmp_path: Path) -> None:
    path = write_described(tmp_path / "indices", INDEX)
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS collection_id) TO '{path}' (FORMAT parquet)")
    with (
        Catalog(sources=replace(sources, side_folders=(tmp_path / "indices",)), cache_folder=tmp_path) as catalog,
        pytest.raises(CatalogError) as error,
    ):
        catalog.clinical.attributes()
    assert "lacks the columns that name clinical tables; fetch it again" in str(error.value)


def test_selections_carts_and_working_sets_keep_to_them(catalog: Catalog) -> None:
    of_women = ["1.2.1.1", "1.2.1.2", "1.2.1.3"]
    assert sorted(catalog.series_uids({"level": "collections", "ids": ["lung_ct"], "filters": {SEX: ["Female"]}})) == of_women
    view = catalog.open_view("cases", filters={SEX: ["Female"], "collection_id": ["lung_ct"]})
    assert sorted(catalog.series_uids({"view": view["view"], "ranges": [[0, 0]]})) == of_women
    assert catalog.counts({SEX: ["Female"], "Modality": ["SEG"]}, figures=["Modality"])["series"] == 1
    catalog.close_view(view["view"])
