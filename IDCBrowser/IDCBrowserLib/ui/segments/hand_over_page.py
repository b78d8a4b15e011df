"""Other programs for an image of the scene: modules that segment it, viewers, containers; and what came of it beside what IDC has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from IDCBrowserLib.host_interface import Segmenter
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.hand_over import HandOver
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button, check_box, column, holder, label, narrow_choice_box, scrolled, small_button
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_LINES = 6


class HandOverPage:
    """``widget``."""

    def __init__(self, hand_over: HandOver) -> None:
        self._hand_over = hand_over
        self.image = narrow_choice_box("handOverImage", _("Image"), _("The image of the scene that is handed over"))
        # What is installed stays the same until Slicer is started again.
        self.segmenters = [self._segmenter(one) for one in hand_over.state.segmenters]
        self.ohif = small_button("handOverOhif", _("OHIF"), _("Open this series of IDC in the OHIF viewer, in the web browser."))
        self.volview = small_button("handOverVolView", _("VolView"), _("Open this series of IDC in VolView, in the web browser."))
        self.labels = button("handOverLabels", _("&Label file..."), _("Show a label file of your own (.nrrd, .nii.gz, .seg.nrrd) over the image."))
        self.compare = button("handOverCompare", _("Compare &result"), _("Compare the newest result on this image with what IDC has of it."))
        self.model = narrow_choice_box("handOverModel", _("Model of MHub"), _("Containers that segment a series; the first run downloads them."))
        self.gpu = check_box("handOverGpu", _("GPU"), _("The computer has an NVIDIA graphics card that Docker can use."))
        self.command = QtWidgets.QPlainTextEdit()
        self.command.setObjectName("handOverCommand")
        self.command.setAccessibleName(_("Command for a terminal"))
        self.command.setReadOnly(True)
        self.command.setTabChangesFocus(True)
        self.command.setMinimumHeight(_LINES * self.command.fontMetrics().lineSpacing())
        self.copy = small_button("handOverCopy", _("Copy"), _("Copy the command."))
        self.add = small_button("handOverAdd", _("Add result..."), _("Add the DICOM files in a folder to the database, and load them."))
        self.about = label("handOverAbout", "", True)
        self.widget = scrolled(
            holder(
                column(
                    [
                        self.image,
                        label("handOverSegmentTitle", self._about_segmenters(), True),
                        WrappedRow(self.segmenters),
                        label("handOverResultTitle", _("Results, or labels of your own, beside those of IDC:"), True),
                        WrappedRow([self.compare, self.labels]),
                        label("handOverOpenTitle", _("Open in:"), True),
                        WrappedRow([self.ohif, self.volview]),
                        label("handOverMhubTitle", _("As a container of MHub, on this computer with Docker:"), True),
                        self.model,
                        self.command,
                        WrappedRow([self.gpu, self.copy, self.add]),
                        self.about,
                    ],
                    margin=4,
                )
            ),
            "handOverPage",
        )
        self._connect()
        self.draw()

    def close(self) -> None:
        """Draw no more."""
        self._hand_over.changed.disconnect(self.draw)
        self._hand_over.said.disconnect(self.about.setText)

    def draw(self) -> None:
        """The state as it is."""
        state = self._hand_over.state
        self._fill(self.image, [one.name for one in state.images], [one.node_id for one in state.images], state.image.node_id if state.image else "")
        titles = [f"{one.title} ({one.license})" for one in state.models]
        self._fill(self.model, titles, [one.name for one in state.models], state.model)
        for made in self.segmenters:
            made.setEnabled(state.image is not None)
        is_series = state.image is not None and bool(state.image.series_uid)
        self.ohif.setEnabled(is_series)
        self.volview.setEnabled(is_series)
        self.labels.setEnabled(state.image is not None and not state.reading)
        self.compare.setEnabled(state.result is not None and state.of_idc is not None)
        if state.result is not None and state.of_idc is not None:
            text = _("Compare {result} with {other}.").format(result=state.result.name[:200], other=state.of_idc.name[:200])
        else:
            text = _("There has to be a segmentation of your own and one from IDC over this image.")
        self.compare.setToolTip(plain(text))
        if str(self.command.toPlainText()) != (state.command or state.no_command):
            self.command.setPlainText(state.command or state.no_command)
        self.copy.setEnabled(bool(state.command))
        self.gpu.blockSignals(True)
        self.gpu.setChecked(state.with_gpu)
        self.gpu.blockSignals(False)

    def _connect(self) -> None:
        hand_over = self._hand_over
        hand_over.changed.connect(self.draw)
        hand_over.said.connect(self.about.setText)
        self.image.currentIndexChanged.connect(lambda place: hand_over.choose(_of(place, [one.node_id for one in hand_over.state.images])))
        self.model.currentIndexChanged.connect(lambda place: hand_over.use_model(_of(place, [one.name for one in hand_over.state.models])))
        self.gpu.toggled.connect(hand_over.use_gpu)
        self.compare.clicked.connect(hand_over.compare)
        self.labels.clicked.connect(hand_over.add_labels)
        self.ohif.clicked.connect(lambda: hand_over.open_in("viewer"))
        self.volview.clicked.connect(lambda: hand_over.open_in("volview"))
        self.copy.clicked.connect(lambda: QtWidgets.QApplication.clipboard().setText(hand_over.state.command))
        self.add.clicked.connect(hand_over.add_result)

    def _segmenter(self, one: Segmenter) -> QtWidgets.QPushButton:
        if one.is_here:
            text, tip = one.name, _("Open {name} with this image as its input; nothing runs before you start it there.")
        else:
            text, tip = _("Get {name}...").format(name=one.name), _("{name} is not installed. Open the Extensions Manager to install it.")
        made = button(f"handOver{one.extension}", text, tip.format(name=one.name))
        made.clicked.connect(partial(self._segment_with, one.name))
        return made

    def _segment_with(self, name: str, *_checked: object) -> None:
        self._hand_over.segment_with(name)

    def _about_segmenters(self) -> str:
        if self.segmenters:
            return _("Segment with a module of Slicer:")
        return _("TotalSegmentator, MONAI Auto3DSeg and nnInteractive are extensions of 3D Slicer; there this page opens them with the image.")

    def _fill(self, box: QtWidgets.QComboBox, texts: Sequence[str], keys: Sequence[str], chosen: str) -> None:
        shown = [text[:100] for text in texts]
        box.blockSignals(True)
        if shown != [str(box.itemText(place)) for place in range(int(box.property("count")))]:
            box.clear()
            box.addItems(shown)
        box.setCurrentIndex(keys.index(chosen) if chosen in keys else -1)
        box.setEnabled(bool(shown))
        box.blockSignals(False)


def _of(place: int, keys: Sequence[str]) -> str:
    return keys[place] if 0 <= place < len(keys) else ""
