"""Sources of any kind -> ``Plan``: manifest files, identifiers of every level, pasted addresses, selections of views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.search.pasted import doi_of
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.selection import command_line, first_look, manifest, portal_url, portal_values
from IDCBrowserLib.selection.buckets import KNOWN_BUCKETS
from IDCBrowserLib.selection.command_line import Refused, Unusable
from IDCBrowserLib.selection.drs import Drs
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.parsed_source import IDENTIFIER, SERIES_UID, SERIES_UUID, STUDY_UID, UID, Parsed, RequestedItem
from IDCBrowserLib.selection.plan import Plan, PlannedSeries, Unresolved
from IDCBrowserLib.selection.search_text import filters_of_search, is_search_text
from IDCBrowserLib.selection.series_table import SeriesTable, find_many
from IDCBrowserLib.selection.text_file import read_start, read_text
from IDCBrowserLib.selection.unknown_ids import parts_of, why_unknown
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# What a value of a kind may turn out to be; identifiers may be anything.
_LEVELS = {SERIES_UID: ("series", "prior_series"), STUDY_UID: ("studies", "prior_series"), UID: ("series", "studies", "prior_series", "cases")}
# More plain copy commands than this are looked up in one pass over the catalog.
_MANY = 20_000
# Looking for what is spelled alike takes a moment.
_MOST_SUGGESTIONS = 20
_MANIFEST_SUFFIXES = frozenset({".s5cmd", ".csv", ".tsv", ".json", ".tcia", ".txt"})


def resolve(
    catalog: Catalog, sources: Sequence[str], selections: Sequence[Mapping[str, Any]] = (), task: Task | None = None, drs: Drs | None = None
) -> Plan:
    """The plan of files, identifiers and selections. Each version of a series once; what names nothing is in ``unresolved``.

    Identifiers of the CRDC that no index has are asked at ``drs``; without it nothing but the catalog is asked.
    Raises ``NotFoundError`` for a manifest file that is not there and ``InputError`` for one that is no text, or long and no manifest.
    """
    task = task or Task()
    lookup = Lookup(catalog)
    parsed = Parsed()
    files: list[Parsed] = []
    filters: list[Sequence[PlannedSeries]] = []
    said: list[str] = []
    for source in sources:
        task.report(Progress("Reading", message=source))
        task.raise_if_cancelled()
        if portal_url.is_portal_url(source):
            filters.append(_portal(catalog, lookup, source.strip(), parsed))
        elif (search := _search_of(source)) is not None:
            filters.append(_searched(lookup, search, source, parsed, said))
        else:
            files += _parse_source(source, lookup, parsed)
    lines = sum(len(file.ordinary) for file in files)
    task.report(Progress("Looking up", total=lines + len(parsed.wanted), unit="lines"))
    resolver = _Resolver(lookup, task, drs)
    resolver.add(lookup.selected(selections))
    for series in filters:
        resolver.add(series)
    table = _find_many(catalog, files, parsed) if lines > _MANY else None
    if table is None:
        parsed.wanted[:0] = [wanted for file in files for wanted in file.ordinary_as_wanted()]
    resolver.look_up(parsed.wanted)
    unresolved = sorted(parsed.unresolved + resolver.unresolved, key=lambda item: (item.source, item.line or 0))
    warnings = [*said, *resolver.warnings, *(sentence for file in files for sentence in file.warnings())]
    more = list(resolver.found.values())
    if resolver.table is not None:
        more, table = [*(table or ()), *more], resolver.table
    return Plan(_joined(table, more), tuple(unresolved), tuple(warnings))


def resolve_lines(catalog: Catalog, lines: Iterable[tuple[int, str]], source: str, task: Task) -> Plan:
    """The plan of numbered lines of a manifest that are no plain copy commands."""
    parsed = Parsed(source)
    for number, line in lines:
        manifest.parse_line(line, source, number, parsed)
    resolver = _Resolver(Lookup(catalog), task)
    resolver.look_up(parsed.wanted)
    return Plan(tuple(resolver.found.values()), (*parsed.unresolved, *resolver.unresolved), tuple(resolver.warnings))


def _find_many(catalog: Catalog, files: list[Parsed], parsed: Parsed) -> SeriesTable | None:
    """A very long manifest in one pass over the catalog; what is no current series of IDC's buckets goes the usual way."""
    odd = {uuid for file in files for _, bucket, uuid in file.ordinary if bucket not in KNOWN_BUCKETS}
    table, missing = find_many(catalog, [uuid for file in files for _, _, uuid in file.ordinary if uuid not in odd])
    rest = missing | odd
    if rest:
        parsed.wanted[:0] = [wanted for file in files for wanted in file.ordinary_as_wanted(rest)]
    return table


def _joined(table: SeriesTable | None, found: list[PlannedSeries]) -> Sequence[PlannedSeries]:
    if table is None:
        return tuple(found)
    return table.with_more(found)


def _portal(catalog: Catalog, lookup: Lookup, url: str, parsed: Parsed) -> Sequence[PlannedSeries]:
    try:
        asked = portal_url.parse(url)
    except portal_url.UnknownFilterError as error:
        parsed.unresolved.append(Unresolved(url, None, url[:200], str(error)))
        return []
    if asked.ids:
        for value in asked.ids:
            argument = _parse_argument(value)
            parsed.wanted += argument.wanted
            parsed.unresolved += argument.unresolved
        return []
    if asked.collection:
        # Pages of collections have hyphens or underscores in their addresses.
        found = lookup.identify([asked.collection, asked.collection.replace("-", "_")])
        name = next((value for value, hits in found.items() if any(level == "collections" for level, _id in hits)), asked.collection)
        parsed.wanted.append(manifest.identifier(name, url, None, url))
        return []
    series = lookup.filtered(portal_values.spell_out(asked.filters, portal_values.CatalogValues(catalog)))
    if not series:
        parsed.unresolved.append(Unresolved(url, None, url[:200], "no series of IDC matches these filters"))
    return series


def _search_of(source: str) -> str | None:
    """The text of a search, or of a file that holds one."""
    if is_search_text(source):
        return source
    path = Path(source)
    if not _is_file(path):
        return None
    text, is_all = read_start(path)
    if not is_search_text(text):
        return None
    return text if is_all else read_text(path)


def _searched(lookup: Lookup, text: str, source: str, parsed: Parsed, said: list[str]) -> Sequence[PlannedSeries]:
    name = source[:200]
    try:
        filters, words = filters_of_search(text)
    except InputError as error:
        parsed.unresolved.append(Unresolved(name, None, name, str(error), refused=True))
        return []
    series = lookup.filtered(filters)
    if words:
        said.append(f"The filters of the search were taken; the text in its search box, {words[:100]!r}, selects nothing.")
    if not series:
        parsed.unresolved.append(Unresolved(name, None, name, "no series of IDC matches this search"))
    return series


def _parse_source(source: str, lookup: Lookup, parsed: Parsed) -> list[Parsed]:
    """Add what a source names to ``parsed``; its plain copy commands come back by themselves."""
    path = Path(source)
    if _is_file(path):
        found = manifest.parse(_read(path, source, lookup), source)
        if not found.names_something():
            parsed.unresolved.append(Unresolved(source, None, "", "the file names no series: it is empty or contains only comments"))
    elif path.suffix.lower() in _MANIFEST_SUFFIXES:
        raise NotFoundError(f"There is no file {source}; check its name and folder.")
    else:
        found = _parse_argument(source)
    parsed.wanted += found.wanted
    parsed.unresolved += found.unresolved
    return [found]


def _read(path: Path, source: str, lookup: Lookup) -> str:
    """All of a file, but no more than the start of one that is not a manifest."""
    text, is_all = read_start(path)
    if is_all:
        return text
    first_look.check(text, source, lookup)
    return read_text(path)


def _parse_argument(source: str) -> Parsed:
    parsed = Parsed(source)
    text = source.strip()
    try:
        if text and command_line.is_command(text):
            parsed.add_command(command_line.parse_command(text, source, None))
        else:
            parsed.wanted.append(manifest.identifier(text, source, None, source))
    except Refused as refusal:
        parsed.unresolved.append(Unresolved(source, None, source[:200], str(refusal), refused=True))
    except Unusable as reason:
        parsed.unresolved.append(Unresolved(source, None, source[:200], str(reason)))
    return parsed


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # Too long or impossible as a file name: an identifier, then.
        return False


class _Resolver:
    """Looks wanted things up in bulk and keeps the order in which they were asked for."""

    def __init__(self, lookup: Lookup, task: Task, drs: Drs | None = None) -> None:
        self._lookup = lookup
        self._task = task
        self._drs = drs
        self.found: dict[tuple[str, tuple[str, ...]], PlannedSeries] = {}
        # A collection of very many, if that comes first.
        self.table: SeriesTable | None = None
        self.unresolved: list[Unresolved] = []
        self.warnings: list[str] = []
        # Rows whose series are planned: each row of a table may name the same case.
        self._whole: set[tuple[str, str]] = set()

    def add(self, series: Iterable[PlannedSeries]) -> None:
        """Plan these; one that is there already stays once."""
        if isinstance(series, SeriesTable) and not self.found and self.table is None:
            self.table = series
            return
        for item in series:
            self.found.setdefault((item.crdc_series_uuid, item.instances), item)

    def look_up(self, wanted: Sequence[RequestedItem]) -> None:
        """Plan what is known, list the rest with a reason."""
        wanted, identified = self._taken_apart(wanted, self._identify(wanted))
        self._task.raise_if_cancelled()
        series_uids = [row_id for hits in identified.values() for level, row_id in hits if level == "series"]
        prior_uuids = [row_id for hits in identified.values() for level, row_id in hits if level == "prior_series"]
        self._series = self._lookup.series(list(dict.fromkeys(series_uids)))
        self._prior = self._lookup.prior(list(dict.fromkeys(prior_uuids)))
        self._task.raise_if_cancelled()
        self._revisions = self._lookup.revisions(list(dict.fromkeys(item.value for item in wanted if item.version is not None)))
        instances: dict[str, list[RequestedItem]] = {}
        strange: list[RequestedItem] = []
        for item in wanted:
            hits = identified.get(item.value, [])
            if not hits and item.kind == SERIES_UUID and not item.bucket and self._drs is not None:
                strange.append(item)
            elif not hits:
                self._unknown(item)
            elif item.kind == SERIES_UUID:
                self._one_version(item, hits, instances)
            else:
                self._identified(item, hits)
        self._add_instances(instances)
        if strange and self._drs is not None:
            self._ask_drs(strange, self._drs)

    def _ask_drs(self, items: Sequence[RequestedItem], drs: Drs) -> None:
        """Studies and single files by their CRDC identifiers; what is in them is looked up as usual, and asked nowhere."""
        answers = drs.look_up([item.value for item in items], self._task)
        known = self._identify_all([member for one in answers.found.values() for member in one.members])
        self._drs = None
        named: list[RequestedItem] = []
        for item in items:
            one = answers.found.get(item.value)
            members = [member for member in one.members if known.get(member)] if one is not None else []
            if one is not None and one.instance:
                named.append(item._replace(value=one.series, instance=one.instance))
            elif members:
                named += [item._replace(value=member) for member in members]
            else:
                self.unresolved.append(item.missing("; ".join(filter(None, [why_unknown(item), answers.problem]))))
        self.look_up(named)
        self._drs = drs

    def _identify_all(self, names: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        return self._lookup.identify(list(dict.fromkeys(names))) if names else {}

    def _identify(self, wanted: Sequence[RequestedItem]) -> dict[str, list[tuple[str, str]]]:
        return self._identify_all([item.value for item in wanted if item.value])

    def _taken_apart(
        self, wanted: Sequence[RequestedItem], identified: dict[str, list[tuple[str, str]]]
    ) -> tuple[Sequence[RequestedItem], dict[str, list[tuple[str, str]]]]:
        """Lists with commas become their parts, unless all of the text is one identifier or no part of it is any."""
        parts = {item.value: parts_of(item) for item in wanted if item.kind == IDENTIFIER and not identified.get(item.value)}
        found = self._identify([part for several in parts.values() for part in several])
        lists = {value: several for value, several in parts.items() if any(found.get(part.value) or doi_of(part.value) for part in several)}
        return [part for item in wanted for part in lists.get(item.value, [item])], identified | found

    def _unknown(self, item: RequestedItem) -> None:
        """A DOI stands for the series that came with it; anything else is listed, the first ones with what may have been meant."""
        doi = doi_of(item.value) if item.kind == IDENTIFIER else ""
        series = self._lookup.filtered({"source_DOI": [doi]}) if doi else []
        if series:
            self.add(series)
            return
        suggests = len(self.unresolved) < _MOST_SUGGESTIONS
        self.unresolved.append(item.missing(why_unknown(item, self._lookup if suggests else None)))

    def _one_version(self, item: RequestedItem, hits: list[tuple[str, str]], instances: dict[str, list[RequestedItem]]) -> None:
        level, row_id = hits[0]
        planned = self._series.get(row_id) if level == "series" else self._prior.get(row_id)
        if planned is None:
            self.unresolved.append(item.missing(why_unknown(item)))
        elif item.bucket and item.bucket not in KNOWN_BUCKETS and item.bucket not in (planned.aws_bucket, planned.gcs_bucket):
            self.unresolved.append(item.missing(f"{item.bucket} is not a bucket of IDC"))
        elif item.instance:
            instances.setdefault(item.value, []).append(item)
            self._prior.setdefault(item.value, planned)
        else:
            self.add([planned])

    def _add_instances(self, instances: dict[str, list[RequestedItem]]) -> None:
        # Where the whole series was asked for as well, it includes the single instances.
        wanted = {uuid: tuple(dict.fromkeys(item.instance for item in items)) for uuid, items in instances.items() if (uuid, ()) not in self.found}
        sizes = self._lookup.instance_bytes([name for names in wanted.values() for name in names])
        estimated = 0
        for uuid, names in wanted.items():
            planned = self._prior[uuid]
            if sizes.keys() >= set(names):
                size = sum(sizes[name] for name in names)
            else:
                size = planned.size_bytes * len(names) // max(len(names), planned.instance_count or 0)
                estimated += len(names)
            self.add([planned._replace(instances=names, size_bytes=size)])
        if estimated:
            files = human_count(estimated, "single file is", "single files are")
            self.warnings.append(f"The size of {files} estimated from the whole series: the index states none.")

    def _identified(self, item: RequestedItem, hits: list[tuple[str, str]]) -> None:
        usable = [hit for hit in hits if hit[0] in _LEVELS.get(item.kind, (hit[0],))]
        if not usable:
            self.unresolved.append(item.missing(f"it is known to IDC, but not as a {item.kind}"))
            return
        # The catalog looks among earlier releases only for what the current one does not have.
        if usable[0][0] == "prior_series":
            self._removed(item, [row_id for _, row_id in usable])
            return
        if len({row_id for level, row_id in usable if level == "cases"}) > 1:
            cases = ", ".join(sorted(row_id for level, row_id in usable if level == "cases"))
            self.unresolved.append(item.missing(f"several cases have this PatientID; name one of: {cases}"))
            return
        revised = self._revisions.get(item.value, 0)
        if item.version is not None and item.version < revised:
            self.unresolved.append(
                item.missing(
                    f"the table names it as of IDC release {item.version}, and it was revised in release {revised}; "
                    "to get exactly that version, add the column crdc_series_uuid to the table"
                )
            )
            return
        for level, row_id in usable:
            if level == "series":
                self.add([self._series[row_id]])
            elif (level, row_id) not in self._whole:
                self._whole.add((level, row_id))
                self.add(self._lookup.below(level, row_id))

    def _removed(self, item: RequestedItem, uuids: list[str]) -> None:
        known = [self._prior[uuid] for uuid in uuids if uuid in self._prior]
        last = max((planned.idc_version or 0 for planned in known), default=0)
        names = ", ".join(uuids[:3]) + (" ..." if len(uuids) > 3 else "")
        self.unresolved.append(
            item.missing(f"it was removed from IDC after release {last}; to get its last version, name its crdc_series_uuid: {names}")
        )
