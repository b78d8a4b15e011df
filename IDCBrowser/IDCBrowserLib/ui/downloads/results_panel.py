"""What became of each series of the download that ended last."""

from __future__ import annotations

from html import escape

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.source_text import unresolved_outcomes
from IDCBrowserLib.logic.base.state import Kind, Message, PlanState, SeriesOutcome
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.picking.working_set import missing_outcomes
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.failure_details import copy_details_button, copy_failure
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, row
from IDCBrowserLib.ui.widgets.icons import kind_file

_MAX_ENTRIES = 200
_ICON_PIXELS = 14
_RANK = {Kind.ERROR: 0, Kind.WARNING: 1, Kind.INFO: 2, Kind.SUCCESS: 3}


class ResultsPanel:
    """A text that can be copied, failures first: of the last download, or what a manifest just opened names in vain."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._text = QtWidgets.QTextBrowser()
        self._text.setObjectName("results")
        self._text.setAccessibleName(_("Results"))
        self._text.setPlaceholderText(_("The result for each series of a download appears here."))
        self._copy = copy_details_button("resultsCopy")
        self._copy.hide()
        layout = column([self._text, row([self._copy, None])])
        layout.setStretch(0, 1)
        self.widget = holder(layout, "resultsPanel")
        self._failures = ""
        self._copy.clicked.connect(lambda: copy_failure(browser, self._failures))
        browser.downloads.ended.connect(self._draw)
        browser.downloads.results_left.connect(self._leave)
        browser.plan.changed.connect(self._draw_plan)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.downloads.ended.disconnect(self._draw)
        self._browser.downloads.results_left.disconnect(self._leave)
        self._browser.plan.changed.disconnect(self._draw_plan)

    def _draw_plan(self, state: PlanState) -> None:
        if state.sources:
            self.show(() if state.document is None else unresolved_outcomes(state.document))
        else:
            self.show(self._browser.downloads.results)

    def show_missing(self) -> None:
        """What the working set names in vain."""
        self.show(missing_outcomes(self._browser.working_set.state))

    def _leave(self) -> None:
        self.show(())

    def _draw(self, _message: Message) -> None:
        self.show(self._browser.downloads.results)

    def show(self, outcomes: tuple[SeriesOutcome, ...]) -> None:
        """Draw these; failures can be copied with what led to them."""
        self._text.setHtml(results_html(outcomes))
        failed = [outcome for outcome in outcomes if outcome.kind is Kind.ERROR]
        self._failures = "\n".join(f"{outcome.series_uid or outcome.label}: {outcome.text}" for outcome in failed[:_MAX_ENTRIES])
        self._copy.setVisible(bool(failed))


def results_html(outcomes: tuple[SeriesOutcome, ...]) -> str:
    """The outcomes as HTML; everything in them is escaped."""
    ordered = sorted(outcomes, key=lambda outcome: _RANK[outcome.kind])
    parts = [_entry(outcome) for outcome in ordered[:_MAX_ENTRIES]]
    if len(ordered) > _MAX_ENTRIES:
        parts.append("<p>" + escape(_("... and {count} more").format(count=f"{len(ordered) - _MAX_ENTRIES:,}")) + "</p>")
    return "".join(parts)


def _entry(outcome: SeriesOutcome) -> str:
    words = {Kind.SUCCESS: _("Done"), Kind.INFO: _("Note"), Kind.WARNING: _("Warning"), Kind.ERROR: _("Failed")}
    url = escape(QtCore.QUrl.fromLocalFile(kind_file(outcome.kind)).toString())
    return (
        f"<p style='margin-top:0; margin-bottom:6px'><img src='{url}' width='{_ICON_PIXELS}' height='{_ICON_PIXELS}'> "
        f"<b>{escape(words[outcome.kind])}: {escape(outcome.label)}</b><br>{escape(outcome.text)}</p>"
    )
