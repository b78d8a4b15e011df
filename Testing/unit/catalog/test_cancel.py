"""A question that nobody waits for any more ends at once."""

import threading
import time
from typing import Any

import pytest

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.connection import ask_for_batches
from IDCBrowserLib.engine.methods import catalog as methods
from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.task import Task

_ENDLESS = "SELECT count(*) FROM range(10000000000) a, range(1000) b WHERE a.range + b.range = 7"


def test_cancelling_stops_the_statement_under_way(plain_catalog: Catalog) -> None:
    task = Task()
    threading.Timer(0.2, task.cancel).start()
    began = time.monotonic()
    with plain_catalog.cancelled_by(task), pytest.raises(CancelledError):
        plain_catalog._database.read(lambda connection: connection.execute(_ENDLESS).fetchall())
    assert time.monotonic() - began < 30
    # The catalog answers the next question, and a late cancel does no harm.
    assert plain_catalog.search("lung")
    task.cancel()


def test_a_question_whose_rows_come_in_batches_is_canceled_like_any_other(plain_catalog: Catalog) -> None:
    task = Task()
    with plain_catalog.cancelled_by(task), pytest.raises(CancelledError):

        def read(connection: Any) -> None:
            batches = ask_for_batches(connection, "SELECT range FROM range(1000000000000)")
            batches.read_next_batch()
            task.cancel()
            for _batch in batches:
                pass

        plain_catalog._database.read(read)
    assert plain_catalog.search("lung")


def test_a_cancelled_task_asks_nothing(plain_catalog: Catalog) -> None:
    task = Task()
    task.cancel()
    with plain_catalog.cancelled_by(task), pytest.raises(CancelledError):
        plain_catalog.search("lung")
    assert plain_catalog.search("lung")


def test_cancelling_afterwards_touches_no_later_question(plain_catalog: Catalog) -> None:
    task = Task()
    with plain_catalog.cancelled_by(task):
        plain_catalog.search("lung")
    task.cancel()
    assert plain_catalog.facets()


class _State:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def catalog(self) -> Catalog:
        return self._catalog


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (methods.search, {"text": "lung", "limit": 20}),
        (methods.facets, {"filters": {}}),
        (methods.view, {"level": "cases"}),
        (methods.related, {"id": "1.2.1.3"}),
        (methods.details, {"level": "series", "id": "1.2.1.3"}),
    ],
)
def test_requests_of_the_query_lane_can_be_cancelled(plain_catalog: Catalog, method: object, params: dict) -> None:
    task = Task()
    task.cancel()
    plain_catalog.prepare_cache = lambda delay_s=0.0: None
    with pytest.raises(CancelledError):
        method(_State(plain_catalog), params, task)
