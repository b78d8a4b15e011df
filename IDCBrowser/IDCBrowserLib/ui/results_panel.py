"""What became of each series of the last job."""

from __future__ import annotations

from IDCBrowserLib.ui.browser import Browser
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.icons import kind_icon
from IDCBrowserLib.ui.qtbinding import QtWidgets
from IDCBrowserLib.ui.state import JobState, Kind, SeriesOutcome

_MAX_ROWS = 2000
_RANK = {Kind.ERROR: 0, Kind.WARNING: 1, Kind.INFO: 2, Kind.SUCCESS: 3}


class ResultsPanel:
    """A list with the failures first; filled when the job ends."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.widget = QtWidgets.QTreeWidget()
        self.widget.setObjectName("results")
        self.widget.setAccessibleName(_("Results"))
        self.widget.setColumnCount(3)
        self.widget.setHeaderLabels([_("Result"), _("Series"), _("What happened")])
        self.widget.setRootIsDecorated(False)
        self.widget.setUniformRowHeights(True)
        self.widget.setAlternatingRowColors(True)
        width = self.widget.fontMetrics().averageCharWidth()
        for number, characters in enumerate((14, 34)):
            self.widget.header().resizeSection(number, characters * width)
        browser.job.changed.connect(self._draw)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.job.changed.disconnect(self._draw)

    def _draw(self, state: JobState) -> None:
        if state.running and state.step > 1:
            return
        self.widget.clear()
        outcomes = sorted(state.outcomes, key=lambda outcome: _RANK[outcome.kind])
        for outcome in outcomes[:_MAX_ROWS]:
            self.widget.addTopLevelItem(_item(outcome))
        if len(outcomes) > _MAX_ROWS:
            text = _("... and {count} more").format(count=f"{len(outcomes) - _MAX_ROWS:,}")
            self.widget.addTopLevelItem(_item(SeriesOutcome("", "", outcomes[-1].kind, text)))


def _item(outcome: SeriesOutcome) -> QtWidgets.QTreeWidgetItem:
    words = {Kind.SUCCESS: _("Done"), Kind.INFO: _("Note"), Kind.WARNING: _("Attention"), Kind.ERROR: _("Failed")}
    item = QtWidgets.QTreeWidgetItem()
    item.setIcon(0, kind_icon(outcome.kind))
    for number, text in enumerate((words[outcome.kind], outcome.label, outcome.text)):
        item.setText(number, text)
        item.setToolTip(number, text)
    return item
