"""``idc-browser facets`` on a small catalog."""

from helpers.small_command_line import CommandLine


def test_values_are_counted_under_filters(idc_browser: CommandLine) -> None:
    facets = idc_browser.json("facets", "--filter", "Modality=CT")
    assert facets["Modality"] == {"CT": 4, "MR": 1, "SEG": 1}
    assert facets["collection_id"] == {"lung_ct": 4}
    assert facets["PatientSex"] == {"": 4}


def test_the_friendly_form_names_what_is_not_stated(idc_browser: CommandLine) -> None:
    assert "(not stated)" in idc_browser.text("facets")


def test_an_unknown_column_is_refused(idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "no column 'Age'", "facets", "--filter", "Age=3")
