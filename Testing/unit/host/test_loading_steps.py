"""Asynchronous work written as a generator."""

import pytest

from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.host.loading.steps import Steps


class Handle:
    def __init__(self):
        self.cancelled = False

    def cancel(self):
        self.cancelled = True


class Later:
    """Operations that answer when the test says so."""

    def __init__(self):
        self.waiting = []
        self.handles = []

    def __call__(self, on_done, on_error):
        self.waiting.append((on_done, on_error))
        self.handles.append(Handle())
        return self.handles[-1]


def at_once(value):
    def operation(on_done, _on_error):
        on_done(value)
        return Handle()

    return operation


def test_answers_come_back_at_the_yield_and_the_result_at_the_end():
    later, ended = Later(), []

    def work():
        first = yield later
        second = yield at_once(2)
        return first + second

    Steps(work(), ended.append)
    assert ended == []
    later.waiting[0][0](40)
    assert ended == [42]


def test_an_error_is_raised_at_its_yield():
    later, ended = Later(), []

    def work():
        try:
            yield later
        except NotFoundError as error:
            return str(error)

    Steps(work(), ended.append)
    later.waiting[0][1](NotFoundError("not there"))
    assert ended == ["not there"]


def test_thousands_of_operations_that_answer_at_once_do_not_nest():
    ended = []

    def work():
        total = 0
        for number in range(20_000):
            total += yield at_once(number)
        return total

    Steps(work(), ended.append)
    assert ended == [sum(range(20_000))]


def test_after_a_cancel_nothing_is_told_and_the_operation_is_cancelled():
    later, ended, cleaned = Later(), [], []

    def work():
        try:
            yield later
        finally:
            cleaned.append(True)

    steps = Steps(work(), ended.append)
    steps.cancel()
    assert later.handles[0].cancelled
    assert cleaned == [True]
    later.waiting[0][0]("too late")
    assert ended == []


def test_a_cancel_from_within_the_work_stops_the_operation_just_started():
    later, ended, steps = Later(), [], []

    def work():
        yield later
        steps[0].cancel()
        yield later

    steps.append(Steps(work(), ended.append))
    later.waiting[0][0](None)
    assert ended == []
    assert len(later.waiting) == 1


@pytest.mark.parametrize("second", [0, 1])
def test_a_second_answer_is_ignored(second):
    first, other, ended = Later(), Later(), []

    def work():
        one = yield first
        two = yield other
        return one, two

    Steps(work(), ended.append)
    first.waiting[0][0]("a")
    first.waiting[0][second](NotFoundError("again"))
    other.waiting[0][0]("b")
    assert ended == [("a", "b")]
