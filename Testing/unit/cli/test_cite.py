"""``idc-browser cite``."""

from helpers.small_command_line import CommandLine


def test_cite_prints_a_paragraph_and_references(idc_browser: CommandLine) -> None:
    text = idc_browser.text("cite", "lung_ct")
    assert text.startswith("Data: 5 DICOM series")
    assert "References\n1. Fedorov, A." in text


def test_cite_as_json_names_each_source(idc_browser: CommandLine) -> None:
    assert [source["doi"] for source in idc_browser.json("cite", "brain_mr")["sources"]] == ["10.7937/brain"]


def test_cite_of_something_unknown_ends_with_3(idc_browser: CommandLine) -> None:
    code, _, errors = idc_browser.run("cite", "no_such_collection", "--json")
    assert code == 3 and "no_such_collection" in errors


def test_cite_prints_bibtex_alone_when_asked(idc_browser: CommandLine) -> None:
    assert idc_browser.text("cite", "lung_ct", "--bibtex").startswith("@article{idc_radiographics_2023,")
    assert "@misc{10_7937_lung," in idc_browser.json("cite", "lung_ct")["bibtex"]
