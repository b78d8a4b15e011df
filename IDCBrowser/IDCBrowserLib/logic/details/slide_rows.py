"""The levels of slides, label and thumbnail included, as rows below their slide: asked for when it is opened. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from IDCBrowserLib.api.catalog import SlideLevel
from IDCBrowserLib.api.slide import LEVELS, Levels
from IDCBrowserLib.catalog.search.instances import INSTANCE_INDEX
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.settings.indices import Indices
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count, human_size


@dataclass(frozen=True)
class SlideRow:
    """``level`` is None of a row that says why there are no others; ``can_fetch``: the index file that lists them. ``size`` stands in its column."""

    title: str
    note: str = ""
    files: str = ""
    size: str = ""
    level: SlideLevel | None = None
    can_fetch: bool = False


class SlideRows:
    """``ask(uid)``; ``of(uid)`` are its rows, None while they are not known. Signal: ``changed(uid)``.

    ``download`` takes levels and whether they are loaded.
    """

    def __init__(self, client: EngineClient, indices: Indices, download: Callable[[Sequence[SlideLevel], bool], None]) -> None:
        self._client = client
        self._indices = indices
        self.download = download
        self._rows: dict[str, tuple[SlideRow, ...]] = {}
        self._without: list[str] = []
        self.changed: Signal[str] = Signal()
        indices.changed.connect(self._index_changed)
        indices.used.connect(self._index_used)

    def of(self, uid: str) -> tuple[SlideRow, ...] | None:
        """Of a slide by its SeriesInstanceUID."""
        return self._rows.get(uid)

    def ask(self, uid: str) -> None:
        """Somebody looks below it."""
        self._client.ask(LEVELS({"series": [uid]}), partial(self._take, uid), partial(self._fail, uid))

    def fetch_index(self) -> None:
        """Get the index file of instances in the background."""
        self._indices.fetch([INSTANCE_INDEX])

    def _take(self, uid: str, answer: Levels) -> None:
        levels = answer["levels"].get(uid, ())
        if answer["missing_index"]:
            if uid not in self._without:
                self._without.append(uid)
            self._indices.ask_sizes([INSTANCE_INDEX])
            self._show(uid, (self._missing(),))
        else:
            unknown = SlideRow(_("The index of instances does not list the levels of this slide."))
            self._show(uid, tuple(map(_row, levels)) or (unknown,))

    def _fail(self, uid: str, error: IDCBrowserError) -> None:
        self._show(uid, (SlideRow(str(error)),))

    def _show(self, uid: str, rows: tuple[SlideRow, ...]) -> None:
        if rows != self._rows.get(uid):
            self._rows[uid] = rows
            self.changed.emit(uid)

    def _missing(self) -> SlideRow:
        state = self._indices.state
        if state.state_of(INSTANCE_INDEX) in ("fetching", "waiting"):
            return SlideRow(state.text or _("The list of levels is being fetched."))
        size = state.sizes.get(INSTANCE_INDEX)
        title = _("Levels need {size} of further data.").format(size=human_size(size)) if size is not None else _("Levels need further data.")
        return SlideRow(title, can_fetch=True)

    def _index_changed(self, _state: object) -> None:
        for uid in self._without:
            self._show(uid, (self._missing(),))

    def _index_used(self, name: str, _here: bool) -> None:
        if name == INSTANCE_INDEX:
            # Those that are looked at ask again.
            self._without = []
            known, self._rows = list(self._rows), {}
            for uid in known:
                self.ask(uid)


def _row(level: SlideLevel) -> SlideRow:
    name, size = level_name(level), level["bytes"]
    pixels = pixels_text(level)
    spacing = _("{number} mm per pixel").format(number=f"{level['spacing_mm']:.3g}") if level["spacing_mm"] and level["kind"] == "level" else ""
    files = len(level["instances"])
    return SlideRow(
        f"{name}: {pixels}" if pixels else name,
        spacing,
        human_count(files, _("file"), _("files")) if files > 1 else "",
        human_size(size) if size is not None else "",
        level,
    )


def level_name(level: SlideLevel) -> str:
    """What it is called."""
    names = {"label": _("Label"), "overview": _("Overview"), "thumbnail": _("Thumbnail")}
    return names.get(level["kind"]) or _("Level {number}").format(number=level["number"])


def pixels_text(level: SlideLevel) -> str:
    """Columns by rows; "" where they are not known."""
    return " x ".join(local_number(f"{level[side]:,}") for side in ("columns", "rows")) if level["columns"] else ""
