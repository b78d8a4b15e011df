"""Objects that are read, not looked at: their text as lines, and the measurements of reports."""

from __future__ import annotations

from IDCBrowserLib.api import report as api
from IDCBrowserLib.api.objects import Description
from IDCBrowserLib.describe.describe import describe_file, describe_opened
from IDCBrowserLib.dicom.dicom_file import DicomFile, open_dicom
from IDCBrowserLib.errors import DamagedError, IDCBrowserError
from IDCBrowserLib.report.lines import report_lines
from IDCBrowserLib.report.measurements import Measured, measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.report.report import Report

_READ_AS_TEXT = "report"
_OPENED_ELSEWHERE = ("document", "waveform", "video")


class Read:
    """Collects ``titles``, ``lines``, ``measured`` reports, what is ``saveable``, and ``warnings``, file by file; reports come first."""

    def __init__(self) -> None:
        self.measured: list[tuple[Report, Measured]] = []
        self.saveable: list[api.Saveable] = []
        self.warnings: list[str] = []
        self._reports: list[tuple[str, list[api.Line]]] = []
        self._others: list[tuple[str, list[api.Line]]] = []

    @property
    def titles(self) -> list[str]:
        """One line of each object."""
        return [title for title, _ in (*self._reports, *self._others)]

    @property
    def lines(self) -> list[api.Line]:
        """The texts, one after the other."""
        return [line for _, lines in (*self._reports, *self._others) for line in lines]

    def add(self, file: str) -> None:
        """A file that cannot be read is a warning."""
        try:
            opened = _opened(file)
            described = describe_opened(opened) if opened is not None else describe_file(file)
            self.warnings += described["warnings"]
            if described["family"] == _READ_AS_TEXT:
                self._reports.append((described["text"], self._report(opened or file)))
            else:
                self._others.append((described["text"], _card_lines(described)))
        except IDCBrowserError as error:
            self.warnings.append(str(error))
            return
        if described["family"] in _OPENED_ELSEWHERE:
            self.saveable.append({"file": file, "text": described["text"]})

    def _report(self, file: str | DicomFile) -> list[api.Line]:
        report = read_report(file)
        self.measured.append((report, measurements_of(report)))
        return [{"depth": line.depth, "name": line.name, "value": line.value, "heading": line.heading} for line in report_lines(report)]


def _opened(path: str) -> DicomFile | None:
    """Once for all that is told of it; None for one that is cut off: of a report some is told all the same."""
    try:
        return open_dicom(path)
    except DamagedError:
        return None


def _card_lines(described: Description) -> list[api.Line]:
    lines: list[api.Line] = [{"depth": 0, "name": described["text"], "value": "", "heading": True}]
    lines += [{"depth": 1, "name": name, "value": value, "heading": False} for name, value in described["items"]]
    for reference in described["references"]:
        value = f"{reference['objects'] or 'all'} x {reference['kind'] or 'object'} {reference['series']}".strip()
        lines.append({"depth": 1, "name": reference["relation"].capitalize(), "value": value, "heading": False})
    return lines
