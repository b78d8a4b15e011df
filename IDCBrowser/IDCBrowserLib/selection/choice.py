"""What of a selection is taken: a part of it, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.taking import Taking
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.presets import SeriesSubset, apply_presets, subset_of
from IDCBrowserLib.selection.references import added_warnings, with_related
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


@dataclass(frozen=True)
class Choice:
    """First ``presets`` keep a part; then ``references`` adds the images of derived series, ``derived`` what was made from images."""

    presets: tuple[str, ...] = ()
    references: bool = False
    derived: bool = False

    @staticmethod
    def of(parameters: Mapping[str, Any]) -> Choice:
        """From the parameters ``preset`` (a name or several), ``with_references`` and ``with_derived`` of a request."""
        given = parameters.get("preset") or ()
        if not isinstance(given, (str, list, tuple)):
            raise InputError("A preset is given by its name.")
        names = (given,) if isinstance(given, str) else tuple(str(name) for name in given)
        return Choice(names, bool(parameters.get("with_references")), bool(parameters.get("with_derived")))

    def taking(self, catalog: Catalog) -> Taking:
        """The same as the catalog takes it; raises ``InputError`` for an unknown preset."""
        part = subset_of(self.presets)
        licenses = [value for value, _ in catalog.facets()["license_short_name"]] if part.commercial else []
        return Taking(part.filters(licenses), self.references, self.derived)

    @property
    def is_everything(self) -> bool:
        """Whether a selection is taken as it is."""
        return subset_of(self.presets) == SeriesSubset() and not self.references and not self.derived


def plan_selections(catalog: Catalog, selections: Sequence[Mapping[str, Any]], choice: Choice, task: Task) -> Plan:
    """The plan of selections alone; a million series in little room."""
    task.report(Progress("Looking up the series to download"))
    taking = choice.taking(catalog)
    series, guesses = Lookup(catalog).taken(selections, taking)
    task.raise_if_cancelled()
    return Plan(series, (), added_warnings(guesses))


def apply_choice(catalog: Catalog, plan: Plan, choice: Choice, task: Task) -> Plan:
    """The choice of a plan that was made of sources."""
    plan = apply_presets(plan, choice.presets)
    return with_related(catalog, plan, task, Taking({}, choice.references, choice.derived))
