"""The search box above the tables, and the list of hits that drops over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Hit, SearchState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.search import kinds_of_hits, looked_at
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.finding.search_more import SearchMore
from IDCBrowserLib.ui.widgets.building_blocks import column, label, line_edit
from IDCBrowserLib.ui.widgets.delayed_notice import DelayedNotice
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.views import tree_widget, view_action

_PAUSE_MS = 120
_MAX_ROWS = 12
_MARGIN = 4
# A line edit takes seconds to accept hundreds of thousands of characters; nobody reads so many in one line.
MAX_SHOWN = 5000
# Of a clipboard; more than that is never looked at.
_MAX_TAKEN = 300_000
# So many characters tell where it begins.
_ENOUGH = 40
# In pixels.
_ROOM = 800
# In characters: a narrower list has no room for three columns.
_WIDE = 84
_COLUMN_CHARACTERS = (18, 42)


class SearchPanel:
    """``box`` is for a layout. The list of hits is a child of ``owner`` (the whole panel) and lies over its tables, so that nothing moves.

    ``on_picked(level)`` is called after a hit was picked: its table takes the keyboard.
    """

    def __init__(self, browser: Browser, on_picked: Callable[[str], None]) -> None:
        self._browser = browser
        self._on_picked = on_picked
        self._owner: QtWidgets.QWidget | None = None
        self._hits: tuple[Hit, ...] = ()
        # What was pasted or written is longer than the box shows.
        self._shown, self._whole = "", ""
        self._is_wide = True
        self._pick_when_found = False
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        self.box = self._make_box()
        self.hits_view = self._make_list()
        self._note = label("searchNote", "", True)
        self.drop = QtWidgets.QFrame()
        self.drop.setObjectName("searchDrop")
        self.drop.setFrameShape(QtWidgets.QFrame.Shape.StyledPanel)
        self.drop.setAutoFillBackground(True)
        self._more = SearchMore(browser.indices, self._resize)
        self.drop.setLayout(column([self.hits_view, self._note, self._more.widget], _MARGIN))
        self._searching = DelayedNotice(self._say_searching)
        self.drop.hide()
        browser.search.changed.connect(self._draw)
        browser.search.text_wanted.connect(self._write)

    def attach(self, owner: QtWidgets.QWidget) -> None:
        """The widget over which the hits appear; Ctrl+F anywhere in it comes to the box."""
        self._owner = owner
        self.drop.setParent(owner)
        self._focus_action = view_action(owner, _("Find"), "Ctrl+F", self._take_focus, Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._timer.stop()
        self._timer.timeout.disconnect(self._look)
        self._searching.close()
        self._more.disconnect()
        self._browser.search.changed.disconnect(self._draw)
        self._browser.search.text_wanted.disconnect(self._write)

    def _make_box(self) -> QtWidgets.QLineEdit:
        hint = _("Find anything: collection, case, UID, segment, description, DOI (Ctrl+F)")
        tip = _("Names (typos are tolerated), identifiers or parts of them, words of descriptions. You can enter several identifiers at once.")
        box = line_edit("searchBox", hint, tip, _("Find anything in IDC"), MAX_SHOWN)
        box.setClearButtonEnabled(True)
        box.textChanged.connect(self._typed)
        box.returnPressed.connect(self._enter)
        self._box_actions = [
            view_action(box, _("Go to the search results"), "Down", self._to_list),
            view_action(box, _("Close the search"), "Esc", self._escape),
        ]
        return box

    def _make_list(self) -> QtWidgets.QTreeWidget:
        made = tree_widget("searchHits", _("Search results"), [_("Kind"), _("Match"), _("About")], _COLUMN_CHARACTERS)
        made.setRootIsDecorated(False)
        made.activated.connect(self._pick_index)
        made.clicked.connect(self._pick_index)
        self._list_actions = [view_action(made, _("Close the search"), "Esc", self._escape)]
        return made

    # What the user does

    def _typed(self, text: str) -> None:
        self._pick_when_found = False
        if len(text) >= MAX_SHOWN:
            self._shown, self._whole = text, _pasted(text) or (self._whole if text == self._shown else text)
        if text.strip():
            self._timer.start(_PAUSE_MS)
        else:
            self._timer.stop()
            self._browser.search.clear()

    def _wanted(self) -> str:
        """What is in the box, or what was pasted into it when that is longer."""
        text = str(self.box.property("text"))
        return self._whole if self._whole and text == self._shown else text

    def _look(self) -> None:
        if len(self._shown) >= MAX_SHOWN and self.box.property("text") == self._shown:
            # The beginning of a long list can be read, unlike the place where it was cut off.
            self.box.setCursorPosition(0)
        self._browser.search.look_for(self._wanted())

    def _enter(self) -> None:
        state = self._browser.search.state
        if state.text == looked_at(self._wanted()) and state.done is not None:
            if state.ask:
                self._to_list()
            else:
                self._pick(self._current())
            return
        # What was just typed or pasted has not been found yet: its best hit is picked as soon as it is.
        self._timer.stop()
        self._pick_when_found = True
        self._look()

    def _to_list(self) -> None:
        if self._hits:
            self.hits_view.setFocus()

    def _escape(self) -> None:
        if self.drop.isVisible():
            self.drop.hide()
            self.box.setFocus()
        else:
            self.box.clear()

    def _take_focus(self) -> None:
        self.box.setFocus()
        self.box.selectAll()
        if self._hits or self._browser.search.state.note:
            self._show()

    def _pick_index(self, index: ModelIndex) -> None:
        # A system that activates by one click tells both; the first closes the list.
        if self.drop.isVisible():
            self._pick(index.row())

    def _pick(self, number: int) -> None:
        if not 0 <= number < len(self._hits):
            return
        hit = self._hits[number]
        self.drop.hide()
        self._browser.pick(hit)
        self._on_picked(hit.level)

    def _current(self) -> int:
        return max(0, self.hits_view.currentIndex().row())

    # What the browser says

    def _draw(self, state: SearchState) -> None:
        if not state.text:
            self._searching.end()
            self._hits = ()
            self.drop.hide()
            return
        if state.done is None:
            self._searching.wait()
            return
        self._searching.end()
        self._more.show(state.missing)
        if state.hits != self._hits or not state.hits:
            self._fill(state.hits)
        self._note.setText(state.note)
        self._note.setVisible(bool(state.note))
        wants_pick, self._pick_when_found = self._pick_when_found, False
        if wants_pick and state.hits and not state.ask:
            self._pick(0)
            return
        self._show()
        if wants_pick and state.ask:
            self._to_list()

    def _say_searching(self) -> None:
        """The former hits are not those of what was typed."""
        self._fill(())
        self._note.setText(_("Searching..."))
        self._note.setVisible(True)
        self._more.show(())
        self._show()

    def _resize(self) -> None:
        if self.drop.isVisible():
            self._show()

    def _write(self, text: str) -> None:
        self._shown, self._whole = text[:MAX_SHOWN], text
        self.box.setText(self._shown)

    def _fill(self, hits: tuple[Hit, ...]) -> None:
        self._hits = hits
        self.hits_view.clear()
        # The binding of Slicer owns only what has a parent: the items get theirs by being added.
        items = [QtWidgets.QTreeWidgetItem(texts) for texts in self._texts(hits)]
        self.hits_view.addTopLevelItems(items)
        for item, hit in zip(items, hits, strict=True):
            item.setToolTip(1, plain(hit.label))
            item.setToolTip(2, plain(hit.about))
        if items:
            self.hits_view.setCurrentItem(items[0])
        self.hits_view.setVisible(bool(items))

    def _texts(self, hits: Sequence[Hit]) -> list[list[str]]:
        """The cells of each row: three, or one of two lines in a narrow panel."""
        kinds = kinds_of_hits()
        named = [(kinds.get(hit.group, ""), hit.label, hit.about) for hit in hits]
        if self._is_wide:
            return [list(texts) for texts in named]
        # Of cases the second line says that they are.
        named = [("" if hit.group == "cases" and hit.about else kind, found, about) for hit, (kind, found, about) in zip(hits, named, strict=True)]
        return [["", "\n".join([found, ": ".join(part for part in (kind, about) if part)]), ""] for kind, found, about in named]

    def _set_wide(self, is_wide: bool) -> None:
        if is_wide == self._is_wide:
            return
        self._is_wide = is_wide
        self.hits_view.setColumnHidden(0, not is_wide)
        self.hits_view.setColumnHidden(2, not is_wide)
        self.hits_view.header().setStretchLastSection(is_wide)
        self.hits_view.header().setSectionResizeMode(
            1, QtWidgets.QHeaderView.ResizeMode.Interactive if is_wide else QtWidgets.QHeaderView.ResizeMode.Stretch
        )
        self.hits_view.setHeaderHidden(not is_wide)
        current = self._current()
        self._fill(self._hits)
        if self._hits:
            self.hits_view.setCurrentItem(self.hits_view.topLevelItem(current))

    def _show(self) -> None:
        if self._owner is None:
            return
        corner = self.box.mapTo(self._owner, QtCore.QPoint(0, 0))
        top = corner.y() + int(self.box.property("height")) + 1
        whole = int(self._owner.property("width"))
        # Below the box, and of the whole width where that is little.
        left = corner.x() if whole - corner.x() >= _ROOM else _MARGIN
        wide = whole - left - _MARGIN
        self._set_wide(wide >= _WIDE * self.hits_view.fontMetrics().averageCharWidth())
        lines = min(_MAX_ROWS, len(self._hits)) + 1 if self._is_wide else 2 * min(_MAX_ROWS * 3 // 4, len(self._hits))
        height = lines * (self.hits_view.fontMetrics().height() + _MARGIN) + 2 * _MARGIN if self._hits else 0
        note = self._note_height(wide) if self._note.isVisibleTo(self.drop) else 0
        note += int(self._more.widget.property("sizeHint").height()) + _MARGIN if self._more.widget.isVisibleTo(self.drop) else 0
        self.drop.setGeometry(left, top, wide, min(height + note + 4 * _MARGIN, self._owner.property("height") - top - _MARGIN))
        self.drop.show()
        self.drop.raise_()

    def _note_height(self, width: int) -> int:
        lines = 1 + self._note.fontMetrics().boundingRect(self._note.property("text")).width() // max(1, width - 4 * _MARGIN)
        return (lines + 1) * self._note.fontMetrics().height() + _MARGIN


def _pasted(text: str) -> str:
    """All of what was pasted at the end of ``text``, with what was before it, when the box took only a part; else ""."""
    clipboard = QtWidgets.QApplication.clipboard()
    modes = [QtGui.QClipboard.Mode.Clipboard, *([QtGui.QClipboard.Mode.Selection] if clipboard.supportsSelection() else [])]
    for mode in modes:
        taken = str(clipboard.text(mode))[:_MAX_TAKEN]
        start = text.find(taken[:_ENOUGH]) if taken else -1
        if start >= 0 and text[start:].split() == taken[: len(text) - start].split():
            return text[:start] + taken
    return ""
