"""Where a view gets windows of slides and their segmentations: the engine reads files that are here, or buckets unless pictures are turned off."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.host.slides.slide_window import Wanted
from IDCBrowserLib.host_interface import Cancellable, OnError
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.scene.segments.slide_segments import SlideSegmentFiles


class SlideWindowSource:
    """The ``WindowSource`` of the window."""

    def __init__(self, engine: Engine, browser: Browser) -> None:
        self._engine = engine
        self._browser = browser

    def ask(self, series_uid: str, files: Sequence[str], wanted: Wanted, on_done: Callable[[api.Window], None], on_error: OnError) -> Cancellable:
        """See ``WindowSource``."""
        params: api.WindowParameters = {
            **self._browser.pictures.buckets(),
            "series": series_uid,
            "files": list(files),
            "rect": list(wanted.rect),
            "width": wanted.width,
            "height": wanted.height,
            "fetch": self._browser.preview.enabled,
        }
        return self._engine.ask(api.WINDOW(params), on_done, on_error)


class SegmentWindowSource:
    """The ``SegmentSource`` of the window: the engine reads files on this computer, or the bucket."""

    def __init__(self, engine: Engine, browser: Browser) -> None:
        self._engine = engine
        self._browser = browser

    def ask(self, files: SlideSegmentFiles, wanted: Wanted, on_done: Callable[[api.SegmentWindow], None], on_error: OnError) -> Cancellable:
        """See ``SegmentSource``."""
        params: api.SegmentWindowParameters = {
            **self._browser.pictures.buckets(),
            "series": files.series,
            "files": list(files.files),
            "numbers": None if files.numbers is None else list(files.numbers),
            "rect": list(wanted.rect),
            "width": wanted.width,
            "height": wanted.height,
        }
        return self._engine.ask(api.SEGMENT_WINDOW(params), on_done, on_error)
