"""Two segmentations of the scene against each other: choose, compare, look, save."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.api.compare import Comparison, Pair, Total
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.comparison import SegmentComparison, was_made_by_comparing
from IDCBrowserLib.logic.segments.linked_views import LinkedViews
from IDCBrowserLib.logic.segments.segments import Segments
from IDCBrowserLib.logic.tables.columns import Column
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.segments.segments_page import ChooseFile
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, label, narrow_choice_box, row, small_button
from IDCBrowserLib.ui.widgets.tree_model import TreeModel, TreeRow


def _figure(digits: int) -> Callable[[object], str]:
    return lambda value: "-" if value is None else str(value) if isinstance(value, str) else f"{value:,.{digits}f}"


def _text(value: object) -> str:
    return "" if value is None else str(value)[:200]


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", _("Segment"), 18, _text),
        Column("dice", _("Dice"), 5, _figure(3), True, _("Twice the common volume, divided by the sum of both")),
        Column("hd95", _("HD95"), 5, _figure(1), True, _("Within which 95 % of each surface lies from the other, mm")),
        Column("mean", _("Mean"), 5, _figure(2), True, _("Mean distance of the surfaces, mm")),
        Column("difference", _("B - A"), 5, _figure(1), True, _("Difference of the volumes, in percent of A")),
        Column("a", _("A ml"), 8, _figure(1), True, _("Volume in the first segmentation")),
        Column("b", _("B ml"), 8, _figure(1), True, _("Volume in the second segmentation")),
    )


class ComparePage:
    """``widget``. ``choose_file(title, start, kinds)`` asks where to save."""

    def __init__(self, segments: Segments, comparison: SegmentComparison, linked_views: LinkedViews, choose_file: ChooseFile) -> None:
        self._segments = segments
        self._linked_views = linked_views
        self._comparison = comparison
        self._choose_file = choose_file
        self._ids: list[str] = []
        self._by_hand: list[tuple[int, int]] = []
        self._compared: tuple[str, str] = ("", "")
        self.first = narrow_choice_box("compareFirst", _("First segmentation"))
        self.second = narrow_choice_box("compareSecond", _("Second segmentation"))
        self.start = button("compareStart", _("&Compare"), _("Dice, distances and volumes of every segment that both have."))
        tip = _("Each of the two in a view of its own; plane, zoom and position of both views move together.")
        self.linked = button("compareLinked", _("Side &by side"), tip)
        self.linked.setCheckable(True)
        self.agreement = QtWidgets.QCheckBox(_("Color where they differ"))
        self.agreement.setObjectName("compareAgreement")
        self.agreement.setToolTip(_("Add a segmentation of what both hold, and what only one of them holds."))
        choices = [_("No consensus"), _("Majority of all"), _("STAPLE of all")]
        tip = _("Add what all segmentations of the list agree on as a new segmentation. STAPLE needs SimpleITK, which Slicer has.")
        self.consensus = choice_box("compareConsensus", _("Consensus"), choices, tip)
        self.model = TreeModel(_columns(), 20)
        self.view = QtWidgets.QTreeView()
        self.view.setObjectName("compareTable")
        self.view.setAccessibleName(_("Comparison"))
        self.view.setModel(self.model)
        self.view.setIndentation(10)
        self.view.setUniformRowHeights(True)
        self.view.setAlternatingRowColors(True)
        self.view.setSortingEnabled(True)
        # As matched, until somebody sorts.
        self.view.header().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for number, one in enumerate(_columns()):
            self.view.header().resizeSection(number, (one.width + 2) * self.view.fontMetrics().averageCharWidth())
        self.view.header().setMinimumSectionSize(36)
        self.about = label("compareAbout", "", True)
        self.only_a = narrow_choice_box("compareOnlyFirst", _("Segments without a counterpart in the first"))
        self.only_b = narrow_choice_box("compareOnlySecond", _("Segments without a counterpart in the second"))
        self.pair = small_button("comparePair", _("Pair"), _("Take these two segments for one structure, and compare again."))
        self.save = button("compareSave", _("&Save table..."), _("Save the table as CSV."))
        self._hand = holder(row([self.only_a, self.only_b, self.pair]), "compareByHand")
        self.widget = holder(
            column(
                [
                    row([QtWidgets.QLabel(_("A")), self.first]),
                    row([QtWidgets.QLabel(_("B")), self.second]),
                    row([self.agreement, self.consensus]),
                    row([self.start, self.linked, self.save, None]),
                    self.view,
                    self._hand,
                    self.about,
                ],
                margin=4,
            ),
            "comparePage",
        )
        self._connect()
        self._draw_choices()
        self.draw()

    def _connect(self) -> None:
        self.start.clicked.connect(self._start)
        self.linked.clicked.connect(self._link)
        self._linked_views.changed.connect(self._draw_buttons)
        self._linked_views.said.connect(self.about.setText)
        self.save.clicked.connect(self._save)
        self.pair.clicked.connect(self._pair)
        for choice in (self.first, self.second):
            choice.currentIndexChanged.connect(lambda _place: self._draw_buttons())
        self._segments.changed.connect(self._draw_choices)
        self._comparison.changed.connect(self.draw)
        self._comparison.said.connect(self.about.setText)

    def close(self) -> None:
        """Draw no more."""
        self._segments.changed.disconnect(self._draw_choices)
        self._comparison.changed.disconnect(self.draw)
        self._linked_views.changed.disconnect(self._draw_buttons)
        self._comparison.cancel()

    def compare(self, first: str, second: str) -> None:
        """Choose two segmentations by node id and compare them."""
        for choice, node_id in ((self.first, first), (self.second, second)):
            if node_id in self._ids:
                choice.setCurrentIndex(self._ids.index(node_id))
        self._start()

    def draw(self) -> None:
        """What was compared."""
        state = self._comparison.state
        document = state.document if not state.running else None
        rows = [] if document is None else _rows(document)
        self.model.show_rows(rows)
        self.view.expandAll()
        for number in range(len(rows)):
            # Which two were compared takes the whole line.
            self.view.setFirstColumnSpanned(number, QtCore.QModelIndex(), True)
        if state.running:
            self.about.setText(_("Comparing..."))
        elif state.problem:
            self.about.setText(state.problem)
        elif document is not None:
            self.about.setText(" ".join(document["notes"]) or _("HD95 and mean distance in mm; A and B in ml; B - A in percent."))
        else:
            self.about.setText(_("Choose two segmentations of one image."))
        self._draw_unmatched(document)
        self._draw_buttons()

    def _draw_choices(self) -> None:
        sources = self._segments.state.all_sources
        ids, names = [source.node_id for source in sources], [source.short_name for source in sources]
        if ids == self._ids and names == [str(self.first.itemText(place)) for place in range(len(ids))]:
            return
        chosen = [self._chosen(choice) for choice in (self.first, self.second)]
        self._ids = ids
        for place, choice in enumerate((self.first, self.second)):
            choice.blockSignals(True)
            choice.clear()
            choice.addItems([name[:100] for name in names])
            choice.setCurrentIndex(ids.index(chosen[place]) if chosen[place] in ids else min(place, len(ids) - 1))
            choice.blockSignals(False)
        self._draw_buttons()

    def _draw_unmatched(self, document: Comparison | None) -> None:
        left = [] if document is None else list(document["unmatched"])
        names = self._comparison.state.names
        for choice, name in ((self.only_a, names[0] if names else ""), (self.only_b, names[1] if len(names) > 1 else "")):
            choice.clear()
            choice.addItems([f"{one['number']}: {one['name'][:60]}" for one in left if one["source"] == name])
        self._hand.setVisible(self.only_a.property("count") + self.only_b.property("count") > 0)
        self.pair.setEnabled(self.only_a.property("count") > 0 and self.only_b.property("count") > 0)

    def _draw_buttons(self) -> None:
        running = self._comparison.state.running
        first, second = self._chosen(self.first), self._chosen(self.second)
        self.start.setEnabled(not running and bool(first) and bool(second) and first != second)
        self.linked.setEnabled(self._linked_views.is_on or (bool(first) and bool(second) and first != second))
        self.linked.setChecked(self._linked_views.is_on)
        self.save.setEnabled(not running and self._comparison.state.document is not None)

    def _chosen(self, choice: QtWidgets.QComboBox) -> str:
        place = int(choice.property("currentIndex"))
        return self._ids[place] if 0 <= place < len(self._ids) else ""

    def _link(self) -> None:
        if self._linked_views.is_on:
            self._linked_views.stop()
        else:
            self._linked_views.start(self._chosen(self.first), self._chosen(self.second))
        self._draw_buttons()

    def _start(self) -> None:
        self._by_hand = []
        self._compare()

    def _pair(self) -> None:
        one, other = (int(str(choice.property("currentText")).split(":")[0]) for choice in (self.only_a, self.only_b))
        self._by_hand.append((one, other))
        self._compare()

    def _compare(self) -> None:
        way = ("", "majority", "staple")[int(self.consensus.property("currentIndex"))]
        ids = [self._chosen(self.first), self._chosen(self.second)]
        if way:
            made = {source.node_id for source in self._segments.state.all_sources if was_made_by_comparing(source)}
            ids += [node_id for node_id in self._ids if node_id not in ids and node_id not in made]
        self._comparison.start(ids, agreement=bool(self.agreement.property("checked")), consensus=way, by_hand=self._by_hand)

    def _save(self) -> None:
        path = self._choose_file(_("Save table"), "comparison.csv", _("CSV (*.csv)"))
        if path:
            self._comparison.save(path if path.lower().endswith(".csv") else f"{path}.csv")


def _rows(document: Comparison) -> list[TreeRow]:
    """Below the two segmentations that were compared the figures of all segments together, then those of each."""
    below: dict[tuple[str, str, str], list[TreeRow]] = {}
    for number, pair in enumerate(document["pairs"]):
        below.setdefault((pair["a"], pair["b"], pair["part"]), []).append(_row(number, pair))
    made = []
    for number, total in enumerate(document["totals"]):
        name = f"{total['a'][:100]} / {total['b'][:100]}"
        segments = below.get((total["a"], total["b"], total["part"]), [])
        made.append(TreeRow((f"compared {number}",), [name, *[None] * (len(_columns()) - 1)], tip=name, below=[_total(number, total), *segments]))
    return made


def _row(number: int, pair: Pair) -> TreeRow:
    far = _("inf") if pair["is_infinite"] else None
    values: Sequence[object] = [
        pair["name"],
        pair["dice"],
        far or pair["hd95_mm"],
        far or pair["mean_surface_distance_mm"],
        pair["difference_percent"],
        pair["volume_a_mm3"] / 1000,
        pair["volume_b_mm3"] / 1000,
    ]
    found = _("Paired by {way}: {a} and {b}").format(way=pair["matched_by"], a=pair["name"][:200], b=pair["name_b"][:200])
    return TreeRow((f"pair {number}",), values, tip="\n".join(part for part in (found, pair["note"]) if part))


def _total(number: int, total: Total) -> TreeRow:
    volumes = [total["difference_percent"], total["volume_a_mm3"] / 1000, total["volume_b_mm3"] / 1000]
    tip = _("All {count} matched segments together").format(count=total["segments"])
    return TreeRow((f"total {number}",), [_("All together"), total["dice"], None, None, *volumes], tip=tip)
