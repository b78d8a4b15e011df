"""The keys of the program in one table: what makes the actions, and what the page "Help" lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from IDCBrowserLib.i18n import language
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.views import view_action

EVERYWHERE = "everywhere"
TABLES = "tables"
SEARCH = "search"
PAGES = "pages"
CHARTS = "charts"
REVIEW = "review"
STANDALONE = "standalone"
VIEWS = "views"
THREE_D = "3d"
SLICER_VIEWS = "slicer views"
# Where a program around the panels has keys of its own.
WINDOW_PLACES = (STANDALONE, VIEWS, THREE_D)
SLICER_PLACES = (SLICER_VIEWS, THREE_D)


@dataclass(frozen=True)
class Shortcut:
    """``keys`` as ``QKeySequence`` reads them, "" for those that Qt itself handles and ``shown`` names."""

    where: str
    keys: str
    text: str
    shown: str = ""

    @property
    def label(self) -> str:
        """The keys as people read them."""
        return self.shown or self.keys


def shortcuts() -> Mapping[str, Shortcut]:
    """Every key by the name of what it does."""
    return _shortcuts_in(language())


@cache
def _shortcuts_in(_language: str) -> dict[str, Shortcut]:
    """Hundreds of actions look their keys up while a window is made."""
    return {
        "help": Shortcut(EVERYWHERE, "F1", _("Show this page")),
        "find": Shortcut(EVERYWHERE, "Ctrl+F", _("Go to the search box")),
        "open_manifest": Shortcut(EVERYWHERE, "Ctrl+M", _("Open a manifest")),
        "mnemonic": Shortcut(EVERYWHERE, "", _("Activate the control or table with this underlined letter"), _("Alt+letter")),
        "next": Shortcut(EVERYWHERE, "", _("Go to the next or previous control"), _("Tab, Shift+Tab")),
        "hits": Shortcut(SEARCH, "", _("Choose a search result"), _("Up, Down")),
        "pick": Shortcut(SEARCH, "", _("Show the search result in the tables"), _("Enter")),
        "close": Shortcut(SEARCH, "", _("Close the list"), _("Esc")),
        "enter": Shortcut(TABLES, "", _("Show what belongs to the selected rows"), _("Enter")),
        "back": Shortcut(TABLES, "Backspace", _("Go back to the table above")),
        "all": Shortcut(TABLES, "", _("Select all rows"), _("Ctrl+A")),
        "more": Shortcut(TABLES, "", _("Select more rows"), _("Shift+Up, Shift+Down, Ctrl+click")),
        "row_ends": Shortcut(TABLES, "", _("Go to the first or last cell of the row"), _("Home, End")),
        "table_ends": Shortcut(TABLES, "", _("Go to the first or last row"), _("Ctrl+Home, Ctrl+End")),
        "clear": Shortcut(TABLES, "Esc", _("Clear the selection")),
        "copy": Shortcut(TABLES, "Ctrl+C", _("Copy the selected rows as text")),
        "copy_csv": Shortcut(TABLES, "Ctrl+Alt+C", _("Copy the selected rows as CSV")),
        "save": Shortcut(TABLES, "Ctrl+Shift+S", _("Save all rows as a CSV file")),
        "cart": Shortcut(TABLES, "Ctrl+Shift+C", _("Add the selected rows to the cart")),
        "remove": Shortcut(TABLES, "Del", _("Remove the selected rows from this computer, after confirmation")),
        "viewer": Shortcut(TABLES, "Ctrl+Shift+V", _("Open the study or series in the web viewer")),
        "sort": Shortcut(TABLES, "Ctrl+T", _("Sort by the current column; press again to reverse the order")),
        "left": Shortcut(TABLES, "Ctrl+Shift+Left", _("Move the current column to the left")),
        "right": Shortcut(TABLES, "Ctrl+Shift+Right", _("Move the current column to the right")),
        "menu": Shortcut(TABLES, "", _("Choose columns, copy or save"), _("Menu key, Shift+F10")),
        "next_page": Shortcut(PAGES, "", _("Go to the next or previous page"), _("Ctrl+Tab, Ctrl+Shift+Tab")),
        "bars": Shortcut(CHARTS, "", _("Go from bar to bar"), _("Up, Down, Page Up, Page Down, Home, End")),
        "bar": Shortcut(CHARTS, "", _("Filter by the bar"), _("Enter, click")),
        "next_entry": Shortcut(REVIEW, "J", _("Go to the next entry")),
        "previous_entry": Shortcut(REVIEW, "K", _("Go to the previous entry")),
        "digits": Shortcut(REVIEW, "", _("Answer the question in bold; the next one follows"), _("0 to 9")),
        "open_folder": Shortcut(STANDALONE, "Ctrl+O", _("Open a DICOM folder")),
        "save_scene": Shortcut(STANDALONE, "Ctrl+S", _("Save the scene")),
        "quit": Shortcut(STANDALONE, "Ctrl+Q", _("Quit")),
        "slices": Shortcut(VIEWS, "", _("Scroll through the slices"), _("Up, Down, Page Up, Page Down")),
        "wheel": Shortcut(VIEWS, "", _("Scroll through the slices"), _("Mouse wheel")),
        "window_level": Shortcut(VIEWS, "", _("Change window and level"), _("Drag")),
        "zoom": Shortcut(VIEWS, "", _("Zoom"), _("Right drag, Ctrl+mouse wheel")),
        "pan": Shortcut(VIEWS, "", _("Move the slice"), _("Middle drag, Shift+drag")),
        "maximize": Shortcut(VIEWS, "", _("Enlarge a view, or show all again"), _("Double-click")),
        "reset_view": Shortcut(VIEWS, "", _("Fit the slice to the view"), _("R")),
        "rotate": Shortcut(THREE_D, "", _("Rotate"), _("Drag")),
        "zoom_3d": Shortcut(THREE_D, "", _("Zoom"), _("Right drag, mouse wheel")),
        "pan_3d": Shortcut(THREE_D, "", _("Move"), _("Middle drag, Shift+drag")),
        "maximize_3d": Shortcut(THREE_D, "", _("Enlarge the view, or show all again"), _("Double-click")),
        "slicer_slices": Shortcut(SLICER_VIEWS, "", _("Scroll through the slices"), _("Left, Right, mouse wheel")),
        "slicer_zoom": Shortcut(SLICER_VIEWS, "", _("Zoom"), _("Right drag, Ctrl+mouse wheel")),
        "slicer_pan": Shortcut(SLICER_VIEWS, "", _("Move the slice"), _("Middle drag, Shift+drag")),
        "slicer_maximize": Shortcut(SLICER_VIEWS, "", _("Enlarge a view, or show all again"), _("Double-click")),
        "slicer_reset": Shortcut(SLICER_VIEWS, "", _("Fit the slice to the view"), _("R")),
    }


def places(of_host: Sequence[str] = WINDOW_PLACES) -> dict[str, str]:
    """Headings for ``Shortcut.where``, in the order in which they are listed; of the places that not every host has, those of this one."""
    headings = {
        EVERYWHERE: _("Everywhere"),
        SEARCH: _("Search box"),
        TABLES: _("Tables"),
        PAGES: _("Tabs"),
        CHARTS: _("Charts"),
        REVIEW: _("Review list"),
        STANDALONE: _("Window"),
        VIEWS: _("Slice views"),
        SLICER_VIEWS: _("Slice views"),
        THREE_D: _("3D view"),
    }
    return {place: text for place, text in headings.items() if place in of_host or place not in (*WINDOW_PLACES, *SLICER_PLACES)}


def add_shortcut(
    widget: QtWidgets.QWidget, name: str, text: str, do: Callable[[], object], context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetShortcut
) -> QtGui.QAction:
    """An action of a widget with the keys of that name. Keep what is returned."""
    return view_action(widget, text, shortcuts()[name].keys, do, context)
