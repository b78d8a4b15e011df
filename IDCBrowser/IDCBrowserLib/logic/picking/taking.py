"""What is taken of something chosen, and what is done with it: downloaded, or written to a file. Knows no widgets."""

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
class Choice:
    """``preset`` as ``selection.plan`` takes it, "" for everything; ``with_references``: also the images that segmentations refer to;
    ``with_derived``: also what was made from the images.
    """

    preset: str = ""
    with_references: bool = True
    with_derived: bool = False

    def parameters(self, references: bool) -> dict[str, Any]:
        """Of ``selection.summary`` and ``selection.plan``. Without ``references`` the images are left to the download, which reads them from the
        files themselves.
        """
        given = {"preset": self.preset, "with_references": self.with_references and references, "with_derived": self.with_derived}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Form:
    """A kind of file that a selection is written as; ``key`` as ``selection.export`` takes it, ``ending`` of the file's name."""

    key: str
    ending: str
    text: str
    tip: str


class Planned(Protocol):
    """What fetches a plan."""

    def start_planned(self, plan: Mapping[str, Any], load: bool, with_references: bool) -> None:
        """See ``job.Job``."""


class Taking:
    """``download`` and ``save`` plan first; one at a time. ``changed()`` when that begins or ends, ``told(Message)`` with the outcome.

    ``what`` are parameters of ``selection.plan``: selections, the cart, or the handle of a plan.
    """

    def __init__(self, client: EngineClient, job: Planned) -> None:
        self._client = client
        self._job = job
        self._request: Request | None = None
        self.changed = Signal()
        self.told = Signal()

    @property
    def busy(self) -> bool:
        """Whether something is being looked up or written."""
        return self._request is not None

    def download(self, what: Mapping[str, Any], choice: Choice, load: bool) -> None:
        """Plan it and hand it to the job."""
        self._plan({**what, **choice.parameters(False)}, lambda plan: self._fetch(plan, load, choice.with_references))

    def save(self, what: Mapping[str, Any], choice: Choice, form: Form, path: str) -> None:
        """Plan it, with the images that an index names, and write it to a file."""
        file = path if path.lower().endswith(form.ending) else path + form.ending
        self._plan({**what, **choice.parameters(True)}, lambda plan: self._write(plan, form, file))

    def save_unresolved(self, plan: int, path: str) -> None:
        """Write the lines of an opened manifest that name nothing."""
        file = path if os.path.splitext(path)[1].lower() in (".csv", ".tsv", ".json") else path + ".csv"
        self._ask("selection.export_unresolved", {"plan": plan, "file": file}, self._lines_written)

    def cancel(self) -> None:
        """Stop what goes on."""
        if self._request is not None:
            self._request.cancel()
            self._request = None
            self.changed.emit()

    def _plan(self, parameters: dict[str, Any], on_plan: Callable[[Mapping[str, Any]], None]) -> None:
        self._ask("selection.plan", parameters, on_plan)

    def _fetch(self, plan: Mapping[str, Any], load: bool, with_references: bool) -> None:
        self._end(None)
        self._job.start_planned(plan, load, with_references)

    def _write(self, plan: Mapping[str, Any], form: Form, file: str) -> None:
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
            self.told.emit(message)


def forms() -> tuple[Form, ...]:
    """In the order in which people need them."""
    return (
        Form("aws", ".s5cmd", _("s5cmd manifest (AWS)..."), _("For s5cmd, idc-index and IDC Browser; names the Amazon (AWS) buckets.")),
        Form("gcs", ".s5cmd", _("s5cmd manifest (GCS)..."), _("For s5cmd, idc-index and IDC Browser; names the Google (GCS) buckets.")),
        Form("csv", ".csv", _("CSV table..."), _("One row per series, with the column names of idc-index.")),
        Form("tsv", ".tsv", _("TSV table..."), _("One row per series, separated by tabs.")),
        Form("json", ".json", _("JSON..."), _("Series, sizes and licenses, for programs.")),
        Form("lock", ".lock.json", _("Lock file..."), _("Downloads exactly the same files later, even if IDC has newer versions of them.")),
    )


def presets() -> tuple[tuple[str, str], ...]:
    """Names of presets with their texts; "" is everything."""
    return (
        ("", _("Everything")),
        ("originals", _("Only original images")),
        ("annotations", _("Only annotations")),
        ("no-slides", _("Without slide microscopy")),
        ("commercial", _("Only licensed for commercial use")),
    )


def preset_text(preset: str) -> str:
    """What a preset keeps, in words."""
    if preset.startswith(MODALITY):
        return _("Only {modality}").format(modality=preset[len(MODALITY) :])
    return dict(presets()).get(preset, preset)
