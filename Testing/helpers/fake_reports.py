"""Reports behind the engine's methods, in this process: the real functions on files that a test has made."""

from __future__ import annotations

from typing import Any

from helpers.answer import Handlers, answer
from IDCBrowserLib.api import objects, report
from IDCBrowserLib.engine.methods import objects as objects_methods
from IDCBrowserLib.engine.methods import report as report_methods
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.report.view import MeasurementTable
from IDCBrowserLib.task import Task


class FakeReports:
    """Reads what it is given; nothing is canned."""

    def __init__(self) -> None:
        self._state = EngineState({"exchange_folder": "."})
        self.asked: list[report.TablesParameters] = []

    def _open_tables(self, params: report.TablesParameters) -> report.Opened:
        """Of every selection one volume in each of two cases."""
        self.asked.append(params)
        rows: list[Any] = []
        for case in ("A", "B"):
            row: dict[str, Any] = dict.fromkeys(report.Row.__annotations__)
            volume = {"value": "118565006", "scheme": "SCT", "meaning": "Volume"}
            row.update(patient_id=case, sr_series_uid=f"1.{case}", quantity=volume, value=2.5, tracking_id="Nodule")
            rows.append(row)
        return report_methods.opened(self._state, MeasurementTable.of_rows(rows), ["IDC's own tables"], [])

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        state, task = self._state, Task()
        return {
            **answer(report.OPEN, lambda params: report_methods.open_files(state, params, task)),
            **answer(report.OPEN_TABLES, self._open_tables),
            **answer(report.OPEN_MEASUREMENTS, lambda params: report_methods.open_measurements(state, params, task)),
            **answer(report.PAGE, lambda params: report_methods.page(state, params, task)),
            **answer(report.CLOSE, lambda params: report_methods.close(state, params, task)),
            **answer(report.SHOW, lambda params: report_methods.show(state, params, task)),
            **answer(report.SAVE, lambda params: report_methods.save(state, params, task)),
            **answer(report.PLACE, lambda params: report_methods.place(state, params, task)),
            **answer(objects.DESCRIBE, lambda params: objects_methods.describe(state, params, task)),
            **answer(objects.SAVE, lambda params: objects_methods.save(state, params, task)),
        }
