"""The series that sources name as a working set of the catalog. A manifest of a million lines is read line by line, never held as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.command_line import ordinary
from IDCBrowserLib.selection.drs import Drs
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.plan import Plan, PlannedSeries, Unresolved
from IDCBrowserLib.selection.resolve import resolve, resolve_lines
from IDCBrowserLib.selection.text_file import MAX_BYTES
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.catalog.conditions import Selection

# Shorter files are read as a download reads them.
_LONG_BYTES = 4_000_000
# Lines looked up at once.
_PART = 200_000
# Of the lines that are no plain copy commands; a longer file of them is no manifest.
_MOST_OTHERS = 20_000
# They are listed for a person.
_MOST_UNRESOLVED = 100_000
_REMOVED = "it was removed from IDC; it can be downloaded, and has no row in the tables"


@dataclass
class FilledSet:
    """``number`` of the set, how many ``series`` are in it, ``revised`` (named in an earlier version) and what names nothing in it."""

    number: int
    series: int = 0
    revised: int = 0
    unresolved: list[Unresolved] = field(default_factory=list)
    unresolved_count: int = 0

    def miss(self, lines: Iterable[Unresolved]) -> None:
        """These name nothing."""
        for line in lines:
            self.unresolved_count += 1
            if len(self.unresolved) < _MOST_UNRESOLVED:
                self.unresolved.append(line)


def fill(catalog: Catalog, sources: Sequence[str], task: Task, drs: Drs | None = None) -> FilledSet:
    """The set of what files and identifiers name; ``drs`` as for ``resolve``, raises as that."""
    made = FilledSet(catalog.sets.new())
    try:
        long = [source for source in sources if _is_long(source)]
        for source in long:
            _add_long(catalog, source, made, task)
        rest = [source for source in sources if source not in long]
        if rest:
            _add_plan(catalog, resolve(catalog, rest, task=task, drs=drs), made)
        made.series = catalog.sets.finish(made.number)
    except BaseException:
        catalog.sets.close(made.number)
        raise
    return made


def _add_plan(catalog: Catalog, plan: Plan, made: FilledSet) -> None:
    made.miss(plan.unresolved)
    series = iter(plan.series)
    while part := list(islice(series, _PART)):
        missing = set(catalog.sets.add_uids(made.number, [item.series_uid for item in part]))
        made.revised += sum(1 for item in part if item.is_prior and item.series_uid not in missing)
        made.miss(Unresolved(item.crdc_series_uuid, None, item.crdc_series_uuid, _REMOVED) for item in part if item.series_uid in missing)


def _is_long(source: str) -> bool:
    """Whether a source is a file that is read line by line: long, and made of plain copy commands."""
    path = Path(source)
    try:
        if not path.is_file() or not _LONG_BYTES < path.stat().st_size <= MAX_BYTES:
            return False
        with path.open("rb") as file:
            start = file.read(1 << 16).decode("ascii", "replace")
    except (OSError, ValueError):
        return False
    lines = start.splitlines()[:-1]
    commands = [line for line in lines if line and not line.startswith("#")]
    return bool(commands) and sum(1 for line in commands if ordinary(line)) * 2 > len(commands)


def _add_long(catalog: Catalog, source: str, made: FilledSet, task: Task) -> None:
    """A long manifest; what is no plain copy command goes the usual way, in a list of its own."""
    others: list[tuple[int, str]] = []
    uuids: dict[str, int] = {}
    lookup = Lookup(catalog)
    for number, line in enumerate(_lines(source), 1):
        found = ordinary(line)
        if found is not None:
            uuids.setdefault(found[2], number)
        elif line.strip() and not line.lstrip().startswith(("#", "//")):
            others.append((number, line.strip()))
            if len(others) > _MOST_OTHERS:
                raise InputError(f"{source} has more than {_MOST_OTHERS:,} lines that are not copy commands; save the identifiers as a list.")
        if len(uuids) >= _PART:
            _add_uuids(catalog, lookup, source, uuids, made)
            uuids = {}
            task.report(Progress("Looking up", done=number, unit="lines"))
            task.raise_if_cancelled()
    _add_uuids(catalog, lookup, source, uuids, made)
    if others:
        _add_plan(catalog, resolve_lines(catalog, others, source, task), made)


def _lines(source: str) -> Iterator[str]:
    try:
        with Path(source).open(encoding="utf-8-sig", errors="replace") as file:
            for line in file:
                yield line.rstrip("\r\n")
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error.strerror or error}); check its permissions.") from error


def _add_uuids(catalog: Catalog, lookup: Lookup, source: str, uuids: dict[str, int], made: FilledSet) -> None:
    """Of earlier versions the current one."""
    missing = catalog.sets.add_uuids(made.number, list(uuids))
    if not missing:
        return
    prior: dict[str, PlannedSeries] = lookup.prior(missing)
    gone = set(catalog.sets.add_uids(made.number, [item.series_uid for item in prior.values()]))
    for uuid in sorted(missing, key=uuids.__getitem__):
        item = prior.get(uuid)
        if item is not None and item.series_uid not in gone:
            made.revised += 1
        else:
            reason = _REMOVED if item is not None else "no series of IDC has this crdc_series_uuid"
            made.miss([Unresolved(source, uuids[uuid], uuid, reason)])


def fill_with_rows(catalog: Catalog, selections: Sequence[Selection]) -> FilledSet:
    """The set of the series below rows by their ids; a series may also be named by its crdc_series_uuid."""
    made = FilledSet(catalog.sets.new())
    try:
        named = [row for row in selections if row["level"] == "series" and not row.get("filters")]
        catalog.sets.add_selections(made.number, [row for row in selections if row not in named])
        for row in named:
            missing = catalog.sets.add_uuids(made.number, catalog.sets.add_uids(made.number, list(row["ids"])))
            made.miss(Unresolved("", None, uid, "this IDC release has no such series") for uid in missing)
        made.series = catalog.sets.finish(made.number)
    except BaseException:
        catalog.sets.close(made.number)
        raise
    return made
