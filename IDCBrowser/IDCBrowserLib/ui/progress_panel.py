"""How far the job is, and the button that stops it."""

from __future__ import annotations

from IDCBrowserLib.ui.browser import Browser
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import QtWidgets
from IDCBrowserLib.ui.state import JobState
from IDCBrowserLib.ui.widgets import button, column, label, row

_STEPS = 1000


class ProgressPanel:
    """Visible while a job runs."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._title = label("progressTitle", "", True)
        self._text = label("progressText", "", True)
        self._bar = QtWidgets.QProgressBar()
        self._bar.setObjectName("progressBar")
        self._bar.setAccessibleName(_("Progress"))
        self._cancel = button("cancelButton", _("Ca&ncel"), _("Stop; what has arrived completely stays."))
        bar_row = row([self._bar, self._cancel])
        bar_row.setStretch(0, 1)
        self.widget = QtWidgets.QWidget()
        self.widget.setObjectName("progressPanel")
        self.widget.setLayout(column([self._title, bar_row, self._text]))
        self._cancel.clicked.connect(browser.job.cancel)
        browser.job.changed.connect(self._draw)
        self._draw(browser.job.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.job.changed.disconnect(self._draw)

    def _draw(self, state: JobState) -> None:
        self.widget.setVisible(state.running)
        if not state.running:
            return
        self._title.setText(_("Step {step} of {steps}: {title}").format(step=state.step, steps=state.steps, title=state.title))
        self._text.setText(state.text or " ")
        # In thousandths, since bytes do not fit into the bar's 32 bits; without a total the bar shows only that work goes on.
        self._bar.setRange(0, 0 if state.fraction is None else _STEPS)
        if state.fraction is not None:
            self._bar.setValue(int(state.fraction * _STEPS))
        self._cancel.setEnabled(not state.cancelling)
