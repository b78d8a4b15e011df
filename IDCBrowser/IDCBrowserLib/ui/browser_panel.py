"""The whole browser as one widget: the page to browse, further pages in tabs beside it, a status line below, and messages over them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import Qt, QtWidgets, number_of
from IDCBrowserLib.ui.bottom_bar import BottomBar
from IDCBrowserLib.ui.browse_page import BrowsePage
from IDCBrowserLib.ui.failure_details import copy_failure
from IDCBrowserLib.ui.message_strip import MessageStrip
from IDCBrowserLib.ui.pages import Page, make_pages
from IDCBrowserLib.ui.widgets.arrangement import NARROWEST, Arrangement, SizedWidget, arrangement_for
from IDCBrowserLib.ui.widgets.building_blocks import column, steady
from IDCBrowserLib.ui.widgets.shortcuts import add_shortcut

BROWSE = "browse"
# Open while a blinded review list is.
_BLINDED = ("review", "settings", "help")
_MARGIN = 4
# The other pages have a row of buttons at their lower end.
_BUTTON_ROWS = 1.5


class BrowserPanel:
    """``widget`` goes into a window (standalone) or the central area (Slicer). Keep this object while the widget lives; ``close`` before it goes.

    ``bar`` is the last line of the widget, or with ``bar_apart`` for the program to place: below all that its window has.
    ``pages`` makes those beside the one to browse.
    """

    def __init__(self, browser: Browser, bar_apart: bool = False, pages: Callable[[Browser], list[Page]] = make_pages) -> None:
        self.browser = browser
        self.browse = BrowsePage(browser)
        self.tables, self.tabs = self.browse.tables, self.browse.tabs
        self.filters, self.results = self.browse.filters, self.browse.results
        self.bar = BottomBar(browser)
        self.selection = self.bar.selection
        self._bar_apart = bar_apart
        self.messages = MessageStrip(self._act, lambda sentence: copy_failure(browser, sentence))
        self.further = pages(browser)
        self.pages = self._make_pages()
        self._arrangement = Arrangement()
        self.widget = SizedWidget(self._resized)
        self.widget.setObjectName("browserPanel")
        # What is side by side now does not keep it from becoming so narrow that it is put one above the other.
        self.widget.setMinimumWidth(NARROWEST)
        layout = column([self.pages] if bar_apart else [self.pages, self.bar.widget], _MARGIN)
        layout.setSpacing(_MARGIN)
        layout.setStretch(0, 1)
        self.widget.setLayout(layout)
        self.browse.search.attach(self.widget)
        self.messages.widget.setParent(self.widget)
        self.help = add_shortcut(self.widget, "help", _("Help"), lambda: self.show_page("help"), Qt.ShortcutContext.WidgetWithChildrenShortcut)
        browser.message.connect(self.show_message)
        browser.page_wanted.connect(self.show_page)
        browser.review.changed.connect(self._review_changed)
        self._application = cast("QtWidgets.QApplication", QtWidgets.QApplication.instance())
        self._application.applicationStateChanged.connect(self._application_state_changed)

    def close(self) -> None:
        """Remember how it was left, and stop listening to the browser."""
        self.browse.close()
        self.bar.disconnect()
        self.messages.close()
        self.browser.message.disconnect(self.show_message)
        self._application.applicationStateChanged.disconnect(self._application_state_changed)
        self.browser.page_wanted.disconnect(self.show_page)
        self.browser.review.changed.disconnect(self._review_changed)
        for page in self.further:
            page.disconnect()

    def show_page(self, name: str) -> None:
        """Bring a page to the front: "browse", or the name of another one."""
        names = [BROWSE, *(page.name for page in self.further)]
        if name in names and not (self.browser.review.state.is_blinded and name not in _BLINDED):
            self.pages.setCurrentIndex(names.index(name))

    def show_message(self, message: Message | None) -> None:
        """A message of the browser, or of the program around the panel; None hides it."""
        self._place_messages()
        self.messages.show(message)

    def _resized(self, width: int, height: int) -> None:
        wanted = arrangement_for(width, height)
        if wanted != self._arrangement:
            self._arrangement = wanted
            self.browse.arrange(wanted)
        self._place_messages(width, height)

    def _place_messages(self, width: int = 0, height: int = 0) -> None:
        """Above the buttons at the lower end of the page in sight."""
        is_browsing = int(self.pages.property("currentIndex")) == 0
        buttons = 0 if is_browsing else int(_BUTTON_ROWS * self.bar.status.widget.property("height"))
        below = _MARGIN + buttons + (0 if self._bar_apart else self.bar.height() + _MARGIN)
        self.messages.place(width or int(self.widget.property("width")), (height or int(self.widget.property("height"))) - below)

    def _make_pages(self) -> QtWidgets.QTabWidget:
        pages = QtWidgets.QTabWidget()
        pages.setObjectName("pages")
        pages.setDocumentMode(True)
        pages.setTabBarAutoHide(True)
        pages.addTab(steady(self.browse.widget, "browseArea"), _("&Browse"))
        for number, page in enumerate(self.further, 1):
            pages.addTab(steady(page.widget, f"{page.name}Area"), page.heading())
            pages.setTabVisible(number, bool(page.heading()))
            page.heading_changed.connect(partial(_set_heading, pages, number))
        pages.currentChanged.connect(self._page_shown)
        return pages

    def _page_shown(self, number: int) -> None:
        self.bar.show_selection(number == 0)
        self._place_messages()
        if number > 0:
            self.further[number - 1].shown()
        else:
            self.browser.statuses_in_sight.refresh()

    def _application_state_changed(self, state: Qt.ApplicationState) -> None:
        """Back from another program, such as one for files: what is in sight is asked for again."""
        if number_of(state) == number_of(Qt.ApplicationState.ApplicationActive):
            self._page_shown(int(self.pages.property("currentIndex")))

    def _review_changed(self) -> None:
        """Pages that say who made segmentations are closed while a blinded list is open."""
        is_blinded = self.browser.review.state.is_blinded
        for number, name in enumerate([BROWSE, *(page.name for page in self.further)]):
            self.pages.setTabEnabled(number, not is_blinded or name in _BLINDED)

    def _act(self, action: str) -> None:
        if action == "restart":
            self.browser.restart_engine()
        else:
            self.show_page(action)


def _set_heading(pages: QtWidgets.QTabWidget, number: int, heading: str) -> None:
    pages.setTabText(number, heading)
    pages.setTabVisible(number, bool(heading))
