"""The box "Find a filter or a value"."""

from __future__ import annotations


def look_for(bench, text):
    bench.browser.filter_finder.look_for(text)
    bench.settle()
    return [item.text for item in bench.browser.filter_finder.state.found]


def add(bench, text):
    bench.browser.filters.watch(True)
    bench.settle()
    bench.browser.filter_finder.add_all(text)
    for _ in range(8):
        bench.settle()
    return bench.browser.filters.for_engine()


def test_filters_and_values_are_found_by_parts_of_their_names(bench):
    assert look_for(bench, "slice th") == ["Slice thickness"]
    assert "Lungs (Collection)" in look_for(bench, "lun")
    assert look_for(bench, "nothing like this") == []
    assert bench.browser.filter_finder.state.note == 'No filter or value contains "nothing like this".'


def test_what_is_picked_is_added_or_shown(bench):
    shown = []
    bench.browser.filter_finder.shown.connect(shown.append)
    look_for(bench, "ct")
    first = bench.browser.filter_finder.state.found[0]
    assert (first.column, first.choice.any_of) == ("Modality", ("CT",)), "a whole value comes first"
    bench.browser.filter_finder.pick(first)
    bench.settle()
    assert bench.browser.filters.for_engine() == {"Modality": ["CT"]} and shown == ["Modality"]
    look_for(bench, "slice th")
    bench.browser.filter_finder.pick(bench.browser.filter_finder.state.found[0])
    assert shown[-1] == "SliceThickness"


def test_once_something_is_picked_nothing_else_is_looked_for(bench):
    finder = bench.browser.filter_finder
    finder.look_for("slice th")
    finder.pick(finder.state.found[0])
    bench.settle()
    bench.settle()
    assert finder.state.text == "" and finder.state.found == ()


def test_a_question_with_several_parts_becomes_filters(bench):
    bench.engine.process.handlers["catalog.facet_details"] = lambda _params: {"values": []}
    chosen = add(bench, "CT, lungs, up to 1.25 mm, by a person, commercial use")
    assert chosen == {
        "Modality": ["CT"],
        "collection_id": ["lungs"],
        "SliceThickness": {"max": 1.25},
        "AlgorithmType": ["MANUAL"],
        "license_short_name": {"none": ["CC BY-NC 4.0"]},
    }
    assert bench.browser.filter_finder.state.text == ""


def test_what_means_nothing_stays_and_is_said(bench):
    assert add(bench, "CT, gobbledygook") == {"Modality": ["CT"]}
    state = bench.browser.filter_finder.state
    assert state.text == "gobbledygook" and state.note == 'Nothing matches "gobbledygook".'


def test_what_needs_an_index_file_waits_for_it(bench):
    bench.engine.process.handlers["catalog.facet_details"] = lambda _params: {"missing_index": "ct_index"}
    shown = []
    bench.browser.filter_finder.shown.connect(shown.append)
    assert add(bench, "slices up to 1.25 mm") == {}
    assert shown == ["SliceThickness"] and "needs the index file ct_index" in bench.browser.filter_finder.state.note
    bench.engine.process.handlers["catalog.facet_details"] = lambda _params: {"bins": [], "min": None, "max": None, "not_stated": 0}
    bench.browser.filter_finder.data_arrived()
    bench.settle()
    assert bench.browser.filters.for_engine() == {"SliceThickness": {"max": 1.25}}
