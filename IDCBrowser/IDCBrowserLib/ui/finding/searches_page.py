"""The page "Searches": what is looked for now, to keep and to pass on; saved and recent searches to have again."""

from __future__ import annotations

import time

from IDCBrowserLib.api.sharing import Link
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.saved_lists import MAX_NAME
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.facets import facet_title
from IDCBrowserLib.logic.finding.saved_searches import MAX_PASTED, SavedSearch, Searches, search_from
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.widgets.building_blocks import bold, button, column, holder, label, line_edit, row
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.views import tree_widget, view_action

_MARGIN = 6
_NAME, _SEARCH = 0, 1
_NAME_CHARACTERS = 22


class SearchesPage:
    """See ``pages.Page``."""

    name = "searches"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._searches: Searches = browser.searches
        # The searches of the list, as its rows: (name or "", search).
        self._rows: list[tuple[str, SavedSearch]] = []
        self._now = label("searchNow", "", True)
        self._edit = self._make_edit()
        self._keep = button("searchKeepButton", _("&Save"), _("Save the current search under this name."))
        self._link = button("searchLinkButton", _("Copy as link"), _("Copy a link to the IDC portal with these filters."))
        self._text = button(
            "searchTextButton", _("Copy as text"), _("Copy the search as one line of text that can be pasted here or into the search box.")
        )
        self._paste = button("searchPasteButton", _("&Paste search"), _("Apply a search or an IDC portal link from the clipboard."))
        self._list_view = self._make_list()
        self._guide = label("searchesGuide", _("Saved and recent searches appear here."), True)
        self._apply = button("searchApplyButton", _("&Apply"), _("Apply the selected search."))
        self._rename = button("searchRenameButton", _("Rename"), _("Rename the selected search to the name above."))
        self._delete = button("searchDeleteButton", _("Delete"), _("Delete the selected search."))
        self._clear = button("searchClearButton", _("Clear recent"), _("Delete the recent searches. Saved searches are saved."))
        self.widget = holder(self._layout(), "searchesPage")
        self._connect()
        self._fill()

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("Searches")

    def shown(self) -> None:
        """See ``pages.Page``."""
        self._draw_now()
        self._fill()

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._searches.saved.changed.disconnect(self._fill)
        self._searches.recent.changed.disconnect(self._fill)

    def _make_edit(self) -> QtWidgets.QLineEdit:
        return line_edit("searchName", _("Name"), _("Name under which to save the search."), _("Name of the search"), MAX_NAME)

    def _make_list(self) -> QtWidgets.QTreeWidget:
        named = _("Saved and recent searches; press Enter to apply one")
        made = tree_widget("searchesList", named, [_("Name or time"), _("Search")], [_NAME_CHARACTERS])
        made.setRootIsDecorated(False)
        made.setAlternatingRowColors(True)
        made.activated.connect(self._apply_selected)
        made.selectionModel().currentChanged.connect(self._current_changed)
        self._delete_action = view_action(made, _("Delete the search"), "Del", self._delete_selected)
        return made

    def _layout(self) -> QtWidgets.QVBoxLayout:
        title = bold(QtWidgets.QLabel(_("Current search")))
        saved = bold(QtWidgets.QLabel(_("Saved and recent searches")))
        self._stack = QtWidgets.QStackedWidget()
        self._stack.addWidget(self._guide)
        self._stack.addWidget(self._list_view)
        self._guide.setAlignment(Qt.AlignmentFlag.AlignCenter)
        naming = row([self._edit, self._keep])
        naming.setStretch(0, 1)
        layout = column(
            [
                title,
                self._now,
                naming,
                row([self._link, self._text, self._paste, None]),
                saved,
                self._stack,
                row([self._apply, self._rename, self._delete, None]),
                row([self._clear, None]),
            ],
            _MARGIN,
        )
        layout.setStretch(5, 1)
        return layout

    def _connect(self) -> None:
        self._keep.clicked.connect(self._keep_now)
        self._edit.returnPressed.connect(self._keep_now)
        self._edit.textChanged.connect(self._name_changed)
        self._link.clicked.connect(self._copy_link)
        self._text.clicked.connect(self._copy_text)
        self._paste.clicked.connect(self._paste_search)
        self._apply.clicked.connect(self._apply_selected)
        self._rename.clicked.connect(self._rename_selected)
        self._delete.clicked.connect(self._delete_selected)
        self._clear.clicked.connect(self._searches.recent.clear)
        self._searches.saved.changed.connect(self._fill)
        self._searches.recent.changed.connect(self._fill)

    # What the user does

    def _keep_now(self) -> None:
        name = self._edit.property("text")
        if name.strip() and not self._searches.keep(name):
            self._tell(Kind.WARNING, _("The search was not saved: it is empty or too long, or there are too many saved searches."))

    def _name_changed(self, _text: str) -> None:
        self._draw_buttons()

    def _copy_link(self) -> None:
        self._searches.link(self._searches.current(), self._link_here)

    def _link_here(self, link: Link) -> None:
        QtWidgets.QApplication.clipboard().setText(link["url"])
        said = []
        if link["left_out"]:
            names = ", ".join(map(facet_title, link["left_out"]))
            said.append(_("Link copied to the clipboard, without these filters, which the IDC portal does not support: {names}.").format(names=names))
        said += link["notes"]
        if said:
            self._tell(Kind.WARNING, " ".join(said))
        else:
            self._tell(Kind.SUCCESS, _("Link copied to the clipboard."))

    def _copy_text(self) -> None:
        QtWidgets.QApplication.clipboard().setText(self._searches.current().to_text())
        self._tell(Kind.SUCCESS, _("Search copied to the clipboard as one line of text."))

    def _paste_search(self) -> None:
        self._searches.open_text(str(QtWidgets.QApplication.clipboard().text())[: MAX_PASTED + 1])

    def _apply_selected(self) -> None:
        selected = self._selected()
        if selected is not None:
            self._searches.apply(selected[1])

    def _rename_selected(self) -> None:
        selected = self._selected()
        if selected is not None and not self._searches.saved.rename(selected[0], self._edit.property("text")):
            self._tell(Kind.WARNING, _("A search with this name already exists."))

    def _delete_selected(self) -> None:
        selected = self._selected()
        if selected is not None and selected[0]:
            self._searches.saved.delete(selected[0])

    def _current_changed(self, *_indices: object) -> None:
        selected = self._selected()
        if selected is not None and selected[0]:
            self._edit.setText(selected[0])
        self._draw_buttons()

    def _selected(self) -> tuple[str, SavedSearch] | None:
        number = int(self._list_view.currentIndex().row())
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def _tell(self, kind: Kind, text: str) -> None:
        self._browser.message.emit(Message(kind, text))

    # What the browser says

    def _draw_now(self) -> None:
        current = self._searches.current()
        self._now.setText(
            _("No search yet. Choose filters, type into the search box, or select collections.") if current.is_empty else current.describe()
        )
        for made in (self._link, self._text):
            made.setEnabled(not current.is_empty)
        self._draw_buttons()

    def _fill(self) -> None:
        self._rows = [(name, search_from(document)) for name, document in self._searches.saved.all().items()]
        titles = [name for name, _search in self._rows]
        for at, search in self._searches.history():
            self._rows.append(("", search))
            titles.append(time.strftime("%Y-%m-%d %H:%M", time.localtime(at)))
        self._list_view.clear()
        items = [QtWidgets.QTreeWidgetItem([title, search.describe()]) for title, (_name, search) in zip(titles, self._rows, strict=True)]
        self._list_view.addTopLevelItems(items)
        for item, (_name, search) in zip(items, self._rows, strict=True):
            item.setToolTip(_SEARCH, plain(search.describe()))
        self._stack.setCurrentWidget(self._list_view if items else self._guide)
        self._draw_buttons()

    def _draw_buttons(self) -> None:
        selected = self._selected()
        is_kept = selected is not None and bool(selected[0])
        name = self._edit.property("text").strip()
        self._keep.setEnabled(bool(name) and not self._searches.current().is_empty)
        self._apply.setEnabled(selected is not None)
        self._rename.setEnabled(is_kept and bool(name) and selected is not None and name != selected[0])
        self._delete.setEnabled(is_kept)
        self._clear.setEnabled(any(not name for name, _search in self._rows))
