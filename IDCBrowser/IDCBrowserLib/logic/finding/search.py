"""The one search box: hits as the user types, and where a hit lies. Knows no widgets."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from IDCBrowserLib.api import catalog, finding
from IDCBrowserLib.catalog.search.instances import INSTANCE_INDEX
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import named, named_within
from IDCBrowserLib.logic.base.state import LEVELS, Hit, SearchState
from IDCBrowserLib.selection.drs import is_crdc_id
from IDCBrowserLib.selection.search_text import is_search_text
from IDCBrowserLib.signal import Signal

MAX_HITS = 20
MAX_TEXT = 200_000
# Of words nobody means more.
_MAX_WORDS = 20_000
# More than a person looks at; a longer list is a manifest.
_MAX_IDENTIFIERS = 500
_SEPARATORS = re.compile(r"[\s,;|\u2028\u2029]+")
# Headings of tables and words between identifiers.
_NO_NAMES = frozenset(
    {
        "and",
        "or",
        "patientid",
        "case",
        "cases",
        "collection_id",
        "studyinstanceuid",
        "seriesinstanceuid",
        "sopinstanceuid",
        "crdc_series_uuid",
        "crdc_study_uuid",
        "series_aws_url",
        "patient",
        "study",
        "series",
        "uid",
        "id",
        "doi",
        "doi:",
    }
)
# The portal and its viewers.
_HOSTS = ("imaging.datacommons.cancer.gov", "volview.kitware.app")
_QUOTES = "\"'`“”‘’"
_WHOLE_UID = re.compile(r"[0-9]+(\.[0-9]+){5,}")
SEARCH_LEVEL = "search"
# Whose ids begin with that of a collection.
_NAMED = ("collections", "cases")
# What segments, regions, ROIs and algorithms are found in.
NAMES_INDICES = ("seg_index", "rtstruct_index")

Path = Mapping[str, Sequence[str]]


class Search:
    """``look_for(text)`` asks; ``changed(SearchState)`` tells. ``locate(hit, on_path)`` finds the rows above a hit.

    Words are searched as one text. Several identifiers are looked up each by itself, with one hit before them that stands for all.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._request: Request | None = None
        self.state = SearchState()
        self.changed: Signal[SearchState] = Signal()
        self.failed: Signal[IDCBrowserError] = Signal()
        self.text_wanted: Signal[str] = Signal()

    def look_for(self, text: str) -> None:
        """Replaces what was being looked for; an empty text ends the search."""
        self._cancel()
        text = looked_at(text)
        if not text:
            self._set(SearchState())
            return
        if is_search_text(text) or is_link(text):
            about = _("IDC portal link") if is_link(text) else _("Search copied as text")
            self._set(SearchState(text, True, (Hit(SEARCH_LEVEL, (text,), _("Apply this search"), about),)))
            return
        self._set(SearchState(text, None, self.state.hits, ""))
        names = identifiers(text)
        if len(names) > _MAX_IDENTIFIERS:
            self._set(SearchState(text, True, (_many(names),), _cut(text)))
        elif names:
            question = finding.IDENTIFY({"texts": names})
            self._request = self._client.ask(question, lambda result: self._identified(text, names, result["found"]), self._fail)
        else:
            self._search(text)

    def clear(self) -> None:
        """No search."""
        self.look_for("")

    def show_text(self, text: str) -> None:
        """Write a text into the search box; it is looked for as if it had been typed. ``text_wanted(text)``."""
        self.text_wanted.emit(text)

    def locate(self, hit: Hit, on_path: Callable[[Path], None]) -> None:
        """The ids to select in each table so that the hit is selected in its own."""
        self._cancel()
        question = finding.LOCATE({"level": hit.level, "ids": list(hit.ids)})
        self._request = self._client.ask(question, lambda result: on_path(result["path"]), self.failed.emit)

    def _search(self, text: str) -> None:
        question = catalog.SEARCH({"text": text[:_MAX_WORDS], "limit": MAX_HITS})
        self._request = self._client.ask(question, lambda result: self._found(text, result), self._fail)

    def _found(self, text: str, result: catalog.Hits) -> None:
        hits = [_hit(item) for item in result["hits"][:MAX_HITS]]
        # Those of names, which anybody may look for.
        missing = tuple(name for name in result["missing_indices"] if name in NAMES_INDICES)
        same = [hit for hit in hits if hit.level == "cases" and hit.label.lower() == text.strip(_QUOTES).lower()]
        if len(same) > 1:
            note = _("This case ID occurs in {count} collections. Choose one.").format(count=len(same))
            self._set(SearchState(text, True, (*same, *(hit for hit in _by_level(hits) if hit not in same)), note, True, missing))
            return
        if not hits and is_crdc_id(text.strip(_QUOTES)):
            self._set(SearchState(text, True, (_at_the_crdc(text.strip(_QUOTES)),), ""))
            return
        note = _more(text, result["more"]) if hits else _nothing(text, result["missing_indices"])
        self._set(SearchState(text, True, tuple(_by_level(hits)), note, missing=missing))

    def again(self) -> None:
        """A side index came: more may be found."""
        if self.state.text and self.state.missing:
            self.look_for(self.state.text)

    def _identified(self, text: str, names: Sequence[str], found: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        pairs = list(dict.fromkeys((level, row_id) for name in names for level, row_id in found.get(name, ())))
        if not pairs:
            self._search(text)
            return
        missing = [name for name in names if not found.get(name) and _has_digit(name)]
        note = _("Not in IDC: {names}").format(names=_short(", ".join(missing))) if missing else ""
        doubled = [name for name in names if len([level for level, _id in found.get(name, ()) if level == "cases"]) > 1]
        if doubled:
            note = " ".join([_("In two collections, both selected: {names}").format(names=_short(", ".join(doubled))), note]).strip()
        note = " ".join(part for part in (note, _cut(text)) if part)
        hits = [Hit(level, (row_id,), named(row_id) if level in _NAMED else row_id, "") for level, row_id in pairs]
        if len(hits) > 1:
            hits = [_all_of(pairs, [name for name in names if found.get(name)]), *_by_level(hits)]
        self._set(SearchState(text, True, tuple(hits[:MAX_HITS]), note))

    def _fail(self, error: IDCBrowserError) -> None:
        self._set(SearchState(self.state.text, False, (), str(error)))

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: SearchState) -> None:
        self.state = state
        self.changed.emit(state)


def looked_at(text: str) -> str:
    """The part of a text that is looked for, without blanks around it; its end is kept where it was cut off."""
    text = text.lstrip()
    return text[:MAX_TEXT] if len(text) >= MAX_TEXT else text.rstrip()


def is_link(text: str) -> bool:
    """Whether a text may be an address of the IDC portal or one of its viewers; the engine looks closer."""
    start = text.strip()[:100].lower()
    return start.startswith(("https://", "http://")) and any(host in start for host in _HOSTS) and len(text.split()) == 1


def _nothing(text: str, missing_indices: Collection[str]) -> str:
    if _WHOLE_UID.fullmatch(text.strip(_QUOTES)):
        if INSTANCE_INDEX in missing_indices:
            return _(
                "No study or series in IDC has this UID. Of SOP Instance UIDs, only those of slide microscopy can be looked "
                "up; this needs the index file {name}, which you can fetch on the Settings page."
            ).format(name=INSTANCE_INDEX)
        return _("No study, series or slide microscopy instance in IDC has this UID. Other SOP Instance UIDs cannot be looked up.")
    return _cut(text) or _('No match for "{text}" in IDC.').format(text=_short(text))


def _more(text: str, more: Mapping[str, int | None]) -> str:
    """What to say of hits that have no room in the list."""
    kinds = kinds_of_hits()
    counts = {group: f"{count:,}" if count else _("many") for group, count in more.items() if group in kinds}
    counted = ", ".join(_("{kind} ({count})").format(kind=kinds[group], count=count) for group, count in counts.items())
    note = _("There are more matches: {counted}. Keep typing to narrow them down.").format(counted=counted) if counted else ""
    return " ".join(part for part in (note, _cut(text)) if part)


def kinds_of_hits() -> dict[str, str]:
    """What each group of hits is called."""
    return {
        "collections": _("Collection"),
        "cases": _("Case"),
        "studies": _("Study"),
        "series": _("Series"),
        "analysis_results": _("Analysis result"),
        "prior_series": _("Earlier release"),
        "segment": _("Segment type"),
        "region": _("Anatomic region"),
        "ROI": _("ROI"),
        "algorithm": _("Algorithm"),
        SEARCH_LEVEL: _("Search"),
    }


def _cut(text: str) -> str:
    """What to say of a text that was longer than what is looked at."""
    if len(text) < MAX_TEXT:
        return ""
    note = _("Only the first {count} characters were used. Save a longer list to a file and open it as a manifest.")
    return note.format(count=f"{MAX_TEXT:,}")


def identifiers(text: str) -> list[str]:
    """The identifiers in a text that is a list of them, each once; empty for a single one and for ordinary words.

    Nearly all identifiers have digits; a minority without may be headings, or collections. The last of a text that was cut off is left out.
    """
    parts = _SEPARATORS.split(text)
    names = list(dict.fromkeys(part.strip(_QUOTES) for part in (parts[:-1] if len(text) >= MAX_TEXT else parts)))
    plain = [name for name in names if name and name.lower() not in _NO_NAMES]
    with_digits = sum(1 for name in plain if _has_digit(name))
    has_heading = len(plain) < len([name for name in names if name])
    return plain if 2 * with_digits > len(plain) and (len(plain) > 1 or has_heading) else []


def _has_digit(name: str) -> bool:
    return any(character.isdigit() for character in name)


def _many(names: Sequence[str]) -> Hit:
    """More than are looked up as they are typed: the plan lists what is not in IDC."""
    return Hit("", tuple(names), _("{count} identifiers").format(count=f"{len(names):,}"), _("Open them as one download plan"))


def _at_the_crdc(text: str) -> Hit:
    """An identifier that no index has: of a study, of a single file, or of a newer release."""
    return Hit(
        "", (text,), _("Ask the CRDC what this is"), _("Studies and single files have identifiers that are not in the index. Needs the internet.")
    )


def _all_of(pairs: Sequence[tuple[str, str]], names: Sequence[str]) -> Hit:
    levels = {level for level, _id in pairs}
    if len(levels) == 1 and levels <= set(LEVELS):
        label = _("All {count} matches").format(count=f"{len(pairs):,}")
        return Hit(next(iter(levels)), tuple(row_id for _level, row_id in pairs), label, _("Select them in the tables"))
    return Hit("", tuple(names), _("All {count} matches").format(count=f"{len(pairs):,}"), _("Open them as one download plan"))


def _by_level(hits: Sequence[Hit]) -> list[Hit]:
    """Grouped by level, the level of the best hit first; within one in the order given."""
    order = {group: number for number, group in enumerate(dict.fromkeys(hit.group for hit in hits))}
    return sorted(hits, key=lambda hit: order[hit.group])


def _hit(item: catalog.Hit) -> Hit:
    about = named_within(item["description"], item["collection_id"])
    return Hit(item["level"], (item["id"],), item["label"], about, item["filters"], item["kind"], item["count"], item["text"])


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."
