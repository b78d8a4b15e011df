"""An identifier of the CRDC that no index has is offered to be asked there; nothing is asked before."""

STUDY = "5f8b0d00-0000-4000-8000-00000000000a"


def look_for(bench, text):
    bench.browser.search.look_for(text)
    bench.settle()
    return bench.browser.search.state


def test_an_unknown_identifier_of_the_crdc_is_offered_to_be_asked(bench):
    (hit,) = look_for(bench, f"drs://dg.4DFC/{STUDY}").hits
    assert hit.label == "Ask the CRDC what this is" and hit.ids == (f"drs://dg.4DFC/{STUDY}",)
    assert bench.engine.process.calls("working_set.open") == []
    bench.browser.pick(hit)
    bench.settle()
    assert bench.engine.process.calls("working_set.open") == [{"sources": [f"drs://dg.4DFC/{STUDY}"]}]


def test_other_texts_that_are_found_nowhere_are_not_offered(bench):
    state = look_for(bench, "no such thing")
    assert state.hits == () and "No match" in state.note
