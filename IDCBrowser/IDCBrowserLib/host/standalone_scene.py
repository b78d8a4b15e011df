"""The MRML scene of the standalone program: the real classes of slicer-core, composed as Slicer's application does."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import StorageError


class StandaloneScene:
    """One scene with its application logic and the module logics that the nodes of this program need."""

    def __init__(self) -> None:
        import slicer
        from vtkmodules.vtkCommonCore import vtkCollection

        self.scene: Any = slicer.vtkMRMLScene()
        self.application_logic: Any = slicer.vtkSlicerApplicationLogic()
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
        ]
        self._add_singletons()
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(self.scene, True)
        for factory in (slicer.vtkMRMLSliceViewDisplayableManagerFactory, slicer.vtkMRMLThreeDViewDisplayableManagerFactory):
            factory.GetInstance().SetMRMLApplicationLogic(self.application_logic)

    def clear(self) -> None:
        """Remove what was loaded; views, color tables and logics stay."""
        self.scene.Clear(False)

    def save(self, path: Path) -> None:
        """Write the scene as ``.mrb``; the file appears whole or not at all. Raises ``StorageError``."""
        problem = f"The scene could not be written to {path}. Check that there is room and permission there, then save again."
        try:
            # The name inside the bundle is that of the file, so the unfinished file differs by its folder.
            with tempfile.TemporaryDirectory(prefix=".idc-browser-", dir=path.parent) as folder:
                unfinished = Path(folder) / path.name
                if not self.scene.WriteToMRB(str(unfinished), None) or not unfinished.is_file():
                    raise StorageError(problem)
                os.replace(unfinished, path)
        except OSError as error:
            raise StorageError(f"{problem} ({error.strerror or error})") from error

    def save_label_volumes(self, folder: Path) -> list[Path]:
        """Write each label volume as ``<name>.nrrd`` (compressed, RAS or LPS as NRRD states it) into ``folder``. Raises ``StorageError``."""
        from slicer import vtkMRMLVolumeArchetypeStorageNode

        written = []
        for number in range(self.scene.GetNumberOfNodesByClass("vtkMRMLLabelMapVolumeNode")):
            node = self.scene.GetNthNodeByClass(number, "vtkMRMLLabelMapVolumeNode")
            path = folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', node.GetName()).strip('._') or 'labelmap'}.nrrd"
            storage = vtkMRMLVolumeArchetypeStorageNode()
            storage.SetScene(self.scene)
            unfinished = path.with_name(f".part-{path.name}")
            storage.SetFileName(str(unfinished))
            if not storage.WriteData(node):
                unfinished.unlink(missing_ok=True)
                raise StorageError(f"The label volume could not be written to {path}. Check that there is room and permission there.")
            os.replace(unfinished, path)
            written.append(path)
        return written

    def _register(self, name: str, logic: Any) -> Any:
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
