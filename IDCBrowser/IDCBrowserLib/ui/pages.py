"""The pages beside "Browse": each a widget over the browser, in a tab of its own.

A page is added by writing its class in a file of its own and naming it in ``make_pages``. It draws what controllers of the browser say and
calls their methods; it holds no state that another page would need.
"""

from __future__ import annotations

from typing import Protocol

from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.changes.changes_page import ChangesPage
from IDCBrowserLib.ui.dose.dose_page import DosePage
from IDCBrowserLib.ui.downloads.downloads_page import DownloadsPage
from IDCBrowserLib.ui.finding.query_page import QueryPage
from IDCBrowserLib.ui.finding.searches_page import SearchesPage
from IDCBrowserLib.ui.help_page import HelpPage
from IDCBrowserLib.ui.picking.cart_page import CartPage
from IDCBrowserLib.ui.reports.reports_page import ReportsPage
from IDCBrowserLib.ui.review.review_page import ReviewPage
from IDCBrowserLib.ui.settings.settings_page import SettingsPage
from IDCBrowserLib.ui.storage.storage_page import StoragePage
from IDCBrowserLib.ui.summary.summary_page import SummaryPage


class Page(Protocol):
    """``name`` is what ``Browser.show_page`` takes; ``heading_changed(str)`` tells a new text of the tab, such as "Cart (3)"."""

    name: str
    heading_changed: Signal[str]

    @property
    def widget(self) -> QtWidgets.QWidget:
        """For the tab."""

    def heading(self) -> str:
        """Text of the tab; ``&`` marks its key. Without one there is no tab: the page has nothing to show yet."""

    def shown(self) -> None:
        """It came into sight: what may have changed meanwhile is asked for again."""

    def disconnect(self) -> None:
        """Stop listening to the browser."""


def make_pages(browser: Browser) -> list[Page]:
    """From left to right."""
    return [
        SummaryPage(browser),
        CartPage(browser),
        DownloadsPage(browser),
        ReviewPage(browser),
        ReportsPage(browser),
        DosePage(browser),
        StoragePage(browser),
        SearchesPage(browser),
        ChangesPage(browser),
        QueryPage(browser),
        SettingsPage(browser),
        HelpPage(browser),
    ]
