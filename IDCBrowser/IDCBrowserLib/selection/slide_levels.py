"""Which files of slides a plan contains: single levels, the largest level below a size, label or thumbnail, instead of all of a slide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.search.instances import INSTANCE_INDEX
from IDCBrowserLib.errors import CatalogError, InputError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries, Unresolved
from IDCBrowserLib.wording import human_count, human_size

if TYPE_CHECKING:
    from IDCBrowserLib.api.catalog import SlideLevel
    from IDCBrowserLib.catalog.catalog import Catalog

SLIDES = "SM"
_BESIDE = ("label", "overview", "thumbnail")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(kB|MB|GB|MP)", re.IGNORECASE)
# Bytes; and pixels of the whole picture, of which 16 MP are 4096 x 4096.
_UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "MP": float(1 << 20)}
FORMS = "a number (0 is the largest), label, overview, thumbnail, or a size such as 5MB or 16MP for the largest level that is not larger"


@dataclass(frozen=True)
class LevelChoice:
    """``numbers`` and ``beside`` (label, overview, thumbnail) by name; the largest level of at most ``most_bytes``, and of at most ``most_pixels``,
    or the smallest where all are larger.
    """

    numbers: frozenset[int] = frozenset()
    beside: frozenset[str] = frozenset()
    most_bytes: float | None = None
    most_pixels: float | None = None

    @staticmethod
    def of(texts: Iterable[str]) -> LevelChoice:
        """As the command line and requests name them; raises ``InputError`` for anything else."""
        numbers, beside = set[int](), set[str]()
        limits: dict[str, float] = {}
        for text in texts:
            word = str(text).strip().lower()
            size = _SIZE.fullmatch(word)
            if word in _BESIDE:
                beside.add(word)
            elif word.isascii() and word.isdecimal() and len(word) < 4:
                numbers.add(int(word))
            elif size is not None:
                limits["pixels" if size[2].upper() == "MP" else "bytes"] = float(size[1]) * _UNITS[size[2].upper()]
            else:
                raise InputError(f"There is no level {str(text)[:40]!r} of a slide. Give {FORMS}.")
        return LevelChoice(frozenset(numbers), frozenset(beside), limits.get("bytes"), limits.get("pixels"))

    def __bool__(self) -> bool:
        return self != WHOLE

    def of_slide(self, levels: Sequence[SlideLevel]) -> list[SlideLevel]:
        """Those that are wanted, in their order."""
        numbers = set(self.numbers)
        if self.most_bytes is not None:
            numbers.add(_largest(levels, self.most_bytes, lambda level: level["bytes"]))
        if self.most_pixels is not None:
            numbers.add(_largest(levels, self.most_pixels, lambda level: level["rows"] * level["columns"]))
        return [level for level in levels if level["number"] in numbers or level["kind"] in self.beside]


WHOLE = LevelChoice()


def check_levels_here(catalog: Catalog) -> None:
    """Raises ``CatalogError`` where the index of instances is not here."""
    if catalog.missing_indices([INSTANCE_INDEX]):
        raise CatalogError(
            f"The levels of slides stand in the index file {INSTANCE_INDEX}, which is not on this computer. Fetch it first.",
            command=f"idc-browser indices --fetch {INSTANCE_INDEX}",
        )


def only_levels(catalog: Catalog, plan: Plan, choice: LevelChoice, or_whole: bool = False) -> Plan:
    """``plan`` with only the chosen files of its slides; what is no slide, and single files that were named, stay as they are.

    A slide that has none of them is among ``unresolved``. Raises ``CatalogError`` where the index of instances is not here. With ``or_whole`` such
    slides stay whole, and that is said.
    """
    slides = [item.series_uid for item in plan.series if _is_whole_slide(item)] if choice else []
    if not slides:
        return plan
    if not or_whole:
        check_levels_here(catalog)
    known = catalog.slide_levels(slides)
    series: list[PlannedSeries] = []
    unresolved = list(plan.unresolved)
    whole = saved = 0
    for item in plan.series:
        levels = known.get(item.series_uid, []) if _is_whole_slide(item) else []
        chosen = choice.of_slide(levels)
        if chosen:
            series.append(_only(item, chosen))
            saved += item.size_bytes - series[-1].size_bytes
        elif not _is_whole_slide(item) or or_whole:
            series.append(item)
            whole += _is_whole_slide(item)
        else:
            unresolved.append(Unresolved(item.series_uid, None, item.series_uid, _why_none(levels)))
    return Plan(tuple(series), tuple(unresolved), (*plan.warnings, *_told(len(slides) - whole, whole, saved, or_whole)))


def _only(item: PlannedSeries, chosen: Sequence[SlideLevel]) -> PlannedSeries:
    sizes = [level["bytes"] for level in chosen]
    total = item.size_bytes if None in sizes else sum(size or 0 for size in sizes)
    return item._replace(instances=tuple(name for level in chosen for name in level["instances"]), size_bytes=total)


def _is_whole_slide(item: PlannedSeries) -> bool:
    # The index of instances is that of the current versions.
    return item.modality == SLIDES and not item.instances and not item.is_prior


def _largest(levels: Sequence[SlideLevel], most: float, size: Callable[[SlideLevel], int | None]) -> int:
    """Number of the largest level within, else of the smallest; -1 where there is none."""
    real = [level for level in levels if level["number"] is not None]
    fitting = [level for level in real if (found := size(level)) is not None and 0 < found <= most]
    number = (fitting[0] if fitting else real[-1])["number"] if real else None
    return -1 if number is None else number


def _why_none(levels: Sequence[SlideLevel]) -> str:
    if not levels:
        return "the index of instances does not list the levels of this slide"
    names = [str(level["number"]) if level["number"] is not None else level["kind"] for level in levels]
    return f"the slide has no such level; it has: {', '.join(names)}"


def _told(narrowed: int, whole: int, saved: int, or_whole: bool) -> list[str]:
    if not or_whole:
        return []
    notes = []
    if narrowed and saved > 0:
        slides = human_count(narrowed, "slide", "slides")
        notes.append(f'Of {slides} only the level that is shown comes, which saves {human_size(saved)}; "Download" gets all levels.')
    if whole:
        slides = human_count(whole, "slide is", "slides are")
        notes.append(f"{slides} downloaded with all levels: the index file {INSTANCE_INDEX}, which lists them, is missing or does not list them.")
    return notes
