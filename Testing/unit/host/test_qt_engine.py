from __future__ import annotations

import sys
import time

import pytest

pytest.importorskip("PySide6")

from IDCBrowserLib.api.diagnostics import ECHO, INFO
from IDCBrowserLib.host.qt_engine import QtEngine
from IDCBrowserLib.qtbinding import QtCore


def run_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        QtCore.QCoreApplication.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 20)
    return condition()


@pytest.fixture
def engine(app):
    engine = QtEngine(sys.executable, {})
    engine.start()
    yield engine
    engine.close()


def test_a_question_is_answered_by_the_child_in_the_event_loop(engine):
    answers = []
    engine.client.ask(ECHO({"text": "Ärzte 'n' \"quotes\" \u2028"}), answers.append, answers.append)
    assert run_until(lambda: answers)
    assert answers == [{"text": "Ärzte 'n' \"quotes\" \u2028"}]


def test_large_answers_arrive_whole(engine):
    answers = []
    big = ["x" * 1000] * 3000
    engine.client.ask(ECHO({"big": big}), answers.append, answers.append)
    assert run_until(lambda: answers)
    assert answers[0] == {"big": big}


def test_a_cancelled_question_is_answered_no_more_and_the_next_one_is(engine):
    answers = []
    request = engine.client.ask(ECHO({"seconds": 60}), answers.append, answers.append)
    run_until(lambda: engine.client.is_ready)
    request.cancel()
    engine.client.ask(ECHO({"next": True}), answers.append, answers.append)
    assert run_until(lambda: answers)
    assert answers == [{"next": True}]


def test_a_killed_child_is_replaced_and_the_question_gets_a_sentence(engine):
    import os
    import signal

    errors, pids = [], []
    engine.client.ask(INFO({}), lambda info: pids.append(info["pid"]))
    assert run_until(lambda: pids)
    engine.client.ask(ECHO({"seconds": 60}), None, errors.append)
    os.kill(pids[0], signal.SIGKILL)
    assert run_until(lambda: errors)
    assert "ended unexpectedly" in str(errors[0])
    engine.client.ask(INFO({}), lambda info: pids.append(info["pid"]))
    assert run_until(lambda: len(pids) == 2)
    assert pids[0] != pids[1]


def test_an_interpreter_that_does_not_exist_is_named_and_not_tried_for_ever(app):
    engine = QtEngine("/no/such/python", {})
    told = []
    engine.client.died.connect(told.append)
    engine.start()
    assert run_until(lambda: engine.client.gave_up)
    engine.close()
    assert len(told) == 3
    assert "No such file" in told[0] or "execvp" in told[0] or "not found" in told[0].lower()


def test_closing_ends_the_child(app):
    engine = QtEngine(sys.executable, {})
    engine.start()
    pids = []
    engine.client.ask(INFO({}), lambda info: pids.append(info["pid"]))
    assert run_until(lambda: pids)
    process = engine.client._process
    engine.close()
    assert not process.is_running()


@pytest.mark.skipif(sys.platform == "win32", reason="the launcher here is a shell script")
def test_the_child_finds_this_library_although_its_launcher_sets_the_path_anew(app, tmp_path):
    launcher = tmp_path / "PythonSlicer"
    launcher.write_text(f'#!/bin/sh\nexport PYTHONPATH=/of/the/launcher\nexec "{sys.executable}" "$@"\n')
    launcher.chmod(0o755)
    engine = QtEngine(str(launcher), {})
    engine.start()
    pids = []
    engine.client.ask(INFO({}), lambda info: pids.append(info["pid"]))
    assert run_until(lambda: pids)
    engine.close()
