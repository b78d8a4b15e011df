"""Images of the scene for other programs that segment or show them, and what these made beside what IDC has. No model runs here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from IDCBrowserLib.api.labelmap import LABELS, Part
from IDCBrowserLib.engine.client import Asked, Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host, Segmenter
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.comparison import was_made_by_comparing
from IDCBrowserLib.logic.segments.mhub import Model, command_for, folder_of, models_for, result_folder
from IDCBrowserLib.logic.segments.segments import Segments
from IDCBrowserLib.scene.segments.image_rows import ImageRow
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.signal import Signal

LABEL_FILES = "*.nrrd *.nii.gz *.seg.nrrd"


@dataclass(frozen=True)
class HandOverState:
    """``image`` is the chosen one of ``images``; ``segmenters`` are those of the host. ``models`` of MHub fit it, ``command`` runs the chosen one,
    or ``no_command`` says why there is none. ``result`` and ``of_idc`` are what would be compared, None without both. ``reading`` a label file."""

    images: tuple[ImageRow, ...] = ()
    image: ImageRow | None = None
    segmenters: tuple[Segmenter, ...] = ()
    models: tuple[Model, ...] = ()
    model: str = ""
    with_gpu: bool = True
    command: str = ""
    no_command: str = ""
    result: SourceRow | None = None
    of_idc: SourceRow | None = None
    reading: bool = False


class HandOver:
    """``choose`` an image, then ``segment_with``, ``compare``, ``add_labels``... ``changed`` tells the state, ``said`` a sentence, ``to_compare`` two
    segmentations by node id.

    ``start_folders`` adds DICOM files to the database and loads them; ``open_link(level, id, kind)`` opens a page about a row of the catalog.
    """

    def __init__(
        self,
        client: Engine,
        host: Host,
        segments: Segments,
        start_folders: Callable[[Sequence[str]], None],
        open_link: Callable[[str, str, str], None],
        home: Path | None = None,
    ) -> None:
        self._client = client
        self._host = host
        self._segments = segments
        self._start_folders = start_folders
        self._open_link = open_link
        self._home = home or Path.home()
        self._asked: Asked | None = None
        # The image whose files were looked up, whether there are any, and the folder that has all of them.
        self._looked_up: tuple[str, bool, str] = ("", False, "")
        self.state = HandOverState(segmenters=tuple(host.segmenters.known()))
        self.changed: Signal[[]] = Signal()
        self.said: Signal[str] = Signal()
        self.to_compare: Signal[str, str] = Signal()
        segments.changed.connect(self._look)
        self._look()

    def close(self) -> None:
        """Before the scene goes."""
        self._segments.changed.disconnect(self._look)
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None

    # What is done with an image

    def choose(self, node_id: str) -> None:
        """Another image."""
        image = next((one for one in self.state.images if one.node_id == node_id), None)
        if image is not None and image != self.state.image:
            self._take(image)

    def segment_with(self, name: str) -> None:
        """Open a module with the image, or the place where its extension is installed."""
        tool = next((one for one in self.state.segmenters if one.name == name), None)
        if tool is None or self.state.image is None:
            return
        if tool.is_here:
            self.said.emit(self._host.segmenters.hand_over(name, self.state.image.node_id))
        elif self._host.segmenters.get_extension():
            text = _("Search for {extension} in the Extensions Manager, install it, and restart Slicer.")
            self.said.emit(text.format(extension=tool.extension))
        else:
            text = _("This Slicer has no Extensions Manager. Install the extension {extension} by hand.")
            self.said.emit(text.format(extension=tool.extension))

    def open_in(self, kind: str) -> None:
        """Open the series in a viewer of the web; kinds as of ``catalog.about.links``."""
        if self.state.image is not None and self.state.image.series_uid:
            self._open_link("series", self.state.image.series_uid, kind)

    def use_model(self, name: str) -> None:
        """The command for another model."""
        self._set(model=name)
        self._renew_command()

    def use_gpu(self, on: bool) -> None:
        """With or without a graphics card."""
        self._set(with_gpu=on)
        self._renew_command()

    def add_result(self) -> None:
        """Ask for the folder of a result, add it to the database and load it."""
        folder = self._host.choose_folder(_("Folder with the DICOM files of the result"), self._result_folder())
        if folder:
            self._start_folders([folder])

    # What came of it

    def compare(self) -> None:
        """The result beside what IDC has of the image."""
        state = self.state
        if state.result is not None and state.of_idc is not None:
            self.to_compare.emit(state.of_idc.node_id, state.result.node_id)

    def add_labels(self) -> None:
        """Ask for a label file, and show it over the image."""
        # While the dialog is open the scene may change.
        image = self.state.image
        if image is None or self.state.reading:
            return
        path = self._host.choose_open_file(_("Label file"), _("Label files ({kinds})").format(kinds=LABEL_FILES))
        if path:
            self._set(reading=True)
            self.said.emit(_("Reading {file}...").format(file=path))
            read = partial(self._labels_read, image, Path(path).name)
            self._asked = self._client.ask(LABELS({"input": path}), read, self._not_read)

    def _labels_read(self, image: ImageRow, name: str, part: Part) -> None:
        from IDCBrowserLib.labelmap.files.raw import load_labelmap

        self._asked = None
        scene = self._segments.scene
        try:
            node_id = scene.add_on_image(load_labelmap(part), name, image.node_id)
        finally:
            for array in part["arrays"]:
                with contextlib.suppress(OSError):
                    # Mapped already; Windows keeps it until the engine's folder goes.
                    Path(array["array"]).unlink()
        self._set(reading=False)
        self._segments.refresh()
        if not node_id:
            text = _("{name} was not added: its image is no longer in the scene.")
        elif scene.meets(node_id, image.node_id):
            text = _("{name} lies over the image.")
        else:
            text = _("{name} was added, but lies beside the image: its labels were made for another one.")
        self.said.emit(text.format(name=name))

    def _not_read(self, error: IDCBrowserError) -> None:
        self._asked = None
        self._set(reading=False)
        self.said.emit(str(error))

    # Inside

    def _look(self) -> None:
        """The scene has changed."""
        images = self._segments.state.images
        before = self.state.image
        self._set(images=images)
        # What came last is what somebody works on. What is known of an image may come after it.
        same = next((one for one in images if before is not None and one.node_id == before.node_id), None)
        image = same or (images[-1] if images else None)
        if image != before:
            self._take(image)
        else:
            self._find_pair()

    def _take(self, image: ImageRow | None) -> None:
        models = models_for(image.modality) if image is not None else ()
        model = self.state.model if any(one.name == self.state.model for one in models) else models[0].name if models else ""
        self._set(image=image, models=models, model=model, command="", no_command="")
        self._find_pair()
        self._find_files()

    def _find_files(self) -> None:
        image = self.state.image
        if image is not None and image.series_uid:
            self._host.store.series_files(image.series_uid, partial(self._files_found, image), partial(self._files_not_found, image))
        else:
            self._files_found(image, ())

    def _files_found(self, image: ImageRow | None, files: Sequence[str]) -> None:
        if image == self.state.image:
            self._looked_up = ("" if image is None else image.node_id, bool(files), folder_of(files))
            self._write_command()

    def _files_not_found(self, image: ImageRow, error: IDCBrowserError) -> None:
        if image == self.state.image:
            self._set(no_command=str(error))

    def _renew_command(self) -> None:
        self._write_command()
        if not self.state.command:
            # The series may have been downloaded meanwhile.
            self._find_files()

    def _write_command(self) -> None:
        image, (node_id, has_files, folder) = self.state.image, self._looked_up
        if image is None or node_id != image.node_id:
            self._set(command="", no_command="")
        elif not self.state.model:
            text = _("MHub has no model for images of the modality {modality} alone.").format(modality=image.modality)
            self._set(command="", no_command=text)
        elif folder:
            command = command_for(self.state.model, folder, self._result_folder(), self.state.with_gpu)
            self._set(command=command, no_command="")
        else:
            several = _("The files of this image lie in several folders, of which a container can read one.")
            missing = _("The files of this image are not in the DICOM database. Download the series to get a command for it.")
            self._set(command="", no_command=several if has_files else missing)

    def _result_folder(self) -> str:
        image = self.state.image
        return result_folder(self.state.model, image.series_uid if image is not None else "", self._home)

    def _find_pair(self) -> None:
        """A result has no series yet, or one that IDC does not know; the newest is meant. Of what IDC has the first one is."""
        image = self.state.image
        over = () if image is None else self._segments.scene.over(image)
        found = [source for node_id in over if (source := self._segments.state.source(node_id)) is not None and not was_made_by_comparing(source)]
        own = [one for one in found if not one.series_uid] or [one for one in found if not one.origin]
        result = own[-1] if own else None
        others = [one for one in found if one is not result and one.series_uid]
        of_idc = next((one for one in others if one.origin), others[0] if others else None)
        self._set(result=result if of_idc is not None else None, of_idc=of_idc if result is not None else None)

    def _set(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields of the state by name
        if state != self.state:
            self.state = state
            self.changed.emit()
