"""A text with links that can be read in the colors of the desktop, also when those change while the program runs."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets


class HtmlView(QtWidgets.QTextBrowser):
    """``show_html`` and ``show_text``; following a link is left to whoever connects ``anchorClicked``."""

    def __init__(self, name: str, accessible_name: str) -> None:
        super().__init__()
        self._shown_html = ""
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setOpenLinks(False)

    def show_html(self, html: str, stay: bool = False) -> None:
        """Other contents, from the top unless it is to ``stay`` at its place."""
        self._shown_html = html
        place = self.verticalScrollBar().property("value") if stay else 0
        # Qt writes the color of links into the text as it reads it, so a later palette does not reach them.
        color = self.property("palette").color(QtGui.QPalette.ColorRole.Link).name()
        self.setHtml(f"<style>a {{ color: {color} }}</style>{html}" if html else "")
        self.verticalScrollBar().setValue(place)

    def show_text(self, text: str) -> None:
        """Text as it is."""
        self._shown_html = ""
        self.setPlainText(text)

    def changeEvent(self, event: QtCore.QEvent) -> None:
        """See Qt."""
        QtWidgets.QTextBrowser.changeEvent(self, event)
        if event.type() == QtCore.QEvent.Type.PaletteChange and self._shown_html:
            self.show_html(self._shown_html, True)
