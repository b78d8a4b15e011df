"""The page "Settings": sections one above the other. A section is added by writing its class in a file of its own and naming it here."""

from __future__ import annotations

from typing import Protocol

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.settings.indices_section import IndicesSection
from IDCBrowserLib.ui.settings.language_section import LanguageSection
from IDCBrowserLib.ui.settings.settings_transfer import DownloadSection, NetworkSection
from IDCBrowserLib.ui.settings.views_section import ViewsSection
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, scrolled

_MARGIN = 6


class Section(Protocol):
    """Methods as of a ``pages.Page``."""

    @property
    def widget(self) -> QtWidgets.QWidget:
        """A group box."""

    def shown(self) -> None:
        """The page came into sight."""

    def disconnect(self) -> None:
        """Stop listening to the browser."""


def make_sections(browser: Browser) -> list[Section]:
    """From top to bottom."""
    return [DownloadSection(browser), NetworkSection(browser), ViewsSection(browser), IndicesSection(browser), LanguageSection(browser)]


class SettingsPage:
    """See ``pages.Page``."""

    name = "settings"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self.sections = make_sections(browser)
        page = holder(column([*(section.widget for section in self.sections), None], _MARGIN), "settingsPage")
        page.setAccessibleName(_("Settings"))
        self.widget = scrolled(page, "settingsScroll")

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("Settin&gs")

    def shown(self) -> None:
        """See ``pages.Page``."""
        for section in self.sections:
            section.shown()

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        for section in self.sections:
            section.disconnect()
