"""Which clinical attributes the filters offer: those of the collections at hand. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from IDCBrowserLib.api import clinical as api
from IDCBrowserLib.api.clinical import PREFIX, clinical_title, is_clinical
from IDCBrowserLib.api.values import Filters as FiltersByColumn
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count

# More are found by name.
_MOST = 60
# The entry that stands for all of them where none can be named.
ANY = PREFIX


class OfferedAttribute(NamedTuple):
    """``key`` is the filter."""

    key: str
    title: str
    tip: str


@dataclass(frozen=True)
class AttributesState:
    """``more`` than the ``attributes`` there are; of which none can be named without the ``missing_index``, or because of a ``problem``."""

    attributes: tuple[api.Attribute, ...] = ()
    more: int = 0
    missing_index: str = ""
    problem: str = ""


class ClinicalAttributes:
    """``watch`` while somebody looks, ``keep_to`` the selected collections, ``again`` when files came; ``changed(AttributesState)``."""

    def __init__(self, client: EngineClient, filters: Filters) -> None:
        self._client = client
        self._filters = filters
        self._request: Request | None = None
        self._watched = False
        # What was asked last: filters and collections.
        self._asked: object = None
        self.collections: tuple[str, ...] = ()
        self.state = AttributesState()
        self.changed: Signal[AttributesState] = Signal()
        filters.chosen_changed.connect(self._filtered)

    def watch(self, on: bool) -> None:
        """Whether anybody looks."""
        self._watched = on
        self._ask()

    def keep_to(self, collections: Sequence[str]) -> None:
        """The selected collections; none for all that the filters leave."""
        if tuple(collections) != self.collections:
            self.collections = tuple(collections)
            self._filters.look_at_collections(self.collections)
            self._ask()

    def again(self) -> None:
        """Ask again, as of another engine, or with files that came."""
        self._asked = None
        self._ask()

    def offered(self, in_sight: str) -> list[OfferedAttribute]:
        """Those of the collections at hand; what is chosen or ``in_sight`` stays, whatever is at hand."""
        known = {item["key"]: item for item in self.state.attributes}
        kept = [column for column in (*self._filters.state.chosen, in_sight) if is_clinical(column) and column != ANY and column not in known]
        listed = [OfferedAttribute(key, clinical_title(key), _tip(item)) for key, item in known.items()]
        listed += [OfferedAttribute(key, clinical_title(key), clinical_title(key)) for key in dict.fromkeys(kept)]
        if self.state.missing_index or self.state.problem:
            return [OfferedAttribute(ANY, _("Clinical data"), _("What the clinical tables say of the cases: sex, stage, diagnosis...")), *listed]
        return listed

    def _filtered(self, _filters: FiltersByColumn) -> None:
        self._ask()

    def _ask(self) -> None:
        filters = self._filters.for_engine()
        if not self._watched or self._asked == (filters, self.collections):
            return
        self._asked = filters, self.collections
        if self._request is not None:
            self._request.cancel()
        question = api.ATTRIBUTES({"filters": filters, "collections": list(self.collections), "text": "", "limit": _MOST})
        self._request = self._client.ask(question, self._answered, self._failed)

    def _answered(self, answer: api.Attributes) -> None:
        self._request = None
        self._set(AttributesState(tuple(answer["attributes"]), answer["more"], answer["missing_index"]))

    def _failed(self, error: IDCBrowserError) -> None:
        self._request, self._asked = None, None
        self._set(AttributesState(problem=str(error)))

    def _set(self, state: AttributesState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)


def _tip(item: api.Attribute) -> str:
    """Where it comes from."""
    text = _("{attribute}, of {collections} ({columns})")
    return text.format(
        attribute=clinical_title(item["key"]),
        collections=human_count(item["collections"], _("collection"), _("collections")),
        columns=", ".join(item["columns"]),
    )
