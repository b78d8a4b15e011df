"""Which table is in sight when one is shown at a time, and the path that led there. Knows no widgets.

Selected rows fill the table below (``tables``); opening them shows that table, going back shows one above and selects nothing below it, so that
what is downloaded is always in sight or on the path.
"""

from __future__ import annotations

from dataclasses import dataclass

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import ALL_LEVELS, LEVELS, Phase, Ranges, TableState
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count

_STUDIES, _SERIES = LEVELS.index("studies"), LEVELS.index("series")


@dataclass(frozen=True)
class Crumb:
    """One step of the path: its text, and the level of the table that it leads to."""

    level: str
    text: str


class Shelf:
    """``changed()`` when another table is in sight or the path reads differently; ``level`` and ``crumbs`` are what to show."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._number = 0
        self._passes_lone_study = False
        self._stays = False
        self._told: tuple[str, list[Crumb]] | None = None
        self.changed: Signal[[]] = Signal()
        tables.changed.connect(self._table_changed)
        tables.selection_changed.connect(self._selection_changed)
        tables.top_changed.connect(self._top_changed)
        tables.revealed.connect(self._revealed)

    @property
    def level(self) -> str:
        """Of the table in sight."""
        return self._tables.levels[self._number]

    @property
    def below(self) -> str:
        """The level that ``open`` would show; "" below series."""
        return self._tables.levels[self._number + 1] if self._number < _SERIES else ""

    @property
    def crumbs(self) -> list[Crumb]:
        """From all of IDC to what the table in sight belongs to."""
        levels = self._tables.levels
        steps = [Crumb(levels[number + 1], self._named(levels[number])) for number in range(self._number)]
        return [Crumb(levels[0], _("IDC")), *steps]

    def open(self) -> None:
        """Show what belongs to the selected rows of the table in sight; of a case with one study its series."""
        if self.below and self._tables.selection(self.level) is not None:
            self._number += 1
            self._passes_lone_study = self._number == _STUDIES
            self._pass_lone_study()
            self._tell()

    def back(self) -> None:
        """Show the table above; a study that is the only one of its case is passed over."""
        lone = self._number == _SERIES and self._tables.state("studies").total == 1
        self.show(self._tables.levels[max(0, self._number - (2 if lone else 1))])

    def show(self, level: str) -> None:
        """Show a table of the path, with nothing selected below it."""
        number = self._tables.levels.index(level)
        if number >= self._number:
            return
        self._passes_lone_study = False
        below = self._tables.levels[number + 1]
        if self._tables.state(below).selected:
            self._select(below, ())
        self._number = number
        self._tell()

    def want(self, level: str) -> None:
        """Show this table once it is filled, or the deepest one above it that is."""
        if level in ALL_LEVELS:
            self._number = max(0, LEVELS.index(level) if level in LEVELS else 0)
            self._settle()

    def _named(self, level: str) -> str:
        """What is selected in a table: the name of a row, or how many rows."""
        state = self._tables.state(level)
        row = self._tables.rows(level).loaded_row(state.selected[0][0]) if state.selected_count == 1 else None
        if row is None:
            return human_count(state.selected_count, *_words(level)) if state.selected_count else "..."
        rows = self._tables.rows(level)
        texts = [str(rows.value(row, key)) for key in _name_columns(level) if rows.value(row, key)]
        return " ".join(texts[0].split()) if texts else self._tables.id_of(level, row)

    def _table_changed(self, level: str, state: TableState) -> None:
        if level == "studies" and state.phase is Phase.READY:
            self._pass_lone_study()
        self._settle()

    def _selection_changed(self, _level: str) -> None:
        self._settle()

    def _top_changed(self, _top: str) -> None:
        self._number = 0
        self._tell()

    def _revealed(self) -> None:
        self._number = 0
        self._passes_lone_study = False

    def _pass_lone_study(self) -> None:
        state = self._tables.state("studies")
        if self._passes_lone_study and state.phase is Phase.READY and self._number == _STUDIES:
            self._passes_lone_study = False
            if state.total == 1:
                self._select("studies", ((0, 0),))
                self._number = _SERIES

    def _select(self, level: str, ranges: Ranges) -> None:
        """Without going anywhere while it is half done."""
        self._stays = True
        self._tables.select(level, ranges)
        self._tables.reselect.emit(level, ranges)
        self._stays = False

    def _settle(self) -> None:
        """What is selected is in sight; a table that nothing fills any more is not."""
        if self._stays:
            return
        levels = self._tables.levels
        deepest = self._tables.deepest_selected()
        if deepest is not None:
            self._number = max(self._number, levels.index(deepest))
        if self._tables.is_settled:
            while self._number and self._tables.state(self.level).phase is Phase.GUIDE:
                self._number -= 1
        self._tell()

    def _tell(self) -> None:
        """Tables change several times with each click; what is drawn for it is drawn where it reads differently."""
        state = self.level, self.crumbs
        if state != self._told:
            self._told = state
            self.changed.emit()


def _words(level: str) -> tuple[str, str]:
    return {
        "collections": (_("collection"), _("collections")),
        "analysis_results": (_("analysis result"), _("analysis results")),
        "cases": (_("case"), _("cases")),
        "studies": (_("study"), _("studies")),
        "series": (_("series"), _("series")),
    }[level]


def _name_columns(level: str) -> tuple[str, ...]:
    return {
        "collections": ("collection_name",),
        "analysis_results": ("analysis_result_title",),
        "cases": ("PatientID",),
        "studies": ("StudyDate", "StudyDescription"),
        "series": ("SeriesDescription",),
    }[level]
