"""A box to choose which part of something is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.picking.selection_actions import MODALITY, preset_text, presets
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import choice_box

_MIN_CHARACTERS = 8
# Besides presets, where a box has it: everything, and what was made from it.
WITH_DERIVED = "+derived"


class PartBox:
    """``box`` is for a layout; ``on_chosen(preset)`` when the user chose. ``draw`` shows a preset and offers each modality.

    ``offers_derived``: ``WITH_DERIVED`` can be chosen as well, where there is no other place for it.
    """

    def __init__(self, name: str, on_chosen: Callable[[str], None], offers_derived: bool = False) -> None:
        self._on_chosen = on_chosen
        self._further = [WITH_DERIVED] if offers_derived else []
        self._names: list[str] = []
        tip = _("What to download or save: everything, original images, annotations, one modality...")
        self.box = choice_box(name, _("Content"), tip=tip)
        self.box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(_MIN_CHARACTERS)
        self.draw("", ())
        self.box.activated.connect(self._chosen)

    def draw(self, preset: str, modalities: Sequence[str]) -> None:
        """Show what is chosen; a chosen modality is offered also where there is none of it."""
        names = [*(name for name, _text in presets()), *self._further, *(f"{MODALITY}{name}" for name in modalities if name and " " not in name)]
        if preset not in names:
            names.append(preset)
        if names != self._names:
            self._names = names
            self.box.clear()
            texts = {WITH_DERIVED: _("Everything and derived objects")}
            self.box.addItems([texts.get(name) or preset_text(name) for name in names])
        self.box.setCurrentIndex(names.index(preset))

    def _chosen(self, number: int) -> None:
        self._on_chosen(self._names[number])
