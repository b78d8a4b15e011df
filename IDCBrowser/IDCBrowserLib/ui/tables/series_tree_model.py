"""The Qt model of the tree of series: two lines of text for each, a thumbnail for images, and the status."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.details.slide_rows import SlideRow
from IDCBrowserLib.logic.details.thumbnails import Thumbnail
from IDCBrowserLib.logic.tables.columns import Column
from IDCBrowserLib.logic.tables.series_tree import SeriesNode
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore, QtGui
from IDCBrowserLib.ui.widgets.cell_roles import ACCESSIBLE_TEXT, DECORATION, DISPLAY, SIZE_HINT, TOOL_TIP, cell_value
from IDCBrowserLib.ui.widgets.icons import icon, pixmap
from IDCBrowserLib.ui.widgets.tree_model import TreeModel, TreeRow

# Pixels a side of a thumbnail.
PICTURE = 96
_ROW_MARGIN = 8
_QUIET_ICON = 24
_STATUS_ICON = 16
_MOST_PICTURES = 120
_LINE_HEIGHT = 20
_STATUS = 5
_GRAY = 128


def _columns() -> tuple[Column, ...]:
    return (
        Column("title", _("Series"), 30, str),
        Column("images", _("Images"), 7, str, True),
        Column("thickness", _("Slices"), 9, str, True, _("Slice thickness")),
        Column("size", _("Size"), 8, str, True),
        Column("license", _("License"), 12, str),
        Column("status", "", 3, str, tip=_("Where the series is: only in IDC, on disk, or in the DICOM database")),
    )


class SeriesTreeModel(TreeModel):
    """``show_nodes`` replaces all rows; ``picture_changed(uid)`` and ``status_changed()`` draw again. A heading has no row number.

    The levels of a slide are below it, in a row of their own where something was made from it, and come by ``fill_slide(uid)``.
    """

    def __init__(self, browser: Browser, parent: QtCore.QObject | None = None) -> None:
        super().__init__(_columns(), _LINE_HEIGHT, parent)
        self._browser = browser
        self._nodes: dict[tuple[str, ...], SeriesNode] = {}
        self._keys: dict[int, tuple[str, ...]] = {}
        # By slide: the row that has its levels below; and these by their keys.
        self._slides: dict[str, tuple[str, ...]] = {}
        self._levels: dict[tuple[str, ...], SlideRow] = {}
        self._narrow = False
        self._line = _LINE_HEIGHT
        self._pictures: OrderedDict[str, QtGui.QIcon] = OrderedDict()
        self._status_icons: dict[str, QtGui.QIcon] = {}
        self._empty: QtGui.QIcon | None = None

    def show_nodes(self, nodes: Sequence[SeriesNode]) -> None:
        """Other rows."""
        self._nodes, self._keys, self._slides, self._levels = {}, {}, {}, {}
        self.show_rows([self._row(node) for node in nodes])

    def write_narrow(self, narrow: bool) -> None:
        """Whether the second line has what the columns beside it have otherwise."""
        self._narrow = narrow

    def row_number(self, index: ModelIndex) -> int:
        """Of the table of series, of a level that of its slide; -1 for a heading."""
        row = self.row_at(index)
        return -1 if row is None else self._nodes[row.key].number

    def slide_of(self, index: ModelIndex) -> str:
        """The slide whose levels are below a row; "" for any other."""
        row = self.row_at(index)
        return "" if row is None or self._slides.get(self._nodes[row.key].uid) != row.key else self._nodes[row.key].uid

    def level_at(self, index: ModelIndex) -> SlideRow | None:
        """Of a row below a slide."""
        row = self.row_at(index)
        return None if row is None else self._levels.get(row.key)

    def below_slide(self, uid: str) -> QtCore.QModelIndex:
        """The row that has the levels of a slide below; invalid when it is not here."""
        return self.index_of(self._slides.get(uid, ()))

    def fill_slide(self, uid: str) -> None:
        """What is known of the levels of a slide."""
        key = self._slides.get(uid)
        rows = self._browser.slide_rows.of(uid)
        if key is None or rows is None:
            return
        for former in [former for former in self._levels if former[:2] == ("level", uid)]:
            del self._levels[former], self._nodes[former]
        self.fill(key, [self._level_row(("level", uid, str(place)), row, self._nodes[key].number) for place, row in enumerate(rows)])

    def index_of_row(self, number: int) -> QtCore.QModelIndex:
        """Of a row of the table; invalid when it is not here."""
        key = self._keys.get(number)
        return QtCore.QModelIndex() if key is None else self.index_of(key)

    def has_picture(self, row: TreeRow) -> bool:
        """Whether a row is an image."""
        return self._nodes[row.key].has_picture

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Headings and notes are looked at, not selected."""
        level = self.level_at(index)
        if index.isValid() and (self.row_number(index) < 0 or (level is not None and level.level is None and not level.can_fetch)):
            return Qt.ItemFlag.ItemIsEnabled
        return QtCore.QAbstractItemModel.flags(self, index)

    def data(self, index: ModelIndex, role: int = DISPLAY) -> object:
        """Texts, pictures, tool tips and what a screen reader says."""
        row = self.row_at(index)
        if row is None:
            return TreeModel.data(self, index, role)
        node = self._nodes[row.key]
        if role == SIZE_HINT:
            lines = 2 if (node.about if self._narrow else node.note) else 1
            height = PICTURE + _ROW_MARGIN if node.has_picture else lines * self._line + _ROW_MARGIN
            return QtCore.QSize(0, height)
        if index.column() == _STATUS:
            return self._status(node, row.key, role)
        if index.column() == 0:
            return self._first(node, role)
        return TreeModel.data(self, index, role)

    def picture_changed(self, uid: str) -> None:
        """Its thumbnail has come, or why there is none."""
        self._pictures.pop(uid, None)
        index = self.index_of((uid,))
        if index.isValid():
            self.dataChanged.emit(index, index)

    def status_changed(self) -> None:
        """Draw the column of states again."""
        for key in self._nodes:
            index = self.index_of(key)
            if index.isValid():
                there = self.index(index.row(), _STATUS, self.parent(index))
                self.dataChanged.emit(there, there)

    def set_line_height(self, pixels: int) -> None:
        """Of a line of text."""
        self._line = pixels

    def _row(self, node: SeriesNode) -> TreeRow:
        key = (node.uid,) if node.number >= 0 else ("heading", node.title)
        self._nodes[key] = node
        if node.number >= 0:
            self._keys[node.number] = key
        below: list[TreeRow] | None = [self._row(below) for below in node.below]
        if node.is_slide:
            self._slides[node.uid] = key
            below = None if not below else [*below, self._levels_heading(node)]
        return TreeRow(key, (node.title, *node.values, ""), below=below)

    def _levels_heading(self, slide: SeriesNode) -> TreeRow:
        """In a row of their own, levels do not hide what was made from the slide."""
        key = ("levels", slide.uid)
        self._slides[slide.uid] = key
        self._nodes[key] = SeriesNode(slide.number, slide.uid, _("Levels"), "")
        return TreeRow(key, (_("Levels"), "", "", "", "", ""), below=None)

    def _level_row(self, key: tuple[str, ...], row: SlideRow, number: int) -> TreeRow:
        values = row.files, "", row.size, ""
        about = " · ".join(part for part in (row.note, row.files, row.size) if part)
        self._levels[key] = row
        self._nodes[key] = SeriesNode(number, key[1], row.title, about, values, note=row.note)
        return TreeRow(key, (row.title, *values, ""))

    def _first(self, node: SeriesNode, role: int) -> object:
        about = node.about if self._narrow else node.note
        if role == DISPLAY:
            return f"{node.title}\n{about}" if about else node.title
        if role == ACCESSIBLE_TEXT:
            return ", ".join(part for part in (node.title, node.about) if part)
        if role == DECORATION:
            return self._picture(node.uid) if node.has_picture else None
        if role == TOOL_TIP:
            thumbnail = self._browser.thumbnails.of(node.uid) if node.has_picture else None
            said = [node.title, node.about, thumbnail.text if thumbnail is not None else "", node.loads]
            return cell_value(role, "\n".join(part for part in said if part))
        return None

    def _status(self, node: SeriesNode, key: tuple[str, ...], role: int) -> object:
        if node.number < 0 or self._keys.get(node.number) != key or role not in (ACCESSIBLE_TEXT, DECORATION, TOOL_TIP):
            return None
        status = self._browser.statuses.of(node.uid)
        if role == DECORATION:
            return self._status_icon(status.icon)
        return cell_value(role, status.tip or status.text) if role == TOOL_TIP else status.text

    def _status_icon(self, name: str) -> QtGui.QIcon:
        """No larger than in the table, though the view has room for thumbnails."""
        if name not in self._status_icons:
            made, size = QtGui.QIcon(), QtCore.QSize(_STATUS_ICON, _STATUS_ICON)
            for mode in (QtGui.QIcon.Mode.Normal, QtGui.QIcon.Mode.Selected):
                drawn = icon(name).pixmap(size, mode)
                if drawn.isNull():
                    # Of a state that is not known yet.
                    continue
                # On a screen of 200 % it has twice as many pixels, which an icon would take for its size.
                drawn.setDevicePixelRatio(1.0)
                made.addPixmap(drawn.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation), mode)
            self._status_icons[name] = made
        return self._status_icons[name]

    def _picture(self, uid: str) -> QtGui.QIcon:
        thumbnail = self._browser.thumbnails.of(uid)
        if thumbnail is None:
            return self._placeholder()
        if uid not in self._pictures:
            self._pictures[uid] = self._drawn(thumbnail)
        self._pictures.move_to_end(uid)
        while len(self._pictures) > _MOST_PICTURES:
            self._pictures.popitem(last=False)
        return self._pictures[uid]

    def _placeholder(self) -> QtGui.QIcon:
        if self._empty is None:
            self._empty = _framed(None)
        return self._empty

    def _drawn(self, thumbnail: Thumbnail) -> QtGui.QIcon:
        """The thumbnail in a square; a quiet icon where there is none, or where its file is no picture."""
        if thumbnail.file:
            loaded = QtGui.QPixmap(thumbnail.file)
            if not loaded.isNull():
                size = QtCore.QSize(PICTURE, PICTURE)
                return _framed(loaded.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation))
        return _framed(pixmap("info", _QUIET_ICON))


def _framed(inside: QtGui.QPixmap | None) -> QtGui.QIcon:
    """A square with something in its middle, on a gray that is quiet in both themes."""
    made = QtGui.QPixmap(PICTURE, PICTURE)
    made.fill(QtGui.QColor(_GRAY, _GRAY, _GRAY, 40))
    painter = QtGui.QPainter()
    if inside is not None and painter.begin(made):
        painter.drawPixmap((PICTURE - inside.width()) // 2, (PICTURE - inside.height()) // 2, inside)
        painter.end()
    framed = QtGui.QIcon(made)
    # A selected row is not to color the image.
    framed.addPixmap(made, QtGui.QIcon.Mode.Selected)
    return framed
