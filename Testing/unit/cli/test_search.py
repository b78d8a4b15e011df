"""``idc-browser search`` on a small catalog."""

from helpers.small_command_line import CommandLine


def test_hits_are_ranked_and_say_what_they_are(idc_browser: CommandLine) -> None:
    hits = idc_browser.json("search", "lung")
    assert (hits[0]["level"], hits[0]["id"]) == ("collections", "lung_ct")
    assert set(hits[0]) == {"level", "id", "label", "description", "collection_id", "score", "filters", "kind", "count", "text"}
    assert len(idc_browser.json("search", "1.2.", "--limit", "2")) <= 2


def test_nothing_found_is_no_error(idc_browser: CommandLine) -> None:
    assert idc_browser.json("search", "zzzzzz") == []
    assert idc_browser.text("search", "zzzzzz").startswith("Nothing found for 'zzzzzz'.\n")


def test_what_was_not_searched_is_said(idc_browser: CommandLine) -> None:
    assert "were not searched; that needs idc-browser indices --fetch seg_index" in idc_browser.text("search", "SCT 10200004")


def test_an_empty_text_is_refused(idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "Give a text to search for", "search", "  ")


def test_the_friendly_form_is_a_table(idc_browser: CommandLine) -> None:
    assert "Lung-CT" in idc_browser.text("search", "lung")
