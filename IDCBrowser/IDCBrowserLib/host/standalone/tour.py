"""The whole way once, through the window: what a person would click, clicked by a script, one step after the other.

The window is driven through its own widgets (filter boxes, tables, the button), so what the tour shows is what a person gets. ``Tour`` knows no
event loop: ``advance`` is called by a timer and returns what to do next.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import IncompleteError
from IDCBrowserLib.host.standalone.window import StandaloneWindow
from IDCBrowserLib.logic.base.state import Kind, Message, Phase, TableState

STEP_TIMEOUT_S = 180.0


class Tour:
    """Call ``advance`` every 20 ms or so until ``done``; ``seconds`` holds the duration of each step by name.

    Raises ``IncompleteError`` from ``advance`` when a step takes longer than three minutes or the job ends without success.
    """

    def __init__(self, window: StandaloneWindow, world: World, clock: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._browser = window.browser
        self._world = world
        self._clock = clock
        self._ended: Message | None = None
        self._surfaces = False
        self._browser.downloads.ended.connect(self._download_ended)
        self._steps: list[tuple[str, Callable[[], None], Callable[[], bool]]] = [
            ("catalog", self._nothing, lambda: self._ready("collections")),
            ("views", self._nothing, lambda: self._window.views is not None),
            ("find collection", lambda: self._filter("collections", self._world.collection_id), lambda: self._shows("collections", 1)),
            ("select collection", lambda: self._select("collections"), lambda: self._shows("cases", 1)),
            ("select case", lambda: self._select("cases"), lambda: self._ready("studies")),
            ("select studies", lambda: self._select("studies"), lambda: self._ready("series")),
            ("select series", lambda: self._select("series"), lambda: self._counted("series")),
            ("download and load", self._press, lambda: self._ended is not None),
            ("surfaces", self._wait_for_surfaces, lambda: self._surfaces),
        ]
        self._began: float | None = None
        self.seconds: dict[str, float] = {}

    @property
    def done(self) -> bool:
        """Whether the way has been gone."""
        return not self._steps

    @property
    def step(self) -> str:
        """Name of the step under way."""
        return self._steps[0][0] if self._steps else ""

    def advance(self) -> None:
        """Begin the next step, or see whether the one under way has come to its end."""
        if self.done:
            return
        name, act, is_over = self._steps[0]
        if self._began is None:
            self._began = self._clock()
            act()
            return
        waited = self._clock() - self._began
        if is_over():
            self.seconds[name] = round(waited, 3)
            self._steps.pop(0)
            self._began = None
            self._check()
        elif waited > STEP_TIMEOUT_S:
            raise IncompleteError(f"The step '{name}' of the demo did not end within {STEP_TIMEOUT_S:.0f} s.")

    def _check(self) -> None:
        if self._ended is not None and self._ended.kind is not Kind.SUCCESS:
            outcomes = [f"{outcome.label}: {outcome.text}" for outcome in self._browser.downloads.state.outcomes if outcome.kind is not Kind.SUCCESS]
            if self._ended.kind is Kind.ERROR or any("not" in text for text in outcomes):
                raise IncompleteError("\n".join([self._ended.text, *outcomes]))

    def _nothing(self) -> None:
        return

    def _state(self, level: str) -> TableState:
        return self._browser.tables.state(level)

    def _ready(self, level: str) -> bool:
        return self._state(level).phase is Phase.READY and self._state(level).total > 0

    def _shows(self, level: str, rows: int) -> bool:
        return self._ready(level) and self._state(level).total == rows

    def _counted(self, level: str) -> bool:
        return self._browser.picked.state.level == level and self._browser.picked.state.summary is not None

    def _filter(self, level: str, text: str) -> None:
        self._window.panel.tables[level].filter.setText(text)

    def _select(self, level: str) -> None:
        self._window.panel.tables[level].view.selectAll()

    def _press(self) -> None:
        self._window.panel.selection.load_button.click()

    def _download_ended(self, message: Message) -> None:
        self._ended = message

    def _wait_for_surfaces(self) -> None:
        views = self._window.views
        assert views is not None, "a former step waited for them"
        views.show_surfaces(True)
        views.surfaces_ready.connect(self._surfaces_made)

    def _surfaces_made(self) -> None:
        self._surfaces = True
