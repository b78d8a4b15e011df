"""What is known about the row selected last."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from IDCBrowserLib.ui.browser import Browser
from IDCBrowserLib.ui.columns import EMPTY
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import QtWidgets
from IDCBrowserLib.ui.state import DetailsState

_LINK_SCHEMES = ("https://", "http://")


class DetailsPanel:
    """Draws ``browser.details`` as text that can be copied; links open outside this program."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.widget = QtWidgets.QTextBrowser()
        self.widget.setObjectName("details")
        self.widget.setAccessibleName(_("Details"))
        self.widget.setOpenLinks(False)
        self.widget.setPlaceholderText(_("Details of what you select appear here."))
        self.widget.anchorClicked.connect(self._open)
        browser.details_changed.connect(self._draw)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.details_changed.disconnect(self._draw)

    def _draw(self, state: DetailsState) -> None:
        if state.error:
            self.widget.setPlainText(state.error)
        elif state.document is not None:
            self.widget.setHtml(details_html(state.document))
        elif not state.id:
            self.widget.setPlainText("")
        # While loading, the former details stay: no flicker.

    def _open(self, url: Any) -> None:
        self._browser.host.open_url(url.toString())


def details_html(document: Mapping[str, Any]) -> str:
    """The document of ``catalog.details`` as HTML; everything in it is escaped, and only web addresses become links."""
    parts = [f"<p><b>{escape(str(document.get('title') or ''))}</b></p>"]
    rows = "".join(
        f"<tr><td style='padding-right:12px'>{escape(str(name))}</td><td>{escape(_value(value))}</td></tr>"
        for name, value in document.get("items", ())
    )
    if rows:
        parts.append(f"<table cellspacing='0' cellpadding='1'>{rows}</table>")
    links = [(str(name), str(url)) for name, url in document.get("links", ()) if str(url).lower().startswith(_LINK_SCHEMES)]
    if links:
        parts.append("<p>" + " &nbsp; ".join(f"<a href='{escape(url)}'>{escape(name)}</a>" for name, url in links) + "</p>")
    if document.get("text"):
        parts += [f"<p>{escape(part)}</p>" for part in str(document["text"]).split("\n") if part.strip()]
    return "".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or EMPTY
    return EMPTY if value is None or value == "" else str(value)
