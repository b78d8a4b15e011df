"""The content options of a plan: which part of a selection is taken, which related series are added, and which levels of slides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import selection as api
from IDCBrowserLib.catalog.selection_scope import Images, SelectionScope
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.presets import SeriesSubset, apply_presets, subset_of
from IDCBrowserLib.selection.references import added_warnings, with_related
from IDCBrowserLib.selection.slide_levels import WHOLE, LevelChoice, only_levels
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


@dataclass(frozen=True)
class PlanContent:
    """First ``presets`` keep a part; then ``references`` adds the images of derived series, ``derived`` adds series derived from images.

    Of slides only the ``levels`` are taken, or with ``or_whole`` all of those whose levels are not known. ``read`` as in ``SelectionScope``.
    """

    presets: tuple[str, ...] = ()
    references: bool = False
    derived: bool = False
    levels: LevelChoice = WHOLE
    or_whole: bool = False
    read: Callable[[Sequence[str]], Images] | None = field(default=None, compare=False)

    @staticmethod
    def of(content: api.Content) -> PlanContent:
        """As a request says it."""
        given = content.get("preset") or ()
        if not isinstance(given, (str, list, tuple)):
            raise InputError("A preset is given by its name.")
        names = (given,) if isinstance(given, str) else tuple(str(name) for name in given)
        levels = LevelChoice.of(content.get("slide_levels") or ())
        return PlanContent(names, bool(content.get("with_references")), bool(content.get("with_derived")), levels, True)

    def scope(self, catalog: Catalog) -> SelectionScope:
        """The same, for the catalog; raises ``InputError`` for an unknown preset."""
        part = subset_of(self.presets)
        licenses = [value for value, _ in catalog.facets()["license_short_name"]] if part.commercial else []
        return SelectionScope(part.filters(licenses), self.references, self.derived, self.read)

    def reading(self, read: Callable[[Sequence[str]], Images] | None) -> PlanContent:
        """The same; ``read`` is asked for the images of series of which no index states them."""
        return replace(self, read=read)

    @property
    def is_everything(self) -> bool:
        """Whether the plan contains the selection unchanged."""
        return subset_of(self.presets) == SeriesSubset() and not self.references and not self.derived


def plan_selections(catalog: Catalog, selections: Sequence[Mapping[str, Any]], content: PlanContent, task: Task) -> Plan:
    """The plan of selections without sources; stores a million series compactly."""
    task.report(Progress("Looking up the series to download"))
    scope = content.scope(catalog)
    series, guesses = Lookup(catalog).scoped_series(selections, scope)
    task.raise_if_cancelled()
    return only_levels(catalog, Plan(series, (), added_warnings(guesses)), content.levels, content.or_whole)


def apply_content(catalog: Catalog, plan: Plan, content: PlanContent, task: Task) -> Plan:
    """Apply the content options to a plan that was made from sources."""
    plan = apply_presets(plan, content.presets)
    plan = with_related(catalog, plan, task, SelectionScope({}, content.references, content.derived, content.read))
    return only_levels(catalog, plan, content.levels, content.or_whole)
