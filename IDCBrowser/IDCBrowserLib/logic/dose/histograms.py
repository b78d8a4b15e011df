"""What is on the page "Dose": histograms of a structure set in a dose, those that the planning system stored, and the plan. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from IDCBrowserLib.api import dose as dose_api
from IDCBrowserLib.api import objects
from IDCBrowserLib.dose.table import curves_csv, statistics_csv, volume_at
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import LoadResult
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.whole_file import write_whole

_MOST_PLANS = 20
_USUAL_GRAY = 20.0


@dataclass(frozen=True)
class Loaded:
    """A dose or a structure set that is in the scene."""

    name: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class DoseState:
    """``dose`` and ``structures`` are places in the tuples of what there is, -1 without any. ``at_gy``: the dose of the column V."""

    doses: tuple[Loaded, ...] = ()
    structure_sets: tuple[Loaded, ...] = ()
    plans: tuple[str, ...] = ()
    dose: int = -1
    structures: int = -1
    running: bool = False
    problem: str = ""
    rois: tuple[dose_api.RoiHistogram, ...] = ()
    warnings: tuple[str, ...] = ()
    at_gy: float = _USUAL_GRAY

    def volume_at(self, roi: dose_api.RoiHistogram, stored: bool = False) -> tuple[float, float] | None:
        """(cc, percent) that receive at least ``at_gy``."""
        return volume_at(roi["stored_curve" if stored else "curve"], self.at_gy)


class DoseHistograms:
    """``take`` what was loaded, ``choose``, ``ask_volume_at``, ``save``. Signals: ``changed(DoseState)``, ``message(Message)``."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._request: Request | None = None
        self.state = DoseState()
        self.changed: Signal[DoseState] = Signal()
        self.message: Signal[Message] = Signal()

    def take(self, results: Sequence[LoadResult]) -> None:
        """The last dose is computed with the last structure set; plans are read as a line of text each."""
        reports: list[Any] = [report for result in results for report in _reports(result)]
        doses = [Loaded(str(one["name"]), tuple(one["files"])) for one in reports if one.get("kind") == "dose"]
        structures = [Loaded(str(one["name"]), (str(one["file"]),)) for one in reports if one.get("kind") == "RTSTRUCT"]
        for file in [file for result in results for file in result.texts][:_MOST_PLANS]:
            self._client.ask(objects.DESCRIBE({"file": file}), self._take_plan)
        if doses or structures:
            state = self.state
            known_doses, known_structures = _with(state.doses, doses), _with(state.structure_sets, structures)
            chosen = replace(state, doses=known_doses, structure_sets=known_structures)
            self._set(replace(chosen, dose=len(known_doses) - 1, structures=len(known_structures) - 1))
            self._compute()

    def choose(self, number: int, structures: int) -> None:
        """Another dose or structure set of those there are."""
        if (number, structures) != (self.state.dose, self.state.structures):
            self._set(replace(self.state, dose=number, structures=structures))
            self._compute()

    def ask_volume_at(self, gray: float) -> None:
        """The dose of the column V."""
        self._set(replace(self.state, at_gy=gray))

    def save(self, path: str, curves: bool) -> None:
        """The table, or the points of all curves, as CSV."""
        rois = [{**roi, "volume_at": [self._at(roi)]} for roi in self.state.rois]
        try:
            write_whole(Path(path), curves_csv(rois) if curves else statistics_csv(rois))
        except IDCBrowserError as error:
            self.message.emit(Message(Kind.ERROR, str(error)))
        else:
            self.message.emit(Message(Kind.SUCCESS, _("Saved to {path}.").format(path=path)))

    def _at(self, roi: dose_api.RoiHistogram) -> dict[str, float | None]:
        cc, percent = self.state.volume_at(roi) or (None, None)
        return {"gy": self.state.at_gy, "cc": cc, "percent": percent}

    def _compute(self) -> None:
        self._stop()
        state = self.state
        if state.dose < 0 or state.structures < 0:
            self._set(replace(state, running=False, problem="", rois=(), warnings=()))
            return
        self._set(replace(state, running=True, problem="", rois=(), warnings=()))
        files, structures = state.doses[state.dose].files, state.structure_sets[state.structures].files[0]
        question = dose_api.HISTOGRAMS({"dose": list(files), "structures": structures})
        self._request = self._client.ask(question, self._computed, self._failed)

    def _computed(self, answer: dose_api.Histograms) -> None:
        self._request = None
        self._set(replace(self.state, running=False, rois=tuple(answer["rois"]), warnings=tuple(answer["warnings"])))

    def _failed(self, error: IDCBrowserError) -> None:
        self._request = None
        self._set(replace(self.state, running=False, problem=str(error)))

    def _take_plan(self, described: objects.Description) -> None:
        if described["family"] == "plan":
            isocenter = next((value for label, value in described["items"] if label.startswith("Isocenter")), "")
            where = _("; isocenter {place} (mm, LPS)").format(place=isocenter) if isocenter else ""
            plan = f"{described['title']}: {described['text'].removeprefix(described['kind']).lstrip(': ')}{where}"
            if plan not in self.state.plans:
                self._set(replace(self.state, plans=(*self.state.plans, plan)))

    def _stop(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: DoseState) -> None:
        self.state = state
        self.changed.emit(state)


def _reports(result: LoadResult) -> list[Any]:
    """Those of single objects: a series may hold several."""
    report: Any = result.report or {}
    found = [*report.get("instances", [report]), *report.get("volumes", ())]
    return found + _reports(replace(result, report=report["drawn"])) if report.get("drawn") else found


def _with(known: tuple[Loaded, ...], new: Sequence[Loaded]) -> tuple[Loaded, ...]:
    return tuple(dict.fromkeys([*(one for one in known if one not in new), *new]))
