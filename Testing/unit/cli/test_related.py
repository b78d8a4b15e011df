"""``idc-browser related`` on a small catalog."""

from helpers.small_catalog import uuid
from helpers.small_command_line import CommandLine


def test_related_series_carry_the_kind_of_relation(idc_browser: CommandLine) -> None:
    document = idc_browser.json("related", "1.2.1.3")
    assert [(row["SeriesInstanceUID"], row["relation"]) for row in document["series"]] == [("1.2.1.1", "same study"), ("1.2.1.2", "same study")]
    assert document["warnings"]
    assert idc_browser.json("related", uuid(3)) == document
    assert "Note: " in idc_browser.text("related", "1.2.1.3")


def test_what_is_no_series_is_said(idc_browser: CommandLine) -> None:
    idc_browser.fails(3, "There is no series '9.9' in the catalog.", "related", "9.9")
    idc_browser.fails(3, "'1.2.1' is not a series; it is a study.", "related", "1.2.1")
