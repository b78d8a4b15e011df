"""The segments of a SEG as a list with boxes, before it is decoded or downloaded."""

from __future__ import annotations

from collections.abc import Iterable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.choosing import SegmentChoosing
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button, column, label, line_edit, row, small_button
from IDCBrowserLib.ui.widgets.icons import swatch
from IDCBrowserLib.ui.widgets.views import outline_boxes
from IDCBrowserLib.wording import human_size

_LONGEST_SEARCH = 200


class ChooseSegments:
    """``dialog``, shown beside the window's work; keep this object while it is open."""

    def __init__(self, choosing: SegmentChoosing, parent: QtWidgets.QWidget) -> None:
        self._choosing = choosing
        # Number, and whether it is loaded.
        self._rows: list[tuple[int, bool]] = []
        self.dialog = QtWidgets.QDialog(parent)
        self.dialog.setObjectName("chooseSegments")
        self.dialog.setWindowTitle(_("Choose segments"))
        self.search = line_edit("chooseSearch", _("Search segments"), _("Words of a name or code"), _("Search segments"), _LONGEST_SEARCH)
        self.all = small_button("chooseAll", _("All"), _("Check all segments that are listed."))
        self.none = small_button("chooseNone", _("None"), _("Uncheck all segments that are listed."))
        self.list = QtWidgets.QListWidget()
        self.list.setObjectName("chooseList")
        self.list.setAccessibleName(_("Segments"))
        outline_boxes(self.list)
        self.about = label("chooseAbout", "", True)
        self.load = button("chooseLoad", _("&Load chosen"), _("Put the checked segments into the views; only their frames are decoded."))
        self.close_button = button("chooseClose", _("Close"), "")
        layout = column([row([self.search, self.all, self.none]), self.list, self.about, row([None, self.load, self.close_button])], margin=9)
        self.dialog.setLayout(layout)
        self.dialog.resize(460, 520)
        self.search.textChanged.connect(self._search)
        self.all.clicked.connect(lambda: self._check_listed(True))
        self.none.clicked.connect(lambda: self._check_listed(False))
        self.list.itemChanged.connect(lambda _item: self._tell())
        self.load.clicked.connect(choosing.load)
        self.close_button.clicked.connect(self.dialog.reject)
        self.dialog.finished.connect(lambda _code: choosing.cancel())
        choosing.changed.connect(self.draw)
        choosing.loaded.connect(self._loaded)

    def open(self, series_uid: str, loaded: Iterable[int] = ()) -> None:
        """Show it for a series, of which these segments are in the scene."""
        self.search.setText("")
        self._choosing.open(series_uid, loaded)
        self.dialog.show()
        self.dialog.raise_()

    def close(self) -> None:
        """Listen no more."""
        self._choosing.changed.disconnect(self.draw)
        self._choosing.loaded.disconnect(self._loaded)
        self.dialog.close()

    def draw(self) -> None:
        """What is known, and what is going on."""
        state = self._choosing.state
        # The same series may be opened again when other segments of it are loaded.
        rows = [(one["number"], one["number"] in state.loaded) for one in state.offered]
        if rows != self._rows:
            self._rows = rows
            self._fill()
        self.about.setText(state.text)
        self.load.setEnabled(state.can_load)
        self.list.setEnabled(not state.loading)

    def checked(self) -> list[int]:
        """Numbers of the segments whose boxes are checked."""
        return [number for place, (number, _loaded) in enumerate(self._rows) if self.list.item(place).checkState() == Qt.CheckState.Checked]

    def _loaded(self, _text: str) -> None:
        self.dialog.accept()

    def _fill(self) -> None:
        state = self._choosing.state
        self.list.blockSignals(True)
        self.list.clear()
        for one in state.offered:
            size = "" if not one["bytes"] else f", {human_size(one['bytes'])}"
            meaning = f" ({one['meaning'][:80]})" if one["meaning"] and one["meaning"] != one["name"] else ""
            item = QtWidgets.QListWidgetItem(f"{one['number']}: {one['name'][:200]}{meaning}{size}")
            item.setIcon(swatch(one["color"]))
            is_loaded = one["number"] in state.loaded
            item.setCheckState(Qt.CheckState.Checked if is_loaded or one["number"] in state.chosen else Qt.CheckState.Unchecked)
            if is_loaded:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.blockSignals(False)

    def _search(self, text: str) -> None:
        words = str(text).casefold().split()
        for place in range(len(self._rows)):
            item = self.list.item(place)
            item.setHidden(not all(word in str(item.text()).casefold() for word in words))

    def _check_listed(self, on: bool) -> None:
        self.list.blockSignals(True)
        for place, (_number, is_loaded) in enumerate(self._rows):
            item = self.list.item(place)
            if not item.isHidden() and not is_loaded:
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        self._choosing.choose(self.checked())
