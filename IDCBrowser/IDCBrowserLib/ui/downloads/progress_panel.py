"""How far the download in front is, how many wait, and the buttons that show what is here of it, let it rest or stop it."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.progress_text import with_waiting
from IDCBrowserLib.logic.base.state import ProgressState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.downloads.download_state import pause_text
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.widgets.building_blocks import button, holder, row
from IDCBrowserLib.ui.widgets.eliding_label import LineLabel

_STEPS = 1000
_BAR_LEAST, _BAR_WIDTH = 60, 220


class ProgressPanel:
    """``widget`` is one line; ``shown_changed(on)`` when a download begins or the last one has ended."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.shown_changed: Signal[bool] = Signal()
        self._title = LineLabel("progressTitle")
        self._text = LineLabel("progressText")
        self._bar = QtWidgets.QProgressBar()
        self._bar.setObjectName("progressBar")
        self._bar.setAccessibleName(_("Progress"))
        self._show = button("showSlicesButton", _("Show"), _("Show the slices downloaded so far in the views; the rest follows."))
        self._show.hide()
        self._pause = button("pauseButton", _("Pause"), _("Pause this download; the others continue."))
        self._cancel = button("cancelButton", _("Ca&ncel"), _("Cancel this download. Complete files are kept."))
        self._bar.setMinimumWidth(_BAR_LEAST)
        self._bar.setMaximumWidth(_BAR_WIDTH)
        layout = row([self._title, self._bar, self._text, self._show, self._pause, self._cancel])
        # Both texts yield alike; the buttons stay at the end.
        layout.setStretch(0, 1)
        layout.setStretch(2, 1)
        self.widget = holder(layout, "progressPanel")
        self._show.clicked.connect(browser.downloads.first_slices.show)
        browser.downloads.first_slices.changed.connect(self._draw_again)
        self._pause.clicked.connect(browser.downloads.pause_or_resume)
        self._cancel.clicked.connect(browser.downloads.cancel)
        browser.downloads.changed.connect(self._draw)
        self._draw(browser.downloads.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.downloads.changed.disconnect(self._draw)
        self._browser.downloads.first_slices.changed.disconnect(self._draw_again)

    def _draw_again(self) -> None:
        self._draw(self._browser.downloads.state)

    def _draw(self, state: ProgressState) -> None:
        self.shown_changed.emit(state.running)
        front = self._browser.downloads.front
        if not state.running or front is None:
            return
        title = _("Step {step} of {steps}: {title}").format(step=state.step, steps=state.steps, title=state.title)
        self._title.say(with_waiting(title, self._browser.downloads.waiting))
        slices = self._browser.downloads.first_slices
        self._text.say(", ".join(filter(None, (slices.text, state.text))) or " ")
        self._show.setVisible(slices.can_show)
        # In thousandths, since bytes do not fit into the bar's 32 bits; without a total the bar shows only that work goes on.
        self._bar.setRange(0, 0 if state.fraction is None else _STEPS)
        if state.fraction is not None:
            self._bar.setValue(int(state.fraction * _STEPS))
        self._pause.setText(pause_text(front.row))
        self._pause.setEnabled(front.row.can_pause_or_resume)
        self._cancel.setEnabled(not state.cancelling)
