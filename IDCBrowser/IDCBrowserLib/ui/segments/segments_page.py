"""The segmentations of the scene and their segments: what is seen and how, and the way to each of them."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.contour_rule import RULES, ContourRule
from IDCBrowserLib.logic.segments.giving_back import Form, GivingBack
from IDCBrowserLib.logic.segments.segments import Key, Segments
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.ui.segments.segments_model import CODE, MEAN, NAME, VOLUME, SegmentsModel, source_note, source_tip
from IDCBrowserLib.ui.segments.statement_form import StatementForm
from IDCBrowserLib.ui.segments.style_row import StyleRow
from IDCBrowserLib.ui.widgets.building_blocks import button, check_box, choice_box, column, holder, label, line_edit, row, small_button
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.views import CELL_MARGIN, outline_boxes
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_LONGEST_SEARCH = 200
ChooseFile = Callable[[str, str, str], str]
# A name with box and color, volume and mean fill a narrow dock; the code, which mostly repeats the name, comes after them.
# The first three fit into the dock of a module.
_WIDTHS = {NAME: 27, CODE: 24}
# Figures are seen whole: a digit that is cut off makes another number.
_WIDEST = {VOLUME: ("1,000 ml", "0.000 mm²"), MEAN: ("-1,000.0 HU",)}


def _forms() -> tuple[tuple[Form, str], ...]:
    return (
        ("seg", _("DICOM SEG...")),
        ("measured", _("DICOM SEG with measurements...")),
        ("labelmap", _("DICOM SEG as label map...")),
        ("rtstruct", _("RT structure set...")),
        ("measuredRois", _("RT structure set with measurements...")),
        ("package", _("Package for contribution...")),
    )


class SegmentsPage:
    """``widget``. ``on_show_series(uid)`` leads to the row of a segmentation in the tables, ``on_more(source)`` to more of its segments,
    ``on_remove(source)`` takes it out of the scene.

    ``choose_file(title, start, kinds)`` asks where to save.
    """

    def __init__(
        self,
        segments: Segments,
        giving_back: GivingBack,
        contour_rule: ContourRule,
        choose_file: ChooseFile,
        on_show_series: Callable[[str], None],
        on_more: Callable[[SourceRow], None],
        on_remove: Callable[[SourceRow], None],
    ) -> None:
        self._segments = segments
        self._giving_back = giving_back
        self._contour_rule = contour_rule
        self._choose_file = choose_file
        self._on_show_series, self._on_more, self._on_remove = on_show_series, on_more, on_remove
        self._current: Key | None = None
        self.search = line_edit("segmentsSearch", _("Search segments"), _("Words of a name or code"), _("Search segments"), _LONGEST_SEARCH)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(segments.search)
        self.all = small_button("segmentsAll", _("All"), _("Show all segments that are listed."))
        self.none = small_button("segmentsNone", _("None"), _("Hide all segments that are listed."))
        self.only = small_button("segmentsOnly", _("Only this"), _("Show only the selected segments."))
        self.model = SegmentsModel(self._toggle)
        self.view = self._tree()
        self.previous = small_button("segmentPrevious", "\N{LEFTWARDS ARROW}", _("The previous slice of the selected segment"))
        self.largest = small_button("segmentLargest", _("Largest slice"), _("The slice that holds most of the selected segment"))
        self.next = small_button("segmentNext", "\N{RIGHTWARDS ARROW}", _("The next slice of the selected segment"))
        self.in_tables = small_button("segmentInTables", _("Show in tables"), _("The series that this segmentation comes from, in the tables of IDC"))
        self.more = small_button("segmentsMore", _("More..."), _("Load further segments of this SEG, without those that are loaded."))
        self.remove = small_button("segmentsRemove", _("Remove"), _("Take this segmentation out of the views; files stay."))
        self.export = button("segmentsExport", _("E&xport..."), _("Write the selected segmentation as a DICOM object beside its images."))
        self.form = StatementForm(giving_back)
        self.form.widget.hide()
        self.makers = small_button("segmentsMakers", _("Made by..."), _("Say who or what made the segmentations that you export."))
        self.makers.setCheckable(True)
        self._forms = QtWidgets.QMenu(self.export)
        self._forms.setObjectName("segmentsExportMenu")
        self._form_actions = [self._form_action(form, text) for form, text in _forms()]
        self._deflated = self._deflated_action()
        self.export.setMenu(self._forms)
        self.about = label("segmentsAbout", "", True)
        self.style = StyleRow(segments)
        self.contours = check_box("segmentsContours", _("Contours"), _("Show the contours of structure sets as they were drawn, over their voxels."))
        rules = [_("Contained is a hole"), _("All united"), _("Exclusive or")]
        tip = _("How several contours of one ROI on one slice combine. Another rule fills the contours anew.")
        self.rules = choice_box("segmentsRule", _("Contour rule"), rules, tip)
        self._drawn = holder(column([WrappedRow([self.contours, label("segmentsRuleTitle", _("Contour rule:")), self.rules])]), "segmentsDrawn")
        self.widget = holder(
            column(
                [
                    row([self.search, self.all, self.none, self.only]),
                    self.view,
                    # In other languages they are longer than a dock is wide.
                    WrappedRow([self.previous, self.largest, self.next, self.in_tables, self.more, self.remove, self.export, self.makers]),
                    self.form.widget,
                    self.about,
                    self._drawn,
                    self.style.widget,
                ],
                margin=4,
            ),
            "segmentsPage",
        )
        self._connect()
        segments.changed.connect(self.draw)
        segments.said.connect(self._say)
        giving_back.said.connect(self._say)
        contour_rule.said.connect(self._say)
        giving_back.changed.connect(self._draw_current)
        self.draw()

    def close(self) -> None:
        """Draw no more."""
        self._segments.changed.disconnect(self.draw)
        self._segments.said.disconnect(self._say)
        self._giving_back.said.disconnect(self._say)
        self._contour_rule.said.disconnect(self._say)
        self._giving_back.changed.disconnect(self._draw_current)

    def draw(self) -> None:
        """What the scene holds now."""
        state = self._segments.state
        if self.model.show_state(state):
            self.view.expandAll()
            for number in range(len(state.sources)):
                # Who made a segmentation takes the whole line.
                self.view.setFirstColumnSpanned(number, QtCore.QModelIndex(), True)
            if self._current is not None:
                index = self.model.index_of(self._current)
                if index.isValid():
                    self.view.setCurrentIndex(index)
        self._draw_current()

    def selected(self) -> list[Key]:
        """Node and segment ids of the selected rows."""
        keys = [self.model.key_at(index) for index in self.view.selectionModel().selectedRows()]
        return [key for key in keys if key is not None]

    def _tree(self) -> QtWidgets.QTreeView:
        view = QtWidgets.QTreeView()
        outline_boxes(view)
        view.setObjectName("segmentsTree")
        view.setAccessibleName(_("Segmentations and their segments"))
        view.setModel(self.model)
        view.setUniformRowHeights(True)
        view.setAllColumnsShowFocus(True)
        view.setIndentation(14)
        view.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setTabKeyNavigation(False)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        for section, characters in _WIDTHS.items():
            view.header().resizeSection(section, characters * view.fontMetrics().averageCharWidth())
        for section, texts in _WIDEST.items():
            view.header().resizeSection(section, max(view.fontMetrics().horizontalAdvance(text) for text in texts) + CELL_MARGIN)
        view.header().moveSection(CODE, MEAN)
        view.header().setStretchLastSection(True)
        view.header().setMinimumSectionSize(40)
        return view

    def _connect(self) -> None:
        self.all.clicked.connect(lambda: self._segments.show_all(True))
        self.none.clicked.connect(lambda: self._segments.show_all(False))
        self.only.clicked.connect(lambda: self._segments.show_only(self.selected()))
        self.largest.clicked.connect(lambda: self._go(self._segments.go_to_largest))
        self.previous.clicked.connect(lambda: self._go(lambda node, segment: self._segments.step(node, segment, False)))
        self.next.clicked.connect(lambda: self._go(lambda node, segment: self._segments.step(node, segment, True)))
        self.in_tables.clicked.connect(lambda: self._with_source(self._show_series))
        self.more.clicked.connect(lambda: self._with_source(self._on_more))
        self.remove.clicked.connect(lambda: self._with_source(self._on_remove))
        self.makers.toggled.connect(self.form.widget.setVisible)
        self.contours.toggled.connect(self._segments.scene.show_contours)
        self.rules.currentIndexChanged.connect(lambda place: self._of_source(lambda node: self._contour_rule.start(node, RULES[place])))
        self.view.selectionModel().currentChanged.connect(lambda current, _previous: self._move_to(current))
        self.view.doubleClicked.connect(lambda _index: self._go(self._segments.go_to_largest))

    def _move_to(self, index: QtCore.QModelIndex) -> None:
        self._current = self.model.key_at(index)
        self._draw_current()

    def _toggle(self, key: Key, visible: bool) -> None:
        node_id, segment_id = key
        if segment_id:
            self._segments.show_segment(node_id, segment_id, visible)
        else:
            self._segments.show_source(node_id, visible)

    def _go(self, way: Callable[[str, str], None]) -> None:
        if self._current is not None and self._current[1]:
            way(*self._current)

    def _of_source(self, do: Callable[[str], None]) -> None:
        if self._current is not None:
            do(self._current[0])

    def _form_action(self, form: Form, text: str) -> QtGui.QAction:
        action = QtGui.QAction(text, self._forms)
        action.setObjectName(f"{form}ExportAction")
        action.triggered.connect(lambda: self._export(form))
        self._forms.addAction(action)
        return action

    def _deflated_action(self) -> QtGui.QAction:
        self._forms.addSeparator()
        action = QtGui.QAction(_("Deflated SEG: smaller, but some programs cannot read it"), self._forms)
        action.setObjectName("deflatedExportAction")
        action.setCheckable(True)
        action.setChecked(self._giving_back.deflates)
        action.toggled.connect(self._giving_back.deflate)
        self._forms.addAction(action)
        return action

    def _export(self, form: Form) -> None:
        if self._current is None:
            return
        if form == "package":
            path = self._choose_file(_("Package for contribution"), "contribution.zip", _("ZIP file (*.zip)"))
            path = path if not path or path.lower().endswith(".zip") else f"{path}.zip"
        else:
            path = self._choose_file(_("Export segmentation"), "segmentation.dcm", _("DICOM (*.dcm)"))
        if path:
            self._giving_back.start(self._current[0], form, path)

    def _with_source(self, do: Callable[[SourceRow], None]) -> None:
        source = self._segments.state.source(self._current[0]) if self._current is not None else None
        if source is not None:
            do(source)

    def _show_series(self, source: SourceRow) -> None:
        if source.series_uid:
            self._on_show_series(source.series_uid)

    def _say(self, text: str) -> None:
        self.about.setText(text)

    def _draw_current(self) -> None:
        state = self._segments.state
        source = state.source(self._current[0]) if self._current is not None else None
        on_segment = source is not None and self._current is not None and bool(self._current[1])
        for step in (self.previous, self.largest, self.next):
            step.setEnabled(on_segment)
        self.in_tables.setEnabled(source is not None and bool(source.series_uid))
        self.more.setEnabled(source is not None and source.kind == "SEG" and bool(source.series_uid))
        self.remove.setEnabled(source is not None)
        self.export.setEnabled(source is not None and not self._giving_back.running)
        self.only.setEnabled(self._current is not None)
        of_all: tuple[QtWidgets.QAbstractButton, ...] = (self.all, self.none)
        for one in of_all:
            one.setEnabled(bool(state.all_sources))
        self.style.draw(source)
        has_contours = any(one.contour_rule for one in state.all_sources)
        self._drawn.setVisible(has_contours)
        rule = source.contour_rule.split(",")[0] if source is not None else ""
        self.rules.setEnabled(rule in RULES and not self._contour_rule.running)
        self.rules.blockSignals(True)
        if rule in RULES:
            self.rules.setCurrentIndex(RULES.index(rule))
        self.rules.blockSignals(False)
        if source is None:
            self.about.setText(_("Select a segment to go to it.") if state.all_sources else _("Segmentations that are loaded are listed here."))
        else:
            segment = next((one for one in source.segments if self._current is not None and one.segment_id == self._current[1]), None)
            areas = segment.areas if segment is not None else ""
            self.about.setText(f"{source_note(source)}\n" + _("Areas: {areas}").format(areas=areas) if areas else source_note(source))
        self.about.setToolTip(plain(source_tip(source) if source is not None else ""))
