"""Making a review list, or opening one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from IDCBrowserLib.api import review as api
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.review.review import LAST_FILE_KEY
from IDCBrowserLib.logic.review.state import Phase, ReviewState
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.review.ahead import MOST_AHEAD
from IDCBrowserLib.review.entries import UNITS
from IDCBrowserLib.review.form import Form
from IDCBrowserLib.review.review_file import ENDING
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, label, line_edit, row, spin_box
from IDCBrowserLib.ui.widgets.fields import box, choose_file
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.save_dialog import with_ending

_SELECTED, _CART, _SET, _FILE = range(4)
_LIST_FILES = f"Review list (*{ENDING})"


class StartView:
    """``widget``; ``draw`` at each change. ``form`` gives the questions of the next list, ``edit_form`` shows their editor."""

    def __init__(self, browser: Browser, form: Callable[[], Form], edit_form: Callable[[], None]) -> None:
        self._browser = browser
        self._form = form
        self._source = choice_box(
            "reviewSource",
            _("What to review"),
            (_("The selected rows"), _("The cart"), _("The opened list or query"), _("A CSV file or manifest...")),
        )
        self._unit = choice_box("reviewUnit", _("One entry is"), (_("an image series"), _("a study"), _("a case")))
        self._name = line_edit("reviewListName", _("Liver segmentations"), _("Name of the list."), _("Name"), 200)
        self._edit = button("reviewEditForm", _("Edit questions..."), _("What readers answer for each entry and each segment."))
        self._questions = label("reviewQuestions", "", True)
        self._blinded = QtWidgets.QCheckBox(_("Blinded: do not show who made a segmentation"))
        self._blinded.setObjectName("reviewBlinded")
        self._blinded.setToolTip(plain(_("Segmentations are called A, B, C; pages that name makers are closed while the list is open.")))
        self._ahead = spin_box("reviewAhead", _("Entries fetched ahead"), (0, MOST_AHEAD))
        self._ahead.setValue(2)
        self._cap = spin_box("reviewCap", _("Disk space for them"), (1, 10_000))
        self._cap.setSuffix(" GB")
        self._cap.setValue(20)
        self._make = button("reviewMake", _("Make list..."), _("Choose a file for the list and begin."))
        self._open = button("reviewOpen", _("Open list..."), _("Go on with a list."))
        self._last = button("reviewLast", _("Go on"), _("Go on with the list that was open last."))
        self._text = label("reviewStartText", "", True)
        fields = QtWidgets.QFormLayout()
        fields.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapLongRows)
        for title, control in (
            (_("Review"), self._source),
            (_("One entry is"), self._unit),
            (_("Name"), self._name),
            (_("Questions"), holder(column([self._questions, row([self._edit, None])]))),
            (_("Fetched ahead"), holder(row([self._ahead, QtWidgets.QLabel(_("entries, at most")), self._cap, None]))),
        ):
            fields.addRow(title, control)
        new = box("reviewNew", _("New list"), column([holder(fields), self._blinded, row([self._make, None])], 6))
        going = box("reviewGoOn", _("Go on"), column([row([self._last, self._open, None])], 6))
        text = _("Judge images and segmentations one after the other, alone or with other readers. Answers are kept in one file.")
        about = label("reviewAbout", text, True)
        self.widget = holder(column([about, going, new, self._text, None]), "reviewStart")
        self._make.clicked.connect(self._make_list)
        self._open.clicked.connect(self._open_list)
        self._last.clicked.connect(lambda: self._browser.review.open(self._last_file()))
        self._edit.clicked.connect(edit_form)

    def draw(self, state: ReviewState) -> None:
        """What can be done now."""
        busy = state.phase in (Phase.MAKING, Phase.OPENING)
        last = self._last_file()
        if last:
            self._last.setText(_("Go on with {name}").format(name=Path(last).stem[:60]))
        self._last.setVisible(bool(last))
        for made in (self._make, self._open, self._last):
            made.setEnabled(not busy)
        try:
            asked = "; ".join(question.text for question in self._form().questions)
        except InputError as error:
            # In the middle of being edited.
            asked = str(error)
            self._make.setEnabled(False)
        self._questions.setText(asked[:300])
        self._text.setText(state.text)

    def _last_file(self) -> str:
        return self._browser.host.settings.value(LAST_FILE_KEY, "")

    def _open_list(self) -> None:
        path = choose_file(self.widget, _("Open review list"), f"{_LIST_FILES};;{_('All files')} (*)")
        if path:
            self._browser.review.open(path)

    def _make_list(self) -> None:
        source = self._picked()
        if isinstance(source, str):
            if source:
                self._text.setText(source)
            return
        name = str(self._name.property("text")).strip() or _("Review")
        start = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in name)
        path = self._browser.host.choose_save_file(_("Make review list"), f"{start}{ENDING}", _LIST_FILES)
        if not path:
            return
        self._browser.review.make(
            {
                "file": with_ending(path, ENDING),
                "name": name,
                "form": cast("api.Form", self._form().to_json()),
                "source": source,
                "unit": UNITS[int(self._unit.property("currentIndex"))],
                "blinded": bool(self._blinded.property("checked")),
                "ahead": int(self._ahead.property("value")),
                "cap_bytes": int(self._cap.property("value")) * 10**9,
            }
        )

    def _picked(self) -> api.Source | str:
        """What is to be reviewed, or a sentence why nothing is; "" where the user changed their mind."""
        kind, browser = int(self._source.property("currentIndex")), self._browser
        if kind == _FILE:
            path = choose_file(self.widget, _("Cases to review"), _("Lists and manifests (*.csv *.tsv *.txt *.json *.s5cmd);;All files (*)"))
            return {"sources": [path]} if path else ""
        if kind == _CART:
            return {"cart": True} if browser.cart.state.count else _("The cart is empty.")
        if kind == _SET:
            return _source_of_set(browser) or _("No list or query is opened on the Browse page.")
        level = browser.tables.deepest_selected()
        selection = browser.tables.selection(level) if level else None
        return {"selections": [selection]} if selection is not None else _("Select collections, cases, studies or series on the Browse page first.")


def _source_of_set(browser: Browser) -> api.Source | None:
    question = browser.working_set.question
    if not browser.working_set.state.name:
        return None
    if question.get("cart"):
        return {"cart": True}
    if "rows" in question:
        return {"rows": question["rows"]}
    return {"sources": list(question.get("sources", ()))}
