"""A Qt model of segmentations with their segments below them: eye, color, name, code, volume, mean."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.segments import Key, SegmentsState
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore, QtGui
from IDCBrowserLib.scene.segments.segment_rows import Color, Figures, SegmentRow, SourceRow
from IDCBrowserLib.ui.widgets.cell_roles import ALIGNMENT, CHECK, CHECKED, DECORATION, DISPLAY, RIGHT, TOOL_TIP, UNCHECKED, cell_value, header_value
from IDCBrowserLib.ui.widgets.icons import swatch

NAME, CODE, VOLUME, MEAN = range(4)
# Of an index: the segmentation itself, or 1 + the place of the segmentation a segment belongs to.
_TOP = 0


class SegmentsModel(QtCore.QAbstractItemModel):
    """``show`` replaces the rows; where the same ones are there, they keep their place, selection and what is open below them.

    ``on_toggle(key, visible)`` is called when an eye is clicked; a segment id of "" stands for the whole segmentation.
    """

    def __init__(self, on_toggle: Callable[[Key, bool], None], parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._on_toggle = on_toggle
        self._shown = SegmentsState()
        self._swatches: dict[Color, QtGui.QIcon] = {}

    def show_state(self, state: SegmentsState) -> bool:
        """Other rows, or other values of the same; True where they are others."""
        same = _keys(state) == _keys(self._shown)
        if not same:
            self.beginResetModel()
        self._shown = state
        if not same:
            self.endResetModel()
            return True
        for number, source in enumerate(state.sources):
            top = self.index(number, NAME)
            self.dataChanged.emit(top, self.index(number, MEAN))
            if source.segments:
                self.dataChanged.emit(self.index(0, NAME, top), self.index(len(source.segments) - 1, MEAN, top))
        return False

    def key_at(self, index: ModelIndex) -> Key | None:
        """Node id and segment id of a row; "" as segment id on the row of a segmentation."""
        if not index.isValid():
            return None
        source, segment = self._rows_at(index)
        return source.node_id, segment.segment_id if segment is not None else ""

    def index_of(self, key: Key) -> QtCore.QModelIndex:
        """The row of a key; invalid when it is not shown."""
        for number, source in enumerate(self._shown.sources):
            if source.node_id == key[0]:
                top = self.index(number, NAME)
                place = next((place for place, segment in enumerate(source.segments) if segment.segment_id == key[1]), -1)
                return top if not key[1] else self.index(place, NAME, top) if place >= 0 else QtCore.QModelIndex()
        return QtCore.QModelIndex()

    def index(self, row: int, column: int, parent: ModelIndex = QtCore.QModelIndex()) -> QtCore.QModelIndex:  # noqa: B008
        """See Qt."""
        if not (0 <= row < self.rowCount(parent) and 0 <= column <= MEAN):
            return QtCore.QModelIndex()
        return self.createIndex(row, column, 1 + parent.row() if parent.isValid() else _TOP)

    def parent(self, index: ModelIndex) -> QtCore.QModelIndex:  # type: ignore[override]  # objects have a parent() of another kind
        """See Qt."""
        above = index.internalId() if index.isValid() else _TOP
        return QtCore.QModelIndex() if above == _TOP else self.createIndex(above - 1, NAME, _TOP)

    def rowCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Segmentations; below one its segments."""
        if not parent.isValid():
            return len(self._shown.sources)
        if parent.internalId() != _TOP or parent.column() != NAME:
            return 0
        return len(self._shown.sources[parent.row()].segments)

    def columnCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Name, code, volume, mean."""
        return MEAN + 1

    def data(self, index: ModelIndex, role: int = DISPLAY) -> object:
        """Text, eye, color and alignment of a cell."""
        source, segment = self._rows_at(index)
        column = index.column()
        if role == ALIGNMENT:
            return RIGHT if column in (VOLUME, MEAN) else None
        if role == CHECK and column == NAME:
            return CHECKED if (source if segment is None else segment).visible else UNCHECKED
        if role == TOOL_TIP:
            return cell_value(role, source_tip(source) if segment is None else self._segment_tip(segment))
        if segment is None:
            return _source_text(source) if role == DISPLAY and column == NAME else None
        if role == DECORATION and column == NAME:
            return self._swatch(segment.color)
        return self._text(segment, column) if role == DISPLAY else None

    def setData(self, index: ModelIndex, _value: object, role: int = CHECK) -> bool:
        """An eye was clicked."""
        key = self.key_at(index)
        if role != CHECK or key is None:
            return False
        source, segment = self._rows_at(index)
        self._on_toggle(key, not (source if segment is None else segment).visible)
        return True

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Names have an eye."""
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsUserCheckable if index.column() == NAME else plain

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        """Titles."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        title = (_("Segment"), _("Code"), _("Volume"), _("Mean"))[section]
        tip = ("", _("What the segment is, by its code"), _("Milliliters"), _("Mean of the image inside the segment"))[section]
        return header_value(role, title, tip, section in (VOLUME, MEAN))

    def _rows_at(self, index: ModelIndex) -> tuple[SourceRow, SegmentRow | None]:
        above = index.internalId()
        if above == _TOP:
            return self._shown.sources[index.row()], None
        source = self._shown.sources[above - 1]
        return source, source.segments[index.row()]

    def _text(self, segment: SegmentRow, column: int) -> str:
        if column == NAME:
            return segment.name[:200]
        if column == CODE:
            return segment.code
        figures = self._figures(segment)
        if figures is None:
            return "..." if self._shown.measuring else "-"
        if column == VOLUME:
            return size_of(figures)
        return "-" if figures.mean is None else f"{figures.mean:,.1f} {figures.unit}".strip()

    def _segment_tip(self, segment: SegmentRow) -> str:
        figures = self._figures(segment)
        lines = [segment.name[:400], segment.code, _("Contours: {areas}").format(areas=segment.areas) if segment.areas else ""]
        if figures is not None:
            lines.append(_("{voxels} voxels in {slices} slices").format(voxels=f"{figures.voxels:,}", slices=f"{len(figures.slices):,}"))
        return "\n".join(line for line in lines if line)

    def _figures(self, segment: SegmentRow) -> Figures | None:
        return self._shown.figures.get((segment.node_id, segment.segment_id))

    def _swatch(self, color: Color) -> QtGui.QIcon:
        if color not in self._swatches:
            self._swatches[color] = swatch(color)
        return self._swatches[color]


def size_of(figures: Figures) -> str:
    """ "1,204 ml", "3.1 ml", "0.024 ml"; on a slide "0.167 mm²"."""
    value, unit = (figures.volume_mm3 / 1000, "ml") if figures.area_mm2 is None else (figures.area_mm2, "mm²")
    if not value:
        return f"0 {unit}"
    digits = 0 if value >= 100 else 1 if value >= 1 else 3
    return f"{value:,.{digits}f} {unit}"


def source_tip(source: SourceRow) -> str:
    """Who made it, and under which license it is."""
    lines = [source.name[:400], _("Made by: {maker}").format(maker=_maker_text(source.maker) or _("not stated"))]
    if source.license:
        lines.append(_("License: {license}").format(license=source.license))
    if source.origin:
        lines.append(_("From: {origin}").format(origin=source.origin))
    if source.contour_rule:
        lines.append(_("Contours are combined by the rule {rule}").format(rule=source.contour_rule))
    return "\n".join(lines)


def source_note(source: SourceRow) -> str:
    """The same in short, for where its name stands already."""
    made = _("Made by: {maker}").format(maker=_maker_text(source.maker) or _("not stated"))
    rule = _("Contours are combined by the rule {rule}").format(rule=source.contour_rule) if source.contour_rule else ""
    return "\n".join(line for line in (", ".join(part for part in (made, source.license) if part), rule) if line)


def _maker_text(maker: str) -> str:
    """ "person", "algorithm: net" in the language of the window; names stay."""
    kinds, colon, names = maker.partition(": ")
    words = {"person": _("person"), "person with an algorithm": _("person with an algorithm"), "algorithm": _("algorithm")}
    return ", ".join(words.get(kind, kind) for kind in kinds.split(", ")) + colon + names


def _source_text(source: SourceRow) -> str:
    """ "Abdomen (person: Reader 1, SEG, CC BY 4.0)"."""
    about = ", ".join(part for part in (_maker_text(source.maker), source.kind, source.license) if part)
    return f"{source.short_name[:200]} ({about})" if about else source.short_name[:200]


def _keys(state: SegmentsState) -> list[tuple[str, list[str]]]:
    return [(source.node_id, [segment.segment_id for segment in source.segments]) for source in state.sources]
