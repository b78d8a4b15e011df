"""What is selected, what it weighs, under which licenses, and the buttons that fetch it."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.host_interface import Capability
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import PlanState, ProgressState, SelectionState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.picking.selection_actions import CitedPart, preset_text
from IDCBrowserLib.logic.picking.selection_text import plan_lines, selection_lines
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.picking.disk_space_line import DiskSpaceLine
from IDCBrowserLib.ui.picking.preset_box import WITH_DERIVED, PartBox
from IDCBrowserLib.ui.picking.selection_labels import SelectionLabels
from IDCBrowserLib.ui.widgets.building_blocks import SPACING, button, column, holder, row
from IDCBrowserLib.ui.widgets.delayed_notice import DelayedNotice
from IDCBrowserLib.ui.widgets.eliding_label import LineLabel
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.save_menu import SaveMenu

_LINE_SPACING = 14
_LINE_MARGIN = 4
_FOLDER_CHARACTERS = 16


class SelectionPanel:
    """Draws ``browser.picked.state``, or ``browser.plan`` while a manifest is open, and has the buttons that fetch it: "Download", "Download and
    load", the folder and whether referenced images come along.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._texts = SelectionLabels("selection", "noncommercial", LineLabel, True)
        self._clear = button("clearPlanButton", _("Clear &plan"), _("Discard what was opened without downloading it."))
        self._folder = QtWidgets.QLineEdit()
        self._set_up_folder()
        self._change = button("changeFolderButton", _("C&hange..."), _("Choose the download folder."))
        self._references = QtWidgets.QCheckBox(_("Include re&ferenced images"))
        self._references.setObjectName("withReferences")
        tip = _("A SEG or RTSTRUCT is displayed over the images it refers to. Download them as well.")
        self._references.setToolTip(tip)
        self._references.setAccessibleDescription(tip)
        self._references.setChecked(browser.picked.content.with_references)
        self._part = PartBox("partBox", self._choose_part, True)
        self._to_cart = button("addToCartButton", _("Add to cart"), "")
        self._save = SaveMenu("saveSelectionButton", _("Save as"), browser.host, lambda: _("selection"), browser.picked.save_as, self._cite)
        self._left_out = button("saveLeftOutButton", _("Save skipped lines..."), _("Save the skipped lines and the reasons to a table."))
        self._modalities_known: tuple[str, ...] = ()
        self._counting = DelayedNotice(self._draw)
        self._disk_space = DiskSpaceLine(browser)
        self.download_button = button("downloadButton", _("&Download"), "")
        self.load_button = button("downloadAndLoadButton", _("Download and &load"), "")
        self.load_button.setDefault(True)
        self.widget = QtWidgets.QWidget()
        self.widget.setObjectName("selectionPanel")
        self.widget.setLayout(self._layout())
        self.widget.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        self._connect()
        self._draw()

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._counting.close()
        self._browser.picked.changed.disconnect(self._selection_changed)
        self._browser.plan.changed.disconnect(self._plan_changed)
        self._browser.folder_changed.disconnect(self._draw_folder)
        self._browser.downloads.changed.disconnect(self._download_changed)
        self._browser.selection_actions.changed.disconnect(self._draw_buttons)
        self._disk_space.disconnect()

    def arrange(self, width: int) -> None:
        """The buttons beside what they act on, below it, or in several lines, as their texts fit into so many pixels. They stay in the lower left
        corner, whatever is beside the panel.
        """
        box = QtWidgets.QBoxLayout.Direction
        wanted = {part: _width_of(parts) for part, parts in ((self._actions, self._pressed), (self._options, self._chosen))}
        # From the bottom up: what is added comes above the buttons.
        self._controls.setDirection(box.LeftToRight if sum(wanted.values()) + SPACING <= width else box.BottomToTop)
        for part, needed in wanted.items():
            part.setDirection(box.LeftToRight if needed <= width else box.TopToBottom)
        self._what.setDirection(box.LeftToRight if _width_of(self._chosen[:2]) <= width else box.TopToBottom)
        # As wide as their texts, but in a dock.
        self._actions.setStretch(2, 1 if wanted[self._actions] <= width else 0)
        self._lines.invalidate()

    def _layout(self) -> QtWidgets.QVBoxLayout:
        folder_label = QtWidgets.QLabel(_("To:"))
        folder_label.setBuddy(self._folder)
        self._actions = row([row([self.load_button, self.download_button]), row([self._to_cart, self._save.button]), None])
        self._what = row([self._part.box, self._references, None])
        self._options = row([self._what, row([folder_label, self._folder, self._change])])
        self._options.setStretch(1, 1)
        self._pressed = (self.load_button, self.download_button, self._to_cart, self._save.button)
        self._chosen = (self._part.box, self._references, folder_label, self._folder, self._change)
        self._controls = row([self._actions, self._options])
        self._controls.setStretch(1, 1)
        about = row([self._texts.total, self._texts.levels, self._texts.modalities, None, self._left_out, self._clear])
        allowed = row([self._texts.restricted, self._texts.licenses, None, self._disk_space.widget])
        for line in (about, allowed):
            line.setSpacing(_LINE_SPACING)
        self._lines = column([_fixed(about, self._clear), _fixed(allowed), self._controls])
        return self._lines

    def _set_up_folder(self) -> None:
        self._folder.setObjectName("downloadFolder")
        self._folder.setReadOnly(True)
        self._folder.setMinimumWidth(_FOLDER_CHARACTERS * self._folder.fontMetrics().averageCharWidth())
        self._folder.setAccessibleName(_("Download folder"))
        self._draw_folder(self._browser.host.download_folder)

    def _connect(self) -> None:
        browser = self._browser
        can_choose = Capability.CHOOSE_FOLDER in browser.host.capabilities
        self._change.setEnabled(can_choose)
        if not can_choose:
            self._change.setToolTip(browser.host.why_not(Capability.CHOOSE_FOLDER))
        self._change.clicked.connect(browser.choose_folder)
        self._references.toggled.connect(self._set_references)
        self._to_cart.clicked.connect(self._add_to_cart)
        self._left_out.clicked.connect(self._save_left_out)
        self.download_button.clicked.connect(lambda: browser.picked.download(False))
        self.load_button.clicked.connect(lambda: browser.picked.download(True))
        self._clear.clicked.connect(browser.opened_set.leave)
        browser.picked.changed.connect(self._selection_changed)
        browser.plan.changed.connect(self._plan_changed)
        browser.folder_changed.connect(self._draw_folder)
        browser.downloads.changed.connect(self._download_changed)
        browser.selection_actions.changed.connect(self._draw_buttons)

    def _set_references(self, checked: bool) -> None:
        self._browser.picked.choose(with_references=bool(checked))

    def _choose_part(self, preset: str) -> None:
        is_more = preset == WITH_DERIVED
        self._browser.picked.choose(preset="" if is_more else preset, with_derived=is_more)

    def _cite(self, part: CitedPart) -> None:
        self._browser.picked.cite(part, QtWidgets.QApplication.clipboard().setText)

    def _add_to_cart(self) -> None:
        self._browser.picked.add_to_cart()

    def _save_left_out(self) -> None:
        path = self._browser.host.choose_save_file(_("Save skipped lines"), _("skipped lines.csv"), _("CSV (*.csv);;TSV (*.tsv);;JSON (*.json)"))
        document = self._browser.plan.state.document
        if path and document is not None:
            self._browser.selection_actions.save_unresolved(document["plan"], path)

    def _download_changed(self, _state: ProgressState) -> None:
        self._draw_buttons()

    def _draw_folder(self, folder: str) -> None:
        self._folder.setText(folder)
        self._folder.setToolTip(plain(folder))
        self._folder.setCursorPosition(0)

    def _selection_changed(self, state: SelectionState) -> None:
        if state.level and state.summary is None and not state.error and not self._browser.plan.state.sources:
            # The former lines stay for a moment; the buttons know at once.
            self._counting.wait()
            self._draw_buttons()
        else:
            self._counting.end()
            self._draw()

    def _plan_changed(self, _state: PlanState) -> None:
        self._draw()

    def _draw(self) -> None:
        plan = self._browser.plan.state
        preset = preset_text(self._browser.picked.content.preset) if self._browser.picked.content.preset else ""
        shown = plan_lines(plan, preset) if plan.sources else selection_lines(self._browser.picked.state, preset)
        self._clear.setVisible(bool(plan.sources))
        self._left_out.setVisible(bool(plan.document and plan.document.get("unresolved_count")))
        content = self._browser.picked.content
        self._part.draw(WITH_DERIVED if content.with_derived else content.preset, self._known_modalities(plan))
        self._texts.draw(shown)
        self._draw_buttons()

    def _known_modalities(self, plan: PlanState) -> tuple[str, ...]:
        """Of all that is selected, also while a part of it is counted."""
        summary = self._browser.picked.state.summary
        if plan.sources:
            return self._browser.plan.modalities
        if summary is not None and not self._browser.picked.content.preset:
            self._modalities_known = tuple(sorted(summary["modalities"]))
        return self._modalities_known

    def _draw_buttons(self) -> None:
        browser = self._browser
        busy = browser.selection_actions.busy
        reason = "" if browser.picked.state.level else _("Select rows in the tables to add them.")
        self._to_cart.setEnabled(not reason)
        self._to_cart.setToolTip(plain(reason or _("Add the selected rows to the cart, which is kept across collections and sessions.")))
        self._save.button.setEnabled(
            not busy and bool(browser.picked.state.level or (browser.plan.state.document and not browser.plan.state.nothing))
        )
        tips = (_("Download the selection and add it to the DICOM database."), browser.picked.what_loading_does())
        for made, load, tip in ((self.download_button, False, tips[0]), (self.load_button, True, tips[1])):
            reason = browser.picked.why_not_download(load)
            made.setEnabled(not reason)
            made.setToolTip(plain(reason or tip))
            made.setAccessibleDescription(reason or tip)


def _width_of(parts: Sequence[QtWidgets.QWidget]) -> int:
    """In pixels, of parts side by side with all of their texts; a box to read from may be as narrow as it can."""
    hints = (part.property("minimumSize" if part.inherits("QLineEdit") else "sizeHint").width() for part in parts)
    return sum(map(int, hints)) + SPACING * (len(parts) - 1)


def _fixed(layout: QtWidgets.QBoxLayout, tallest: QtWidgets.QWidget | None = None) -> QtWidgets.QWidget:
    """A line that is as high without its texts and buttons as with them."""
    made = holder(layout)
    made.setMinimumWidth(1)
    made.setFixedHeight(int(tallest.property("sizeHint").height()) if tallest is not None else made.fontMetrics().height() + _LINE_MARGIN)
    return made
