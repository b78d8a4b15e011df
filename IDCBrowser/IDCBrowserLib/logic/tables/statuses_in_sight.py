"""Asks how much is on this computer of the series and studies that the tables show."""

from __future__ import annotations

from IDCBrowserLib.host_interface import SeriesLoader
from IDCBrowserLib.logic.tables.series_status import SeriesStatusBook
from IDCBrowserLib.logic.tables.study_status import StudyStatusBook
from IDCBrowserLib.logic.tables.tables import Tables


class StatusesInSight:
    """Asks when rows come into sight, the scene changes, and when it is told that something changed."""

    def __init__(self, tables: Tables, series: SeriesStatusBook, studies: StudyStatusBook, loader: SeriesLoader) -> None:
        self._tables, self._series, self._studies, self._loader = tables, series, studies, loader
        for level, ask in (("series", self._ask_series), ("studies", self._ask_studies)):
            rows = tables.rows(level)
            rows.changed.connect(ask)
            rows.arrived.connect(ask)
        loader.loaded_changed.connect(self._scene_changed)
        self._scene_changed()

    def close(self) -> None:
        """Listen to the scene no more."""
        self._loader.loaded_changed.disconnect(self._scene_changed)

    def refresh(self) -> None:
        """Ask disk and database again: somebody may have deleted, moved or imported files meanwhile. What was known stays until then."""
        self._series.expire()
        self._ask_series()
        self.ask_studies_again()

    def look_again(self) -> None:
        """Ask again after a change of our own; what was known is forgotten."""
        self._series.forget()
        self._ask_series()
        self.ask_studies_again()

    def ask_studies_again(self) -> None:
        """A series of some study changed."""
        self._studies.forget()
        self._ask_studies()

    def _scene_changed(self) -> None:
        self._series.set_loaded(self._loader.loaded_series())

    def _ask_series(self, first: int = 0, last: int = -1) -> None:
        self._series.ask(self._ids("series", first, last))

    def _ask_studies(self, first: int = 0, last: int = -1) -> None:
        self._studies.ask(self._ids("studies", first, last))

    def _ids(self, level: str, first: int, last: int) -> list[str]:
        """Of the rows from ``first`` to ``last``, of all that are here when ``last`` is negative."""
        rows = self._tables.rows(level)
        numbers = [number for number, _row in rows.loaded()] if last < 0 else range(first, last + 1)
        loaded = [row for row in map(rows.loaded_row, numbers) if row is not None]
        return [self._tables.id_of(level, row) for row in loaded]
