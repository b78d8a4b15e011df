"""The box "Find a filter or a value" on top of the filters, and what it finds."""

from __future__ import annotations

from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.finding.filter_finder import FilterFinder, FinderState, FoundFilter
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.widgets.building_blocks import label, line_edit
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.views import view_action

_PAUSE_MS = 120
_LONGEST = 500


class FilterFinderPanel:
    """``box``, ``note`` and ``found`` are for layouts; ``searching(on)`` when ``found`` is wanted in the place of the facets, or not."""

    def __init__(self, finder: FilterFinder) -> None:
        self._finder = finder
        self._shown: tuple[FoundFilter, ...] = ()
        self.searching: Signal[bool] = Signal()
        self._is_writing = False
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        tip = _(
            "A filter, a value or several of them, such as: chest, CT, nodule, by a person, commercial use, slices up to 1.25 mm. "
            "Press Enter to use them."
        )
        self.box = line_edit("findFilter", _("Find a filter or a value"), tip, _("Find a filter or a value"), _LONGEST)
        self.box.setClearButtonEnabled(True)
        self._list = QtWidgets.QListWidget()
        self._list.setObjectName("foundFilters")
        self._list.setAccessibleName(_("Filters and values that were found"))
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.note = label("findFilterNote", "", True)
        self.note.hide()
        self.found = self._list
        self.box.textChanged.connect(self._typed)
        self.box.returnPressed.connect(self._enter)
        self._list.itemClicked.connect(self._picked)
        self._list.itemActivated.connect(self._picked)
        self._actions = [
            view_action(self.box, _("Go to what was found"), "Down", self._to_list),
            view_action(self.box, _("Clear"), "Esc", self._clear),
            view_action(self._list, _("Back to the box"), "Esc", self._clear),
        ]
        finder.changed.connect(self._draw)

    def disconnect(self) -> None:
        """Stop listening; call it before the widget goes."""
        self._timer.stop()
        self._timer.timeout.disconnect(self._look)
        self._finder.changed.disconnect(self._draw)

    def _typed(self, text: str) -> None:
        if self._is_writing:
            return
        if text.strip():
            self._timer.start(_PAUSE_MS)
        else:
            self._timer.stop()
            self._finder.look_for("")

    def _look(self) -> None:
        self._finder.look_for(str(self.box.property("text")))

    def _enter(self) -> None:
        self._timer.stop()
        text = str(self.box.property("text")).strip()
        if text:
            self._finder.add_all(text)

    def _picked(self, _item: QtWidgets.QListWidgetItem) -> None:
        number = int(self._list.property("currentRow"))
        if 0 <= number < len(self._shown):
            self._write("")
            self._finder.pick(self._shown[number])

    def _to_list(self) -> None:
        if self._shown:
            self._list.setFocus()
            self._list.setCurrentRow(0)

    def _clear(self) -> None:
        self._write("")
        self._finder.look_for("")
        self.box.setFocus()

    def _write(self, text: str) -> None:
        # Its signals are not blocked: the box itself hides its button to clear it by them.
        self._is_writing = True
        self.box.setText(text)
        self._is_writing = False

    def _draw(self, state: FinderState) -> None:
        self._shown = state.found
        self._list.clear()
        for item in state.found:
            text = item.text if item.series is None else f"{item.text}  {local_number(f'{item.series:,}')}"
            made = QtWidgets.QListWidgetItem(text, self._list)
            made.setToolTip(plain(text))
        self.note.setText(_("Searching...") if state.done is None else state.note)
        self.note.setVisible(state.done is None or bool(state.note))
        if state.done and not state.found and state.text != self.box.property("text"):
            # What was understood goes out of the box; the rest stays.
            self._write(state.text)
        self.searching.emit(bool(state.text))
