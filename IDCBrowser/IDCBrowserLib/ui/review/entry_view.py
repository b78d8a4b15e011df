"""The entry in sight: where one is in the list, the questions about it, its segments and the questions about each."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import named
from IDCBrowserLib.logic.review.review import Review
from IDCBrowserLib.logic.review.state import Phase, ReviewState, SegmentChoice, place_text
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.review.form import Form, Of, Value
from IDCBrowserLib.ui.review.answer_fields import AnswerField, TextField, fields_grid, make_fields
from IDCBrowserLib.ui.widgets.building_blocks import bold, button, column, holder, label, line_edit, row, small_button
from IDCBrowserLib.ui.widgets.eliding_label import LineLabel
from IDCBrowserLib.ui.widgets.fields import box
from IDCBrowserLib.ui.widgets.icons import swatch
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.views import tree_widget

_LONGEST_SHOWN = 200
_KEY = int(Qt.ItemDataRole.UserRole)


class EntryView:
    """``widget``; ``draw`` at each change of the review."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._form: Form | None = None
        self._segments: tuple[SegmentChoice, ...] = ()
        # One for each segment.
        self._items: list[QtWidgets.QTreeWidgetItem] = []
        self._number = -1
        self.fields: dict[str, list[AnswerField]] = {"case": [], "segment": []}
        self._previous = button("reviewPrevious", _("Previous (K)"), _("The entry before this one. Key K."))
        self._next = button("reviewNext", _("Next (J)"), _("The entry after this one. Key J."))
        self._place = bold(label("reviewPlace"))
        self._place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = LineLabel("reviewName")
        self._who = LineLabel("reviewWho")
        self._reader = line_edit("reviewReader", _("Your name or initials"), _("Stands with your answers."), _("Reader"), 64)
        self._begin = button("reviewBegin", _("Begin"), _("Go to where this reader stopped."))
        self._ask = holder(row([QtWidgets.QLabel(_("Reader")), self._reader, self._begin]), "reviewAsk")
        self._change = small_button("reviewChangeReader", _("Change..."), _("Somebody else reads."))
        self._text = label("reviewText", "", True)
        self._again = button("reviewAgain", _("Load again"), _("Load this entry once more."))
        self._tree = tree_widget("reviewSegments", _("Segments"), [_("Segment"), _("Answers")], (30,))
        self._tree.setRootIsDecorated(False)
        self._tree.setIndentation(12)
        self._correct = button("reviewCorrect", _("Correct..."), _("Open the segmentation in Segment Editor; what you change is saved for you."))
        self._no_editor = label("reviewNoEditor", _("Segmentations are corrected in 3D Slicer: this window has no editor."), True)
        self._layouts: dict[Of, QtWidgets.QVBoxLayout] = {
            "case": column([], 6),
            "segment": column([self._tree, row([self._correct, self._no_editor])], 6),
        }
        self._case_box = box("reviewCaseBox", _("This entry"), self._layouts["case"])
        self._segment_box = box("reviewSegmentBox", _("Segments"), self._layouts["segment"])
        self._rooms: dict[str, QtWidgets.QWidget | None] = {"case": None, "segment": None}
        steps = row([self._previous, self._place, self._next])
        steps.setStretch(1, 1)
        who = row([self._who, self._change])
        who.setStretch(0, 1)
        self._text_row = holder(row([self._text, self._again]), "reviewTextRow")
        made = column([steps, self._name, who, self._ask, self._text_row, self._case_box, self._segment_box])
        made.setStretch(6, 1)
        # While there is no entry the rest stays at the top.
        made.addStretch(0)
        self.widget = holder(made, "reviewEntry")
        self._connect()

    def commit(self) -> None:
        """Keep what was typed, also while another window is in front."""
        for fields in self.fields.values():
            for field in fields:
                if isinstance(field, TextField):
                    field.commit()

    def _connect(self) -> None:
        self._previous.clicked.connect(lambda: self.step(self._review.previous))
        self._next.clicked.connect(lambda: self.step(self._review.next))
        self._begin.clicked.connect(self._begin_reading)
        self._reader.returnPressed.connect(self._begin_reading)
        self._change.clicked.connect(self._change_reader)
        self._again.clicked.connect(self._review.show_again)
        self._correct.clicked.connect(self._review.correct)
        self._tree.currentItemChanged.connect(self._segment_chosen)

    def step(self, do: Callable[[], None]) -> None:
        """Leave the entry, with what is being typed."""
        self.commit()
        do()

    def _begin_reading(self) -> None:
        name = str(self._reader.property("text")).strip()
        if name:
            self._ask.hide()
            self._review.begin(name)

    def _change_reader(self) -> None:
        self.commit()
        self._ask.show()
        self._reader.selectAll()
        self._reader.setFocus()

    def _segment_chosen(self, item: QtWidgets.QTreeWidgetItem | None, _former: object) -> None:
        key = item.data(0, _KEY) if item is not None else None
        if key:
            self._review.answering.choose_segment(str(key))

    # What the review says

    def draw(self, state: ReviewState) -> None:
        """All of it."""
        if state.form != self._form:
            self._make_forms(state.form)
        is_reading = bool(state.reader)
        self._draw_place(state, is_reading)
        can_answer = state.entry is not None and state.phase in (Phase.SHOWN, Phase.FAILED)
        self._draw_segments(state)
        self._draw_answers(state, can_answer)
        self._correct.setVisible(state.can_correct)
        self._correct.setEnabled(bool(state.segment) and state.phase is Phase.SHOWN)
        self._no_editor.setVisible(not state.can_correct)

    def _draw_place(self, state: ReviewState, is_reading: bool) -> None:
        self._place.setText(place_text(state))
        self._name.say(named(state.entry["name"]) if state.entry is not None else "")
        self._previous.setEnabled(is_reading and state.number > 0)
        self._next.setEnabled(is_reading and 0 <= state.number < state.entries - 1)
        counted = _("Reader {reader}, {done} of {all} answered").format(reader=state.reader, done=f"{state.answered:,}", all=f"{state.entries:,}")
        self._who.say(counted if is_reading else "")
        self._change.setVisible(is_reading)
        if state.phase is Phase.NAMELESS and not is_reading:
            self._ask.show()
        elif state.number != self._number:
            self._ask.hide()
        if not str(self._reader.property("text")) and state.reader:
            self._reader.setText(state.reader)
        text = " ".join(part for part in (state.text, state.note) if part)
        self._text.setText(text)
        self._text_row.setVisible(bool(text))
        self._again.setVisible(state.phase is Phase.FAILED)
        for part in (self._case_box, self._segment_box):
            part.setVisible(state.entry is not None)

    def _make_forms(self, form: Form | None) -> None:
        self._form, self._number = form, -1
        for about, layout in self._layouts.items():
            former = self._rooms[about]
            if former is not None:
                layout.removeWidget(former)
                former.hide()
                former.deleteLater()
            self.fields[about] = make_fields(form.of(about) if form is not None else (), self._putting(about))
            made = holder(fields_grid(self.fields[about]), f"reviewFields_{about}")
            self._rooms[about] = made
            layout.insertWidget(layout.count() - 1 if about == "segment" else 0, made)

    def _putting(self, about: str) -> Callable[[str, Value | None], None]:
        def put(key: str, value: Value | None) -> None:
            segment = self._review.state.segment if about == "segment" else ""
            if about == "case" or segment:
                self._review.answering.answer(segment, key, value)

        return put

    def _draw_answers(self, state: ReviewState, can_answer: bool) -> None:
        is_another = state.number != self._number
        self._number = state.number
        for about, segment in (("case", ""), ("segment", state.segment)):
            for field in self.fields[about]:
                value = state.answers.get((segment, field.question.key)) if about == "case" or segment else None
                if is_another and isinstance(field, TextField):
                    field.show_again(value)
                else:
                    field.show(value)
                field.mark(state.active == (segment, field.question.key) and can_answer)
                field.set_enabled(can_answer and (about == "case" or bool(segment)))

    def _draw_segments(self, state: ReviewState) -> None:
        self._tree.blockSignals(True)
        if state.segments != self._segments:
            self._segments = state.segments
            self._fill_tree()
        for item, segment in zip(self._items, self._segments, strict=True):
            item.setText(1, _answers_text(state, segment))
            if segment.key == state.segment and self._tree.currentItem() is not item:
                self._tree.setCurrentItem(item)
        self._tree.blockSignals(False)

    def _fill_tree(self) -> None:
        """The segments of each segmentation below its name, where there are several."""
        self._tree.clear()
        self._items = [_item(segment) for segment in self._segments]
        source, above = "", None
        for item, segment in zip(self._items, self._segments, strict=True):
            if segment.source and segment.source != source:
                above = _heading(segment.source)
                self._tree.addTopLevelItem(above)
                above.setFirstColumnSpanned(True)
            source = segment.source
            if above is None:
                self._tree.addTopLevelItem(item)
            else:
                above.addChild(item)
        self._tree.expandAll()


def _item(segment: SegmentChoice) -> QtWidgets.QTreeWidgetItem:
    item = QtWidgets.QTreeWidgetItem([_one_line(segment.name), ""])
    item.setData(0, _KEY, segment.key)
    item.setIcon(0, swatch(segment.color))
    item.setToolTip(0, plain((segment.code or segment.name)[:_LONGEST_SHOWN]))
    return item


def _heading(source: str) -> QtWidgets.QTreeWidgetItem:
    item = QtWidgets.QTreeWidgetItem([_one_line(source), ""])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setToolTip(0, plain(source[:_LONGEST_SHOWN]))
    return item


def _one_line(text: str) -> str:
    return " ".join(text[:_LONGEST_SHOWN].split())


def _answers_text(state: ReviewState, segment: SegmentChoice) -> str:
    questions = state.form.of("segment") if state.form is not None else ()
    values = [state.answers.get((segment.key, question.key)) for question in questions]
    return ", ".join((_("yes") if value else _("no")) if isinstance(value, bool) else str(value)[:40] for value in values if value is not None)
