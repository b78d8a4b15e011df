"""``idc-browser list`` on a small catalog."""

from pathlib import Path

from helpers.small_catalog import SERIES, write_many_series
from helpers.small_command_line import CommandLine


def test_collections_as_json_have_the_index_column_names(idc_browser: CommandLine) -> None:
    rows = idc_browser.json("list", "collections")
    assert [row["collection_id"] for row in rows] == ["brain_mr", "lung_ct"]
    assert {"collection_name", "cancer_types", "cases", "studies", "series", "size_bytes", "modalities"} <= set(rows[0])


def test_every_level_can_be_narrowed(idc_browser: CommandLine) -> None:
    assert [row["PatientID"] for row in idc_browser.json("list", "cases", "--collection", "Lung-CT")] == ["P2", "P10", "SHARED"]
    assert [row["StudyInstanceUID"] for row in idc_browser.json("list", "studies", "--case", "lung_ct/P2")] == ["1.2.1"]
    assert [row["SeriesNumber"] for row in idc_browser.json("list", "series", "--study", "1.2.1")] == ["1", "9", "10"]
    assert len(idc_browser.json("list", "series", "--collection", "lung_ct", "--collection", "brain_mr")) == 6


def test_a_patient_id_of_two_collections_lists_both_unless_one_is_named(idc_browser: CommandLine) -> None:
    assert len(idc_browser.json("list", "series", "--case", "SHARED")) == 2
    assert len(idc_browser.json("list", "series", "--case", "SHARED", "--collection", "brain_mr")) == 1


def test_filters_and_limit(idc_browser: CommandLine) -> None:
    assert len(idc_browser.json("list", "series", "--filter", "Modality=CT", "--filter", "Modality=MR")) == 5
    assert len(idc_browser.json("list", "series", "--filter", "Modality=CT", "--limit", "2")) == 2
    assert len(idc_browser.json("list", "series", "--filter", "PatientSex=")) == 5
    assert len(idc_browser.json("list", "series", "--limit", "0")) == 6


def test_nothing_that_matches_is_an_empty_list(idc_browser: CommandLine) -> None:
    assert idc_browser.json("list", "series", "--filter", "Modality=XA") == []
    assert idc_browser.text("list", "series", "--filter", "Modality=XA") == "No series match.\n"


def test_the_friendly_form_shows_sizes_and_dashes(idc_browser: CommandLine) -> None:
    text = idc_browser.text("list", "cases", "--limit", "2")
    assert "4.5 MB" in text
    assert " - " in text
    assert "2 of 4 cases; --limit 0 shows all" in text


def test_unknown_ids_end_with_3_and_a_suggestion(idc_browser: CommandLine) -> None:
    idc_browser.fails(3, "There is no collection 'lung_tc' in the catalog. Did you mean lung_ct?", "list", "cases", "--collection", "lung_tc")
    idc_browser.fails(3, "There is no case 'P1x' in the catalog.", "list", "studies", "--case", "P1x")
    idc_browser.fails(3, "There is no study '9.9' in the catalog.", "list", "series", "--study", "9.9")
    idc_browser.fails(3, "'1.2.1.3' is not a study; it is a series.", "list", "series", "--study", "1.2.1.3")
    idc_browser.fails(3, "is not in brain_mr; it is in lung_ct", "list", "series", "--case", "P10", "--collection", "brain_mr")
    idc_browser.fails(3, "it is in lung_ct/P2", "list", "series", "--study", "1.2.1", "--collection", "brain_mr")


def test_a_wrong_command_line_ends_with_2(idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "There is no column 'modality' to filter by", "list", "series", "--filter", "modality=CT")
    idc_browser.fails(2, "is not COLUMN=VALUE", "list", "series", "--filter", "Modality")
    idc_browser.fails(2, "'few' is not a whole number", "list", "series", "--limit", "few")
    idc_browser.fails(2, "invalid choice", "list", "images")


def test_a_further_file_can_be_named(idc_browser: CommandLine) -> None:
    extra = idc_browser.write_extra()
    assert len(idc_browser.json("list", "collections", "--catalog-source", str(extra))) == 3
    idc_browser.fails(3, "nowhere.parquet does not exist", "list", "collections", "--catalog-source", "nowhere.parquet")


def test_a_limit_of_very_many_series_lists_the_same_rows_in_the_same_order(idc_browser: CommandLine, tmp_path: Path) -> None:
    many = str(write_many_series(tmp_path / "many.parquet", 3000))

    def listed(limit: int) -> list[str]:
        rows = idc_browser.json("list", "series", "--catalog-source", many, "--limit", str(limit))
        return [row["SeriesInstanceUID"] for row in rows]

    everything = listed(0)
    assert len(everything) == 3000 + len(SERIES)
    for limit in (5, 1000, 1001, 2500, 5000):
        assert listed(limit) == everything[:limit]


def test_a_range_of_a_text_is_refused_with_what_to_use_instead(idc_browser: CommandLine) -> None:
    idc_browser.fails(
        2, "StudyDate is a text, so it has no ranges. For years of studies: year=FROM..TO.", "list", "cases", "--filter", "StudyDate=1990..1995"
    )
    idc_browser.fails(2, "StudyDate is a text", "list", "cases", "--filter", "StudyDate=1990-01..")
    assert idc_browser.json("list", "series", "--filter", "SeriesDescription=a..b") == []
