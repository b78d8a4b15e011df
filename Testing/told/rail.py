"""Filters: values by a click, a range by its handles, chips that take them away. Each number in sight is that of SQL."""

from __future__ import annotations

import re

import duckdb
from helpers.person import Person

from IDCBrowserLib.qtbinding import QtCore
from told.index import counted

YEARS = "CASE WHEN PatientAge SIMILAR TO '[0-9]+Y' THEN CAST(left(PatientAge, -1) AS INT) WHEN PatientAge SIMILAR TO '[0-9]+[MWD]' THEN 0 END"


def open_filters(person: Person) -> None:
    """They stay open."""
    if not person.widget("filtersArea").isVisible():
        person.press("filtersButton")
        # Until the list is laid out.
        person.pause(100)
    settle(person)


def settle(person: Person) -> None:
    """Until all is counted."""
    person.wait(lambda: not person.client.pending and person.browser.filters.state.totals, "the counts")
    person.settle()


def open_facet(person: Person, title: str) -> None:
    """By a click in the list."""
    facets = person.widget("facets")
    items = (facets.item(row) for row in range(int(facets.property("count"))))
    item = next(item for item in items if item.text().startswith(title))
    facets.scrollToItem(item)
    person.pause(20)
    person.click(facets.viewport(), facets.visualItemRect(item).center())
    settle(person)


def click_value(person: Person, text: str) -> None:
    """Its row, which checks its box."""
    view = person.widget("facetValues")
    model = view.model()
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == text)
    person.click_index(view, model.index(row, 0))
    settle(person)


def left(person: Person) -> list[int]:
    """Series, studies and cases in the line above the tables."""
    text = person.shown_text("filtersTotals")
    numbers = re.match(r"= ([\d,]+) cases? \(([\d,]+) stud\w+, ([\d,]+) series", text)
    assert numbers is not None, text
    return [int(numbers.group(place).replace(",", "")) for place in (3, 2, 1)]


def drag_handle(person: Person, name: str, pixels: int) -> None:
    """Take the handle of a slider and put it elsewhere."""
    handle = person.widget(name)
    start = handle.property("rect").center()
    person.drag(handle, start, start + QtCore.QPoint(pixels, 0))
    # The range follows when the handle rests.
    person.pause(250)
    settle(person)


def values_and_a_range_are_chosen_and_taken_away(person: Person, index: duckdb.DuckDBPyConnection) -> None:
    """A value, a range by both handles and by keys, then a chip and the button that take them away."""
    open_filters(person)
    open_facet(person, "Modality")
    click_value(person, "MR")
    assert left(person) == counted(index, "Modality = 'MR'")
    open_facet(person, "Age (years)")
    width = int(person.widget("rangeBars").property("width"))
    drag_handle(person, "rangeLowSlider", width // 4)
    drag_handle(person, "rangeHighSlider", -width // 4)
    chosen = person.browser.filters.choice("age_years")
    assert chosen.low and chosen.high and chosen.low < chosen.high
    assert left(person) == counted(index, f"Modality = 'MR' AND {YEARS} BETWEEN {chosen.low} AND {chosen.high}")
    person.photograph("range")
    person.key(person.widget("rangeLowSlider"), "Right")
    person.wait(lambda: person.browser.filters.choice("age_years").low > chosen.low, "the lower end moved by a key")
    settle(person)
    moved = person.browser.filters.choice("age_years")
    assert left(person) == counted(index, f"Modality = 'MR' AND {YEARS} BETWEEN {moved.low} AND {moved.high}")
    assert person.shown_text("filterChip0").startswith("MR")
    person.press("filterChip0")
    settle(person)
    assert left(person) == counted(index, f"{YEARS} BETWEEN {moved.low} AND {moved.high}")
    person.press("resetFiltersButton")
    person.wait(lambda: not person.widget("resetFiltersButton").isEnabled(), "no filters")


def a_value_is_found_by_its_name(person: Person, index: duckdb.DuckDBPyConnection) -> None:
    """The box above the filters finds a value of any of them, which a click adds."""
    open_filters(person)
    person.type_into("findFilter", "siemens")
    found = person.widget("foundFilters")
    person.wait(lambda: int(found.property("count")) > 0 and not person.client.pending, "what was found")
    person.pause(50)
    texts = [found.item(row).text() for row in range(int(found.property("count")))]
    row = next(row for row, text in enumerate(texts) if "SIEMENS" in text and "anufacturer" in text)
    found.scrollToItem(found.item(row))
    person.pause(20)
    person.photograph("found-value")
    person.click(found.viewport(), found.visualItemRect(found.item(row)).center())
    person.wait(person.browser.filters.for_engine, "the filter")
    settle(person)
    (values,) = person.browser.filters.for_engine().values()
    assert left(person) == counted(index, f"Manufacturer = '{values[0]}'")
    person.press("resetFiltersButton")
    person.wait(lambda: not person.widget("resetFiltersButton").isEnabled(), "no filters")
