"""The MRML scene of the standalone program: the real classes of slicer-core, composed as Slicer's application does."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, overload

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.host.standalone.log import errors_only
from IDCBrowserLib.scene.segments.line_style import solid_meanwhile
from IDCBrowserLib.whole_file import check_takes_files, part_folder

if TYPE_CHECKING:
    from slicer import (
        vtkMRMLAbstractLogic,
        vtkMRMLDisplayableNode,
        vtkMRMLLabelMapVolumeNode,
        vtkMRMLNode,
        vtkMRMLScalarVolumeNode,
        vtkMRMLSegmentationNode,
    )


class StandaloneScene:
    """One scene with its application logic and the module logics that the nodes of this program need."""

    def __init__(self) -> None:
        import slicer
        from vtkmodules.vtkCommonCore import vtkCollection

        self.scene = slicer.vtkMRMLScene()
        self.application_logic = slicer.vtkSlicerApplicationLogic()
        self.application_logic.SetMRMLScene(self.scene)
        self.application_logic.SetSliceLogics(vtkCollection())
        self.application_logic.SetViewLogics(vtkCollection())
        color_logic = self.application_logic.GetColorLogic()
        color_logic.SetMRMLScene(self.scene)
        color_logic.AddDefaultColorNodes()
        self._logics = [
            self._register("Colors", color_logic),
            self._register("SubjectHierarchy", slicer.vtkSlicerSubjectHierarchyModuleLogic()),
            self._register("Volumes", slicer.vtkSlicerVolumesLogic()),
            self._register("Markups", slicer.vtkSlicerMarkupsLogic()),
            self._register("Models", slicer.vtkSlicerModelsLogic()),
            self._register("Segmentations", slicer.vtkSlicerSegmentationsModuleLogic()),
            self._register("Sequences", slicer.vtkSlicerSequencesLogic()),
        ]
        self._add_singletons()
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(self.scene, True)
        for factory in (slicer.vtkMRMLSliceViewDisplayableManagerFactory, slicer.vtkMRMLThreeDViewDisplayableManagerFactory):
            factory.GetInstance().SetMRMLApplicationLogic(self.application_logic)

    def clear(self) -> None:
        """Remove what was loaded; views, color tables and logics stay."""
        self.scene.Clear(False)

    def release(self) -> None:
        """Take scene and logics apart in order, after the views were released. Left to the garbage collector, the color logic removes its nodes
        while slice logics that are half gone still listen, which crashes."""
        for logics in (self.application_logic.GetSliceLogics(), self.application_logic.GetViewLogics()):
            for number in range(logics.GetNumberOfItems()):
                cast("vtkMRMLAbstractLogic", logics.GetItemAsObject(number)).SetMRMLScene(None)
            logics.RemoveAllItems()
        self.scene.Clear(True)
        with errors_only():
            # The Segmentations logic warns that it has no scene any more.
            for logic in reversed(self._logics):
                logic.SetMRMLScene(None)
        self.application_logic.SetMRMLScene(None)

    def save(self, path: Path) -> None:
        """Write the scene as ``.mrb``; the file appears whole or not at all. Raises ``StorageError``."""
        # The name inside the bundle is that of the file, so the unfinished file differs by its folder.
        with solid_meanwhile(self.scene):
            _write_whole(path, lambda unfinished: self.scene.WriteToMRB(str(unfinished), None))

    def save_labelmap_volumes(self, folder: Path) -> list[Path]:
        """Write each labelmap volume as ``.nrrd`` (gzip) named after its node; gives the paths. Raises ``StorageError``."""
        written: list[Path] = []
        for node in self.nodes("vtkMRMLLabelMapVolumeNode"):
            name = safe_file_name(node.GetName())
            taken = sum(1 for path in written if path.stem.rpartition("_")[0] == name or path.stem == name)
            path = folder / (f"{name}_{taken + 1}.nrrd" if taken else f"{name}.nrrd")
            _write_whole(path, partial(_write_volume, node))
            written.append(path)
        return written

    @overload
    def nodes(self, node_class: Literal["vtkMRMLScalarVolumeNode"]) -> list[vtkMRMLScalarVolumeNode]: ...
    @overload
    def nodes(self, node_class: Literal["vtkMRMLLabelMapVolumeNode"]) -> list[vtkMRMLLabelMapVolumeNode]: ...
    @overload
    def nodes(self, node_class: Literal["vtkMRMLSegmentationNode"]) -> list[vtkMRMLSegmentationNode]: ...
    @overload
    def nodes(self, node_class: str) -> Sequence[vtkMRMLDisplayableNode]: ...
    def nodes(self, node_class: str) -> Sequence[vtkMRMLDisplayableNode]:
        """The nodes of exactly this class, in the order of the scene."""
        count = self.scene.GetNumberOfNodesByClass(node_class)
        found = (self.scene.GetNthNodeByClass(index, node_class) for index in range(count))
        return [cast("vtkMRMLDisplayableNode", node) for node in found if node.GetClassName() == node_class]

    def _register(self, name: str, logic: vtkMRMLAbstractLogic) -> vtkMRMLAbstractLogic:
        logic.SetMRMLApplicationLogic(self.application_logic)
        logic.SetMRMLScene(self.scene)
        self.application_logic.SetModuleLogic(name, logic)
        return logic

    def _add_singletons(self) -> None:
        """What Slicer's application adds to every scene."""
        from slicer import vtkMRMLCrosshairNode

        crosshair = vtkMRMLCrosshairNode()
        crosshair.SetCrosshairName("default")
        self.scene.AddNode(crosshair)


def safe_file_name(name: str) -> str:
    """A node's name as a file name on every system; names come from DICOM headers and may hold anything."""
    safe = re.sub(r"[^\w.+-]+", "_", name).strip("._")
    return safe[:120] or "unnamed"


def _write_volume(node: vtkMRMLNode, path: Path) -> bool:
    from slicer import vtkMRMLVolumeArchetypeStorageNode

    storage = vtkMRMLVolumeArchetypeStorageNode()
    storage.SetScene(node.GetScene())
    storage.SetFileName(str(path))
    return bool(storage.WriteData(node))


def _write_whole(path: Path, write: Callable[[Path], bool]) -> None:
    problem = f"{path} could not be written. Check the disk space and permissions, then save again."
    check_takes_files(path)
    try:
        with part_folder(".idc-browser-", path.parent) as folder:
            unfinished = folder / path.name
            if not write(unfinished) or not unfinished.is_file():
                raise StorageError(problem)
            os.replace(unfinished, path)
    except OSError as error:
        raise StorageError(f"{problem} ({error.strerror or error})") from error
