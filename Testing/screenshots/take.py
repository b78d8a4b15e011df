"""The pictures of Resources/Screenshots, taken anew: ``make screenshots``. A person's way through the real window, on the real catalog.

The phantom patient's bucket serves the downloads and previews. ``take.py NAME...`` takes only those pictures; those of Slicer are taken in Slicer.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from helpers.hands import Hands
from helpers.themes import dark_palette
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.demo.world import World, open_world
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import make_window
from IDCBrowserLib.ui.widgets.building_blocks import column, holder

OUTPUT = Path(__file__).resolve().parents[2] / "Resources" / "Screenshots"
SMALL, LARGE, NARROW = (1280, 720), (1680, 1000), (340, 760)


class Studio:
    """The window, a person's hands on it, and the camera."""

    def __init__(self, world: World, folder: Path) -> None:
        self.application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["pictures"])
        config = replace(demo_config(world), settings_file=str(world.folder / "settings.ini"), download_folder=str(folder))
        self.hands = Hands(make_window(config))
        self.dock: QtWidgets.QWidget | None = None
        self.hands.program.show()
        self.size(*SMALL)
        self.hands.wait(lambda: self.hands.rows("collections") > 100, "the catalog")
        self.hands.wait(lambda: self.hands.program.views is not None, "the views")
        # Nothing is said about it after the first start.
        speed = self.hands.program.browser.speed
        self.hands.wait(lambda: not speed.is_waited_for, "fast browsing", 180)
        speed.changed.emit("")

    def size(self, width: int, height: int) -> None:
        self.hands.window.resize(width, height)
        self.settle()

    def settle(self, milliseconds: int = 600) -> None:
        QtTest.QTest.qWait(milliseconds)

    def take(self, name: str, widget: QtWidgets.QWidget | None = None) -> None:
        self.settle()
        picture = (widget or self.hands.window).grab()
        assert picture.save(str(OUTPUT / f"{name}.png"), "PNG")
        print(f"{name}.png {picture.width()} x {picture.height()}")

    def page(self, name: str) -> None:
        self.hands.program.browser.show_page(name)
        self.hands.program.browser.message.emit(None)
        self.settle()

    def find(self, level: str, text: str) -> None:
        """Select the only row that a filter leaves, or the first one that shows the text."""
        hands = self.hands
        hands.wait(lambda: hands.rows(level) > 0, level)
        self.settle(300)
        hands.click_row(level, hands.find_row(level, text) if text else 0)

    def choose(self, collection: str, case: str, study: str, series: str) -> None:
        self.page("browse")
        self.hands.type_into("collectionsFilter", collection)
        self.hands.wait(lambda: self.hands.rows("collections") == 1, collection)
        for level, text in (("collections", ""), ("cases", case), ("studies", study), ("series", series)):
            self.find(level, text)
        self.hands.wait(lambda: self.hands.selected_series() == 1, "the total")
        self.settle(2500)

    def wait_for_downloads(self) -> None:
        downloads = self.hands.program.browser.downloads
        self.hands.wait(lambda: downloads.state.running, "the download")
        self.hands.wait(lambda: not downloads.state.running, "its end", 180)


def empty(studio: Studio) -> None:
    studio.take("empty")


def searching(studio: Studio) -> None:
    studio.hands.type_into("searchBox", "lung nodule")
    search = studio.hands.program.browser.search
    studio.hands.wait(lambda: search.state.done and search.state.text == "lung nodule", "the hits")
    studio.take("searching")
    QtTest.QTest.keyClick(studio.hands.widget("searchBox"), QtCore.Qt.Key.Key_Escape)
    studio.hands.widget("searchBox").clear()
    studio.settle()


def filters(studio: Studio) -> None:
    studio.hands.press("filtersButton")
    studio.settle(1500)
    studio.hands.program.browser.filters.choose({"Modality": ["CT"]})
    studio.hands.wait(lambda: 0 < studio.hands.rows("collections") < 150 and studio.hands.program.browser.tables.is_settled, "what has CT")
    studio.settle(1000)
    studio.take("filters")
    studio.hands.program.browser.filters.reset()
    studio.hands.press("filtersButton")


def preview(studio: Studio) -> None:
    studio.size(*LARGE)
    studio.choose("demo_phantom", "DEMO-001", "CT Abdomen", "Abdomen 4.0")
    browser = studio.hands.program.browser
    (uid,) = browser.tables.selected_ids("series") or ("",)
    known = browser.thumbnails
    studio.hands.wait(lambda: (thumbnail := known.of(uid)) is not None and bool(thumbnail.file), "the thumbnail")
    studio.hands.wait(lambda: not studio.hands.widget("previewPicture").pixmap().isNull() and browser.statuses.of(uid).text, "the preview")
    studio.take("preview")


def dark(studio: Studio) -> None:
    light = studio.application.palette()
    studio.application.setPalette(dark_palette())
    studio.settle()
    studio.take("dark")
    studio.application.setPalette(light)


def demo(studio: Studio) -> None:
    studio.hands.select_all("studies")
    studio.hands.wait(lambda: studio.hands.rows("series") == 6, "six series")
    studio.hands.select_all("series")
    studio.hands.wait(lambda: "6 series" in studio.hands.widget("selectionTotal").text(), "the total")
    studio.hands.press("downloadAndLoadButton")
    studio.wait_for_downloads()
    studio.settle(4000)
    studio.page("browse")
    studio.hands.program.views.three_d.surfaces_button.click()
    studio.settle(6000)
    studio.take("demo")


def downloads(studio: Studio) -> None:
    if studio.hands.program.views.isVisible():
        studio.hands.trigger("viewsAction")
    studio.hands.program.segments.dock.hide()
    studio.size(*SMALL)
    studio.page("downloads")
    studio.take("downloads")


def storage(studio: Studio) -> None:
    studio.page("storage")
    studio.settle(2000)
    studio.take("storage")


def cart(studio: Studio) -> None:
    hands = studio.hands
    studio.page("browse")
    for collection in ("c4kc_kits", "nsclc_radiomics", "demo_phantom"):
        hands.type_into("collectionsFilter", collection)
        hands.wait(lambda name=collection: 0 < hands.rows("collections") < 5 and name in hands.cells("collections", 0), collection)
        studio.settle(300)
        studio.find("collections", "")
        hands.wait(lambda: hands.widget("addToCartButton").isEnabled(), "the selection")
        count = hands.program.browser.cart.state.count
        hands.press("addToCartButton")
        hands.wait(lambda before=count: hands.program.browser.cart.state.count > before, "it in the cart")
        studio.settle()
    studio.page("cart")
    hands.wait(lambda: "series" in hands.widget("cartTotal").text(), "the totals")
    studio.take("cart")


def sql(studio: Studio) -> None:
    studio.page("sql")
    editor = studio.hands.widget("sqlEditor")
    editor.setPlainText(
        "SELECT collection_id, count(DISTINCT PatientID) AS cases,\n       round(sum(series_size_MB) / 1000, 1) AS gigabytes\n"
        "FROM index WHERE Modality = 'RTSTRUCT'\nGROUP BY ALL ORDER BY cases DESC"
    )
    studio.hands.press("sqlRunButton")
    studio.settle(4000)
    studio.take("sql")


def summary(studio: Studio) -> None:
    studio.page("browse")
    studio.size(*SMALL)
    studio.hands.widget("collectionsFilter").clear()
    studio.hands.wait(lambda: studio.hands.rows("collections") > 100, "all collections")
    studio.page("summary")
    figures = studio.hands.program.browser.figures
    studio.hands.wait(lambda: figures.state.counts is not None and not figures.state.counting, "the figures")
    studio.take("summary")


def settings(studio: Studio) -> None:
    studio.page("settings")
    studio.take("settings")


def narrow(studio: Studio) -> None:
    """As in a dock, where the bar ends the panel."""
    studio.page("browse")
    panel = studio.hands.program.panel
    studio.dock = holder(column([panel.widget, panel.bar.widget]), "dock")
    studio.dock.resize(*NARROW)
    studio.dock.show()
    studio.settle(1000)
    studio.take("narrow", studio.dock)


PICTURES: tuple[Callable[[Studio], None], ...] = (
    empty,
    searching,
    filters,
    preview,
    dark,
    demo,
    downloads,
    storage,
    cart,
    sql,
    summary,
    settings,
    narrow,
)


def main(names: list[str]) -> None:
    """Take all pictures, or those named; later ones build on what earlier ones left on the screen."""
    # Settings, cache and data of the person who takes them stay out of the pictures.
    home = tempfile.mkdtemp(prefix="idc-browser-pictures-")
    os.environ["IDC_BROWSER_HOME"] = home
    folder = Path(tempfile.gettempdir()) / "IDC"
    world = open_world()
    studio = Studio(world, folder)
    try:
        for picture in PICTURES:
            if not names or picture.__name__ in names:
                picture(studio)
    finally:
        studio.hands.program.close()
        world.close()
        for used in (Path(home), folder):
            shutil.rmtree(used, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
