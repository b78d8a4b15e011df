"""From key J to the next entry of a review list in sight, and from K right after it back: two cases of 300 slices of 512 x 512 with 104 segments.

Each is set against the same without reading ahead.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "IDCBrowser"), str(ROOT / "Testing")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHAPE, SEGMENTS, TURNS = (300, 512, 512), 104, 3


def main() -> None:
    from helpers.hands import Hands
    from helpers.review_cases import review_cases
    from PySide6 import QtWidgets

    from IDCBrowserLib.host.standalone.window import WindowConfig, make_window
    from IDCBrowserLib.logic.review.state import Phase
    from IDCBrowserLib.review.form import default_form
    from IDCBrowserLib.review.review_file import Settings

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["benchmark"])
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        os.environ["IDC_BROWSER_HOME"] = str(folder / "home")
        with review_cases(folder / "cases", 2, SHAPE, SEGMENTS) as cases:
            config = WindowConfig(
                endpoint_url=cases.endpoint_url,
                catalog_sources=(str(cases.rows),),
                download_folder=str(folder / "to"),
                database=str(folder / "database"),
                settings_file=str(folder / "settings.ini"),
                state_folder=str(folder / "state"),
            )
            with closing(make_window(config)) as window:
                window.window.resize(1280, 720)
                window.show()
                hands = Hands(window)
                review = window.browser.review
                _make_list(folder, Settings("Two cases", default_form()), cases.rows)
                hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
                window.browser.show_page("review")
                review.open(str(folder / "list.idcreview"))
                hands.wait(lambda: review.state.is_open, "the list")
                review.begin("Reader")

                def in_sight(number: int) -> bool:
                    return review.state.phase is Phase.SHOWN and review.state.number == number

                hands.wait(lambda: in_sight(0), "the first entry", 300)
                hands.wait(lambda: len(list((folder / "to").rglob("*.dcm"))) == 2 * (SHAPE[0] + 1), "the second case", 300)
                # Nothing else goes on: after its first start the program lays out the catalog.
                hands.wait(lambda: not window.browser.speed.is_waited_for, "fast browsing", 300)
                _settle(hands, window)
                read_ahead = window.read_ahead
                seconds: dict[str, list[float]] = {"read ahead": [], "fetched only": []}
                back: dict[str, list[float]] = {name: [] for name in seconds}
                for turn in range(2 * TURNS):
                    name = list(seconds)[turn % 2]
                    window.read_ahead = read_ahead if name == "read ahead" else None
                    read_ahead.start(())
                    _turn(hands, window, lambda: review.go_to(0), lambda: in_sight(0))
                    _settle(hands, window)
                    seconds[name].append(_turn(hands, window, review.next, lambda: in_sight(1)))
                    back[name].append(_turn(hands, window, review.previous, lambda: in_sight(0)))
                for what, times in (("next", seconds), ("back at once to the previous", back)):
                    for name, taken in times.items():
                        print(f"{what} entry, {name}: {statistics.median(taken):.2f} s (of {TURNS}, up to {max(taken):.2f} s)", flush=True)
    del application


def _settle(hands, window) -> None:
    """What is read ahead has been read; a person looks at an entry for longer."""
    from PySide6 import QtTest

    QtTest.QTest.qWait(1000)
    hands.wait(lambda: not window.engine.client.pending, "what is read ahead", 300)


def _turn(hands, window, go, is_there) -> float:
    began = time.perf_counter()
    go()
    hands.wait(is_there, "the entry", 300)
    # Painted as well.
    window.window.grab()
    return time.perf_counter() - began


def _make_list(folder: Path, settings, rows: Path) -> None:
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.demo.identity import COLLECTION_ID
    from IDCBrowserLib.review.new_list import make_list
    from IDCBrowserLib.selection.resolve import resolve
    from IDCBrowserLib.task import Task

    with Catalog(extra_sources=[rows]) as catalog:
        make_list(catalog, resolve(catalog, [COLLECTION_ID]), folder / "list.idcreview", settings, "images", Task())


if __name__ == "__main__":
    main()
