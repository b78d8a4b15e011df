"""Reports behind the engine's methods, in this process: the real functions on files that a test has made."""

from __future__ import annotations

from helpers.answer import Handlers, answer
from IDCBrowserLib.api import objects, report
from IDCBrowserLib.engine.methods import objects as objects_methods
from IDCBrowserLib.engine.methods import report as report_methods
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


class FakeReports:
    """Reads what it is given; nothing is canned."""

    def __init__(self) -> None:
        self._state = EngineState({"exchange_folder": "."})

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        state, task = self._state, Task()
        return {
            **answer(report.OPEN, lambda params: report_methods.open_files(state, params, task)),
            **answer(report.PAGE, lambda params: report_methods.page(state, params, task)),
            **answer(report.CLOSE, lambda params: report_methods.close(state, params, task)),
            **answer(report.SHOW, lambda params: report_methods.show(state, params, task)),
            **answer(report.SAVE, lambda params: report_methods.save(state, params, task)),
            **answer(report.PLACE, lambda params: report_methods.place(state, params, task)),
            **answer(objects.DESCRIBE, lambda params: objects_methods.describe(state, params, task)),
            **answer(objects.SAVE, lambda params: objects_methods.save(state, params, task)),
        }
