"""Series related to the current one: the images it refers to, or objects derived from it. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from IDCBrowserLib.api.catalog import RELATED, RelatedSeries
from IDCBrowserLib.api.catalog import Related as Found
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Hit
from IDCBrowserLib.logic.picking.cart import Cart
from IDCBrowserLib.signal import Signal

_REFERS_TO_IT = "refers to it"
_IT_REFERS_TO = "it refers to this"
_SAME_STUDY = "same study"
_MOST_NAMES = 6


@dataclass(frozen=True)
class RelatedState:
    """``rows`` as ``catalog.related`` gives them, None while they are looked for; ``missing``: side indices that would say more."""

    series_uid: str = ""
    rows: tuple[RelatedSeries, ...] | None = ()
    missing: tuple[str, ...] = ()
    error: str = ""


class Related:
    """``show`` a series, or "" for none. Signal: ``changed(RelatedState)``."""

    def __init__(self, client: EngineClient, cart: Cart) -> None:
        self._client = client
        self._cart = cart
        self._request: Request | None = None
        self.state = RelatedState()
        self.changed: Signal[RelatedState] = Signal()

    def show(self, series_uid: str) -> None:
        """Look for what belongs to it, unless that is in sight."""
        if series_uid == self.state.series_uid:
            return
        self._cancel()
        if not series_uid:
            self._set(RelatedState())
            return
        self._set(RelatedState(series_uid, None))
        self._ask(series_uid)

    def again(self) -> None:
        """An index arrived that may say more; what is known stays in sight meanwhile."""
        if self.state.series_uid:
            self._cancel()
            self._ask(self.state.series_uid)

    def add_to_cart(self, rows: Sequence[RelatedSeries]) -> None:
        """Put these series aside."""
        uids = [str(row["SeriesInstanceUID"]) for row in rows]
        self._cart.add({"level": "series", "ids": uids}, "series")

    def _ask(self, uid: str) -> None:
        self._request = self._client.ask(RELATED({"id": uid}), lambda found: self._take(uid, found), lambda error: self._fail(uid, error))

    def _take(self, uid: str, found: Found) -> None:
        self._set(RelatedState(uid, tuple(found["series"]), tuple(found["missing_indices"])))

    def _fail(self, uid: str, error: IDCBrowserError) -> None:
        self._set(RelatedState(uid, (), (), str(error)))

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: RelatedState) -> None:
        self.state = state
        self.changed.emit(state)


def hit_of(row: RelatedSeries) -> Hit:
    """A related series, for ``Browser.pick``."""
    return Hit("series", (str(row["SeriesInstanceUID"]),), str(row["SeriesDescription"] or row["Modality"] or ""), "")


def relation_text(row: RelatedSeries) -> str:
    """What a related series is to the one that is looked at."""
    relation, modality = row["relation"], row["Modality"]
    if relation == _IT_REFERS_TO:
        return _("Referenced image")
    if relation == _REFERS_TO_IT:
        return {"SEG": _("Segmentation of this series"), "RTSTRUCT": _("Structure set of this series")}.get(
            modality or "", _("Refers to this series")
        )
    return _("Same study") if relation == _SAME_STUDY else str(relation)


def contents_text(row: RelatedSeries) -> str:
    """Names of segments or ROIs, and how many there are."""
    names, parts = row.get("contents") or [], row.get("parts")
    shown = ", ".join(names[:_MOST_NAMES]) + (" ..." if len(names) > _MOST_NAMES else "")
    number = local_number(f"{parts:,}") if parts else ""
    return f"{shown} ({number})" if shown and number else shown or number


def maker_text(row: RelatedSeries) -> str:
    """The analysis that made a series, and its algorithm."""
    return ", ".join(str(part) for part in (row.get("analysis_result_id"), row.get("algorithm")) if part)
