"""What can be done with a selection, the cart or a plan: download it, or save it as a manifest, table or lock file. No Qt."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from IDCBrowserLib.api import selection as api
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.values import ExportedLines, Folders
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count

R = TypeVar("R")

# What of a text to cite.
CitedPart = Literal["methods", "references", "bibtex"]

MODALITY = "modality:"


@dataclass(frozen=True)
class ContentOptions:
    """Which content to download or save. ``preset`` as in ``selection.plan``, "" for everything; ``with_references``: include referenced images;
    ``with_derived``: include derived objects; of slides only ``slide_levels``, unless it is empty.
    """

    preset: str = ""
    with_references: bool = True
    with_derived: bool = False
    slide_levels: tuple[str, ...] = ()

    def parameters(self, here: Folders | None) -> api.Content:
        """As ``selection.plan`` takes it; defaults are left out. ``here`` are the folders of objects that say which images they refer to; without
        them, referenced images are left to the download, which finds them in the downloaded files themselves.
        """
        content: api.Content = {}
        if self.preset:
            content["preset"] = self.preset
        if self.with_references and here is not None:
            content["with_references"] = True
            content["folders"] = here
        if self.with_derived:
            content["with_derived"] = True
        if self.slide_levels:
            content["slide_levels"] = list(self.slide_levels)
        return content


# The form that is a folder.
FOLDER = "folder"


@dataclass(frozen=True)
class ExportFormat:
    """A file format for saving a selection; ``key`` as in ``selection.export``, ``ending`` of the file name."""

    key: str
    ending: str
    text: str
    tip: str


class PlanDownloader(Protocol):
    """Starts the download of a plan."""

    def start_planned(self, plan: api.Plan, load: bool, with_references: bool) -> None:
        """See ``Downloads``."""


class SelectionActions:
    """``download`` and ``save`` first ask the engine for a plan; one action at a time.

    ``what`` are parameters of ``selection.plan``: selections, the cart, or the handle of a plan. Signals: ``changed()`` when an action starts or
    ends, ``message(Message)`` with the result.
    """

    def __init__(self, client: EngineClient, downloads: PlanDownloader, here: Callable[[], Folders]) -> None:
        self._client = client
        self._downloads = downloads
        self._here = here
        self._request: Request | None = None
        self.changed: Signal[[]] = Signal()
        self.message: Signal[Message] = Signal()

    @property
    def busy(self) -> bool:
        """Whether an action is running."""
        return self._request is not None

    def download(self, what: api.PlanParameters, content: ContentOptions, load: bool) -> None:
        """Plan it, then queue the download."""
        question = api.PLAN({**what, "content": content.parameters(None)})
        self._ask(question, lambda plan: self._download(plan, load, content.with_references))

    def save(self, what: api.PlanParameters, content: ContentOptions, form: ExportFormat, path: str) -> None:
        """Plan it, with the referenced images as far as they are known, and save it."""
        file = path if path.lower().endswith(form.ending) else path + form.ending
        self._ask(api.PLAN({**what, "content": content.parameters(self._here())}), lambda plan: self._write(plan, form, file))

    def cite(self, what: api.PlanParameters, content: ContentOptions, part: CitedPart, on_text: Callable[[str], None]) -> None:
        """Plan it, and give the paragraph for the methods, or the references as text or BibTeX, to ``on_text``."""
        self._ask(api.PLAN({**what, "content": content.parameters(self._here())}), lambda plan: self._cite(plan, part, on_text))

    def _cite(self, plan: api.Plan, part: CitedPart, on_text: Callable[[str], None]) -> None:
        def take(cited: api.Cited) -> None:
            on_text(cited[part])
            copied = {
                "methods": _("Methods text copied to the clipboard."),
                "references": _("Citations copied to the clipboard."),
                "bibtex": _("BibTeX copied to the clipboard."),
            }
            self._end(Message(Kind.INFO, copied[part]))

        self._ask(api.CITE({"plan": plan["plan"]}), take)
        # Requests about plans are answered in turn, so it is read before it is closed.
        self._client.ask(api.CLOSE_PLAN({"plan": plan["plan"]}))

    def save_unresolved(self, plan: int, path: str) -> None:
        """Save the skipped lines of an opened manifest."""
        file = path if os.path.splitext(path)[1].lower() in (".csv", ".tsv", ".json") else path + ".csv"
        self._ask(api.EXPORT_UNRESOLVED({"plan": plan, "file": file}), self._lines_written)

    def cancel(self) -> None:
        """Cancel the running action."""
        if self._request is not None:
            self._request.cancel()
            self._request = None
            self.changed.emit()

    def _download(self, plan: api.Plan, load: bool, with_references: bool) -> None:
        self._end(None)
        self._downloads.start_planned(plan, load, with_references)

    def _write(self, plan: api.Plan, form: ExportFormat, file: str) -> None:
        if plan["series_count"]:
            question = api.EXPORT({"plan": plan["plan"], "file": file, "form": form.key})
            self._ask(question, lambda written: self._written(written, plan["warnings"]))
        else:
            self._end(Message(Kind.WARNING, _("The selection contains nothing of this kind, so nothing was saved.")))
        # Requests about plans are answered in turn, so it is written before it is closed.
        self._client.ask(api.CLOSE_PLAN({"plan": plan["plan"]}))

    def _written(self, written: api.ExportedSeries, warnings: Sequence[str]) -> None:
        series = human_count(written["series_count"], _("series"), _("series"))
        text = _("Saved {series} to {path}.").format(series=series, path=written["file"])
        self._end(Message(Kind.WARNING if warnings else Kind.SUCCESS, " ".join([text, *warnings])))

    def _lines_written(self, written: ExportedLines) -> None:
        lines = human_count(written["lines"], _("line"), _("lines"))
        self._end(Message(Kind.SUCCESS, _("Saved {lines} to {path}.").format(lines=lines, path=written["file"])))

    def _ask(self, question: Question[R], on_result: Callable[[R], None]) -> None:
        self.cancel()
        self._request = self._client.ask(question, on_result, self._failed)
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
        ExportFormat(
            FOLDER,
            "",
            _("Folder to share..."),
            _("Names this cohort for others: manifests, table, lock file, methods text, citations."),
        ),
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
