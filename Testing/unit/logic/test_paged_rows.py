from __future__ import annotations

import pytest
from helpers.fake_host import FakeEngine

from IDCBrowserLib.logic.tables.paged_rows import PAGE_ROWS, PagedRows


@pytest.fixture
def engine():
    def page(parameters):
        first = parameters["offset"]
        return {"rows": [[number] for number in range(first, min(first + parameters["limit"], 10_000))]}

    return FakeEngine({"catalog.page": page})


@pytest.fixture
def rows(engine):
    rows = PagedRows(engine.client)
    rows.show(7, ["number"], 10_000, [[number] for number in range(PAGE_ROWS)])
    return rows


def test_the_first_page_is_there_at_once(rows, engine):
    assert rows.row(PAGE_ROWS - 1) == [PAGE_ROWS - 1]
    engine.settle()
    assert engine.process.calls("catalog.page") == []


def test_a_row_out_of_sight_comes_with_its_page(rows, engine):
    arrived = []
    rows.arrived.connect(lambda first, last: arrived.append((first, last)))
    assert rows.row(5000) is None
    engine.settle()
    assert rows.row(5000) == [5000]
    assert arrived == [(5000, 5199)]
    assert engine.process.calls("catalog.page") == [{"view": 7, "offset": 5000, "limit": PAGE_ROWS}]


def test_dragging_through_the_table_asks_only_for_the_pages_looked_at_last(rows, engine):
    engine.process.hold("catalog.page")
    for number in range(0, 10_000, 50):
        rows.row(number)
    engine.process.release("catalog.page")
    engine.settle()
    offsets = [parameters["offset"] for parameters in engine.process.calls("catalog.page")]
    assert len(offsets) <= 6
    assert 9800 in offsets


def test_another_view_cancels_what_was_on_its_way(rows, engine):
    engine.process.hold("catalog.page")
    rows.row(5000)
    rows.show(8, ["number"], 3, [[1], [2], [3]])
    engine.process.release("catalog.page")
    engine.settle()
    assert rows.total == 3
    assert [number for number, _row in rows.loaded()] == [0, 1, 2]


def test_a_failed_page_is_told_and_asked_for_again_when_looked_at(rows, engine):
    from helpers.fake_host import not_found

    errors = []
    rows.failed.connect(errors.append)
    page = engine.process.handlers["catalog.page"]
    engine.process.handlers["catalog.page"] = not_found
    rows.row(400)
    engine.settle()
    assert len(errors) == 1
    engine.process.handlers["catalog.page"] = page
    rows.row(400)
    engine.settle()
    assert rows.row(400) == [400]


def test_a_column_that_the_view_does_not_have_is_none(rows):
    assert rows.value(rows.row(3), "number") == 3
    assert rows.value(rows.row(3), "other") is None
