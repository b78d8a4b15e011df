"""What is known about the row selected last, beside a picture of it."""

from __future__ import annotations

from IDCBrowserLib.api.catalog import Details
from IDCBrowserLib.catalog.about.links import QUPATH_SCHEME
from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import DetailsState, Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.details.clinical import ClinicalState
from IDCBrowserLib.logic.details.details_text import (
    CLINICAL_LINK,
    COPY_LINK,
    FETCH_SCHEME,
    LEVEL_SCHEME,
    LINK_SCHEMES,
    LOAD_LEVEL_SCHEME,
    ShownDetails,
    details_html,
    details_text,
    with_clinical_data,
)
from IDCBrowserLib.logic.settings.side_fetch import FetchState
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.details.preview_panel import PreviewPanel
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, label
from IDCBrowserLib.ui.widgets.html_view import HtmlView
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.turning_splitter import TurningSplitter

# Of picture and text, one above the other and beside each other.
_HEIGHTS, _WIDTHS = (320, 240), (130, 190)


class DetailsPanel:
    """Draws ``browser.details.state`` as text that can be copied, with ``browser.preview``; links open outside this program.

    ``toggle`` is the box that shows and hides pictures.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.text = self._make_text()
        self.preview = PreviewPanel(browser.preview, browser.leafing)
        self._parts = TurningSplitter("detailsSplitter", [self.preview.widget, self.text], Qt.Orientation.Vertical, _HEIGHTS, _WIDTHS)
        self._parts.widget.setStretchFactor(0, 0)
        self._parts.widget.setStretchFactor(1, 1)
        self._fetching = label("detailsFetching", "", True)
        self._fetching.hide()
        layout = column([self._parts.widget, self._fetching])
        layout.setStretch(0, 1)
        self.widget = holder(layout, "detailsPanel")
        self.toggle = QtWidgets.QCheckBox(_("Pre&view"))
        self.toggle.setObjectName("showPreview")
        self.toggle.setToolTip(
            plain(_("Show a preview of the selected series and thumbnails of those in sight. One image of each is downloaded for this."))
        )
        self.toggle.setChecked(browser.preview.enabled)
        self.toggle.toggled.connect(self._show_toggled)
        self._copy = QtGui.QAction(_("Copy the details"), self.text)
        self._copy.setObjectName("copyDetails")
        self._copy.setShortcut(QtGui.QKeySequence("Ctrl+Shift+C"))
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy.triggered.connect(self._copy_text)
        self.text.addAction(self._copy)
        browser.details.changed.connect(self._draw)
        browser.side_fetch.changed.connect(self._draw_fetch)
        browser.clinical.changed.connect(self._draw_clinical)
        self._draw(browser.details.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self.preview.disconnect()
        self._browser.details.changed.disconnect(self._draw)
        self._browser.side_fetch.changed.disconnect(self._draw_fetch)
        self._browser.clinical.changed.disconnect(self._draw_clinical)

    def arrange(self, narrow: bool) -> None:
        """The picture above the text, or beside it in a dock."""
        self._parts.turn(narrow)

    def restore(self, settings: Settings) -> None:
        """Sizes of picture and text as they were left."""
        self._parts.restore(settings)

    def save(self, settings: Settings) -> None:
        """Remember them."""
        self._parts.save(settings)

    def _make_text(self) -> HtmlView:
        text = HtmlView("details", _("Details"))
        text.setPlaceholderText(_("Select a row to see its details."))
        text.anchorClicked.connect(self._open)
        return text

    def _draw(self, state: DetailsState) -> None:
        if state.error:
            self.text.show_text(state.error)
        elif state.document is not None:
            self.text.show_html(details_html(self._shown(state.document)))
        elif not state.id:
            self.text.show_text("")
        # While loading, the former details stay: no flicker.

    def _shown(self, document: Details) -> ShownDetails:
        """The details, with the clinical data of a case."""
        return with_clinical_data(document, self._browser.clinical.state)

    def _draw_clinical(self, _state: ClinicalState) -> None:
        if self._browser.details.state.level == "cases" and self._browser.details.state.document is not None:
            self.text.show_html(details_html(self._shown(self._browser.details.state.document)), True)

    def _draw_fetch(self, state: FetchState) -> None:
        """How far an index file is, or why it did not come; where it is here, the details say so themselves."""
        document = self._browser.details.state.document
        wanted = document is not None and state.name in document["missing_indices"]
        self._fetching.setText(state.text)
        self._fetching.setVisible(bool(state.text) and (state.running or wanted))

    def _open(self, url: QtCore.QUrl) -> None:
        address = url.toString()
        if address == COPY_LINK:
            self._copy_text()
        elif address == CLINICAL_LINK:
            self._browser.clinical.fetch()
        elif address.startswith(FETCH_SCHEME):
            self._browser.side_fetch.fetch(address.removeprefix(FETCH_SCHEME))
        elif address.startswith((LEVEL_SCHEME, LOAD_LEVEL_SCHEME)):
            self._browser.slide_files.download_level(int(address.rpartition(":")[2]), address.startswith(LOAD_LEVEL_SCHEME))
        elif address == QUPATH_SCHEME:
            self._browser.slide_files.show_in_qupath()
        elif address.lower().startswith(LINK_SCHEMES):
            self._browser.host.open_url(address)

    def _show_toggled(self, checked: bool) -> None:
        self._browser.details.show_pictures(bool(checked))

    def _copy_text(self) -> None:
        if self._browser.details.state.document is not None:
            QtWidgets.QApplication.clipboard().setText(details_text(self._shown(self._browser.details.state.document)))
            self._browser.message.emit(Message(Kind.INFO, _("Details copied to the clipboard.")))
