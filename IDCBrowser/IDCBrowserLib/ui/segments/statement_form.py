"""Who is said to make the segmentations that are written as DICOM: a person, an algorithm, or both."""

from __future__ import annotations

from IDCBrowserLib.export.algorithm_family import FAMILIES, USUAL
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.giving_back import GivingBack, Statement
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import choice_box, column, holder, label, line_edit, row

# Person names and names of algorithms in DICOM.
_LONGEST = 64


class StatementForm:
    """``widget``. What is typed holds for the next export; nothing has to be confirmed."""

    def __init__(self, giving_back: GivingBack) -> None:
        self._giving_back = giving_back
        tip = _("Who drew or checked it: Content Creator's Name in DICOM, for example Doe^Jane")
        self.creator = line_edit("statedCreator", _("Creator"), tip, _("Creator"), _LONGEST)
        tip = _("What made segments that do not state it themselves; empty: they were drawn by a person")
        self.algorithm = line_edit("statedAlgorithm", _("Algorithm"), tip, _("Algorithm"), _LONGEST)
        self.version = line_edit("statedVersion", _("Version"), _("Version of the algorithm"), _("Version of the algorithm"), _LONGEST)
        families = [code.meaning for code in FAMILIES.values()]
        self.family = choice_box("statedFamily", _("Family of the algorithm"), families, _("Kind of algorithm, in the terms of DICOM"))
        self.family.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.widget = holder(
            column(
                [
                    label("statedTitle", _("Exported files say that they were made by:"), True),
                    self.creator,
                    row([self.algorithm, self.version]),
                    self.family,
                ]
            ),
            "statementForm",
        )
        self._show(giving_back.statement)
        for field in (self.creator, self.algorithm, self.version):
            field.textChanged.connect(lambda _text: self._state())
        self.family.currentIndexChanged.connect(lambda _place: self._state())

    def _show(self, statement: Statement) -> None:
        self.creator.setText(statement.creator)
        self.algorithm.setText(statement.algorithm)
        self.version.setText(statement.version)
        names = list(FAMILIES)
        self.family.setCurrentIndex(names.index(statement.family) if statement.family in names else names.index(USUAL))
        self._draw()

    def _state(self) -> None:
        creator, algorithm, version = (str(field.property("text")) for field in (self.creator, self.algorithm, self.version))
        self._giving_back.state(Statement(creator, algorithm, version, list(FAMILIES)[int(self.family.property("currentIndex"))]))
        self._draw()

    def _draw(self) -> None:
        """Of a person's work nothing further is asked."""
        has_algorithm = bool(str(self.algorithm.property("text")).strip())
        self.version.setEnabled(has_algorithm)
        self.family.setEnabled(has_algorithm)
