"""Modules that stand for those of other extensions: scripted modules of their names, with the selectors that IDC Browser sets. No model runs."""

from pathlib import Path

import qt
import slicer

_MODULE = """
import qt
import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleLogic, ScriptedLoadableModuleWidget
from stand_in_modules import StandInUi


class {name}(ScriptedLoadableModule):
    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title, parent.categories, parent.contributors = "{name} (stand-in)", ["Testing"], ["Nobody"]


class {name}Logic(ScriptedLoadableModuleLogic):
    pass


class {name}Widget(ScriptedLoadableModuleWidget):
    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        self.logic = {name}Logic()
        self.ui = StandInUi(self.layout, "{image}")
"""
# Name of the module, and of its selector of an image; nnInteractive has an editor instead.
_NAMES = {"TotalSegmentator": "inputVolumeSelector", "MONAIAuto3DSeg": "inputNodeSelector0", "SlicerNNInteractive": ""}


class StandInUi:
    """``ui`` of such a module."""

    def __init__(self, layout, image):
        if image:
            setattr(self, image, self._selector(layout, "vtkMRMLScalarVolumeNode"))
            self.outputSegmentationSelector = self._selector(layout, "vtkMRMLSegmentationNode")
        else:
            self.editor_widget = slicer.qMRMLSegmentEditorWidget()
            self.editor_widget.setMRMLScene(slicer.mrmlScene)
            node = slicer.vtkMRMLSegmentEditorNode()
            self.editor_widget.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNode(node))
            layout.addWidget(self.editor_widget)

    def _selector(self, layout, kind):
        made = slicer.qMRMLNodeComboBox()
        made.nodeTypes, made.noneEnabled, made.addEnabled = [kind], True, False
        made.setMRMLScene(slicer.mrmlScene)
        layout.addWidget(made)
        return made


def register(folder):
    """Write the modules into a folder and load them, as the Extension Wizard does; once in a Slicer."""
    manager = slicer.app.moduleManager().factoryManager()
    for name, image in _NAMES.items():
        if hasattr(slicer.modules, name.lower()):
            continue
        path = Path(folder) / f"{name}.py"
        path.write_text(_MODULE.format(name=name, image=image), encoding="utf-8")
        manager.registerModule(qt.QFileInfo(str(path)))
    manager.loadModules([name for name in _NAMES if not hasattr(slicer.modules, name.lower())])


def hide():
    """As in a Slicer without these extensions; gives what to ``show`` again."""
    found = {name: getattr(slicer.modules, name.lower()) for name in _NAMES if hasattr(slicer.modules, name.lower())}
    for name in found:
        delattr(slicer.modules, name.lower())
    return found


def show(hidden):
    """What was hidden is there again."""
    for name, module in hidden.items():
        setattr(slicer.modules, name.lower(), module)
