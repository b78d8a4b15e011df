"""What can be done with a selection, the cart or a plan: download it, or save it as a manifest, table or lock file. No Qt."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count

MODALITY = "modality:"


@dataclass(frozen=True)
class ContentOptions:
    """Which content to download or save. ``preset`` as in ``selection.plan``, "" for everything; ``with_references``: include referenced images;
    ``with_derived``: include derived objects.
    """

    preset: str = ""
    with_references: bool = True
    with_derived: bool = False

    def parameters(self, references: bool) -> dict[str, Any]:
        """Parameters of ``selection.summary`` and ``selection.plan``. Without ``references``, referenced images are left to the download, which finds
        them in the downloaded files themselves.
        """
        given = {"preset": self.preset, "with_references": self.with_references and references, "with_derived": self.with_derived}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class ExportFormat:
    """A file format for saving a selection; ``key`` as in ``selection.export``, ``ending`` of the file name."""

    key: str
    ending: str
    text: str
    tip: str


class PlanDownloader(Protocol):
    """Starts the download of a plan."""

    def start_planned(self, plan: Mapping[str, Any], load: bool, with_references: bool) -> None:
        """See ``Downloads``."""


class SelectionActions:
    """``download`` and ``save`` first ask the engine for a plan; one action at a time.

    ``what`` are parameters of ``selection.plan``: selections, the cart, or the handle of a plan. Signals: ``changed()`` when an action starts or
    ends, ``message(Message)`` with the result.
    """

    def __init__(self, client: EngineClient, downloads: PlanDownloader) -> None:
        self._client = client
        self._downloads = downloads
        self._request: Request | None = None
        self.changed = Signal()
        self.message = Signal()

    @property
    def busy(self) -> bool:
        """Whether an action is running."""
        return self._request is not None

    def download(self, what: Mapping[str, Any], content: ContentOptions, load: bool) -> None:
        """Plan it, then queue the download."""
        self._plan({**what, **content.parameters(False)}, lambda plan: self._download(plan, load, content.with_references))

    def save(self, what: Mapping[str, Any], content: ContentOptions, form: ExportFormat, path: str) -> None:
        """Plan it, with the referenced images that an index file states, and save it."""
        file = path if path.lower().endswith(form.ending) else path + form.ending
        self._plan({**what, **content.parameters(True)}, lambda plan: self._write(plan, form, file))

    def save_unresolved(self, plan: int, path: str) -> None:
        """Save the skipped lines of an opened manifest."""
        file = path if os.path.splitext(path)[1].lower() in (".csv", ".tsv", ".json") else path + ".csv"
        self._ask("selection.export_unresolved", {"plan": plan, "file": file}, self._lines_written)

    def cancel(self) -> None:
        """Cancel the running action."""
        if self._request is not None:
            self._request.cancel()
            self._request = None
            self.changed.emit()

    def _plan(self, parameters: dict[str, Any], on_plan: Callable[[Mapping[str, Any]], None]) -> None:
        self._ask("selection.plan", parameters, on_plan)

    def _download(self, plan: Mapping[str, Any], load: bool, with_references: bool) -> None:
        self._end(None)
        self._downloads.start_planned(plan, load, with_references)

    def _write(self, plan: Mapping[str, Any], form: ExportFormat, file: str) -> None:
        if not plan["series_count"]:
            self._end(Message(Kind.WARNING, _("The selection contains nothing of this kind, so nothing was saved.")))
            return
        parameters = {"plan": plan["plan"], "file": file, "form": form.key}
        self._ask("selection.export", parameters, lambda written: self._written(written, plan.get("warnings") or ()))

    def _written(self, written: Mapping[str, Any], warnings: Sequence[str]) -> None:
        series = human_count(written["series_count"], _("series"), _("series"))
        text = _("Saved {series} to {path}.").format(series=series, path=written["file"])
        self._end(Message(Kind.WARNING if warnings else Kind.SUCCESS, " ".join([text, *warnings])))

    def _lines_written(self, written: Mapping[str, Any]) -> None:
        lines = human_count(written["lines"], _("line"), _("lines"))
        self._end(Message(Kind.SUCCESS, _("Saved {lines} to {path}.").format(lines=lines, path=written["file"])))

    def _ask(self, method: str, parameters: dict[str, Any], on_result: Callable[[Any], None]) -> None:
        self.cancel()
        self._request = self._client.request(method, parameters, on_result, self._failed)
        self.changed.emit()

    def _failed(self, error: IDCBrowserError) -> None:
        self._end(None if isinstance(error, CancelledError) else Message(Kind.ERROR, str(error)))

    def _end(self, message: Message | None) -> None:
        self._request = None
        self.changed.emit()
        if message is not None:
            self.message.emit(message)


def export_formats() -> tuple[ExportFormat, ...]:
    """Most frequently needed formats first."""
    return (
        ExportFormat("aws", ".s5cmd", _("s5cmd manifest (AWS)..."), _("For s5cmd, idc-index and IDC Browser; names the Amazon (AWS) buckets.")),
        ExportFormat("gcs", ".s5cmd", _("s5cmd manifest (GCS)..."), _("For s5cmd, idc-index and IDC Browser; names the Google (GCS) buckets.")),
        ExportFormat("csv", ".csv", _("CSV table..."), _("One row per series, with the column names of idc-index.")),
        ExportFormat("tsv", ".tsv", _("TSV table..."), _("One row per series, separated by tabs.")),
        ExportFormat("json", ".json", _("JSON..."), _("Series, sizes and licenses, for programs.")),
        ExportFormat("lock", ".lock.json", _("Lock file..."), _("Downloads exactly the same files later, even if IDC has newer versions of them.")),
    )


def presets() -> tuple[tuple[str, str], ...]:
    """Names and texts of the presets; "" is everything."""
    return (
        ("", _("Everything")),
        ("originals", _("Only original images")),
        ("annotations", _("Only annotations")),
        ("no-slides", _("Without slide microscopy")),
        ("commercial", _("Only licensed for commercial use")),
    )


def preset_text(preset: str) -> str:
    """The text of a preset."""
    if preset.startswith(MODALITY):
        return _("Only {modality}").format(modality=preset[len(MODALITY) :])
    return dict(presets()).get(preset, preset)
