"""Series related to the current one: the images it refers to, or objects derived from it. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from IDCBrowserLib.api.catalog import READ_RELATED, RELATED, RelatedSeries
from IDCBrowserLib.api.catalog import Related as Found
from IDCBrowserLib.api.values import Buckets, Folders
from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
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
    """``rows`` as ``catalog.related`` gives them, None while they are looked for; ``missing``: side indices that would say more; ``note`` about what
    objects refer to.
    """

    series_uid: str = ""
    rows: tuple[RelatedSeries, ...] | None = ()
    missing: tuple[str, ...] = ()
    error: str = ""
    note: str = ""


@dataclass(frozen=True)
class ObjectsAsked:
    """Where objects are that say what they refer to: on this computer, and in ``buckets`` if ``may_fetch``."""

    folders: Callable[[], Folders]
    buckets: Callable[[], Buckets]
    may_fetch: Callable[[], bool]


class Related:
    """``show`` a series, or "" for none; ``look`` says whether somebody sees it: nothing is fetched before. Signals:
    ``changed(RelatedState)``, ``learned`` when objects have been read.

    What an index says comes at once. Of the rest, objects that are here are read, and those that are not only while they are looked at.
    """

    def __init__(self, client: EngineClient, cart: Cart, objects: ObjectsAsked) -> None:
        self._client = client
        self._cart = cart
        self._objects = objects
        self._request: Request | None = None
        self._in_sight = False
        # Of the series that is shown: of how many others it is not known what they refer to, and whether they were looked for in their buckets.
        self._unread = 0
        self._fetched = False
        self.state = RelatedState()
        self.changed: Signal[RelatedState] = Signal()
        self.learned: Signal[[]] = Signal()

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

    def look(self, in_sight: bool) -> None:
        """Whether the relations are looked at."""
        self._in_sight = in_sight
        if in_sight and self.state.rows is not None and self._unread and not self._fetched:
            self._read(self.state.series_uid)

    def _ask(self, uid: str) -> None:
        self._unread, self._fetched = 0, False
        self._request = self._client.ask(RELATED({"id": uid}), lambda found: self._take(uid, found), lambda error: self._fail(uid, error))

    def _take(self, uid: str, found: Found) -> None:
        self._unread = found["unread"]
        self._set(RelatedState(uid, tuple(found["series"]), tuple(found["missing_indices"])))
        if self._unread:
            self._read(uid)

    def _read(self, uid: str) -> None:
        self._cancel()
        self._fetched = self._in_sight and self._objects.may_fetch()
        if self._fetched:
            self._set(replace(self.state, note=_("Reading what the objects of this study refer to...")))
        question = READ_RELATED({"id": uid, "ask_buckets": self._fetched, **self._objects.folders(), **self._objects.buckets()})
        self._request = self._client.ask(question, lambda found: self._take_read(uid, found), lambda _error: self._take_nothing())

    def _take_read(self, uid: str, found: Found) -> None:
        self._request, self._unread = None, found["unread"]
        note = " ".join(filter(None, (_elsewhere_text(found["elsewhere"]), self._unread_text())))
        self._set(RelatedState(uid, tuple(found["series"]), tuple(found["missing_indices"]), "", note))
        self.learned.emit()

    def _take_nothing(self) -> None:
        self._request = None
        self._set(replace(self.state, note=self._unread_text()))

    def _unread_text(self) -> str:
        if not self._unread:
            return ""
        if self._fetched:
            return _("What {count} series of the study refer to was not read.").format(count=local_number(f"{self._unread:,}"))
        if not self._objects.may_fetch():
            return _("With Preview off, what other series of the study refer to is known once they are downloaded.")
        return ""

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
        text = _("Referenced object") if modality in DERIVED_MODALITIES else _("Referenced image")
    elif relation == _REFERS_TO_IT:
        text = _derived_text(str(modality or ""))
    else:
        return _("Same study") if relation == _SAME_STUDY else str(relation)
    through = ", ".join(row["through"])
    return _("{relation}, through {modalities}").format(relation=text, modalities=through) if through else text


def _derived_text(modality: str) -> str:
    known = {
        "SEG": _("Segmentation of this series"),
        "RTSTRUCT": _("Structure set of this series"),
        "SR": _("Report about this series"),
        "KO": _("Selection from this series"),
        "PR": _("Presentation of this series"),
        "RTPLAN": _("Plan on this series"),
        "RTDOSE": _("Dose on this series"),
        "REG": _("Registration of this series"),
        "ANN": _("Annotations of this series"),
    }
    return known.get(modality, _("Refers to this series"))


def _elsewhere_text(number: int) -> str:
    if not number:
        return ""
    if number == 1:
        return _("1 more series of the study refers to other series.")
    return _("{count} more series of the study refer to other series.").format(count=local_number(f"{number:,}"))


def contents_text(row: RelatedSeries) -> str:
    """Names of segments or ROIs, and how many there are."""
    names, parts = row.get("contents") or [], row.get("parts")
    shown = ", ".join(names[:_MOST_NAMES]) + (" ..." if len(names) > _MOST_NAMES else "")
    number = local_number(f"{parts:,}") if parts else ""
    return f"{shown} ({number})" if shown and number else shown or number


def maker_text(row: RelatedSeries) -> str:
    """The analysis that made a series, and its algorithm."""
    return ", ".join(str(part) for part in (row.get("analysis_result_id"), row.get("algorithm")) if part)
