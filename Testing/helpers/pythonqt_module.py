"""Run by a PythonQt launcher, not by pytest: the module of Slicer, from the packages to its panel of segments, on fakes of Slicer's services and the
real MRML.

``LAUNCHER pythonqt_module.py`` with IDC_BROWSER_STORY (a JSON object: ``paths`` for sys.path, ``folder`` for settings). Prints one JSON object on its
last line: ``said`` by the module panel at each step, ``rows`` of the panel of segments, the ``dice`` of two of them, what is ``left`` of them after
the scene was closed, what is ``alive`` after the module was, ``problems`` raised in a slot or model; or null where this program has no MRML.
"""

import gc
import importlib.util
import json
import os
import sys
import weakref
from pathlib import Path
from typing import Any

_DEFERRED_DELETE = 52


class Patch:
    """What of pytest's monkeypatch the fakes use. This process ends with what it changed."""

    def setattr(self, target: Any, name: str, value: Any, raising: bool = True) -> None:
        setattr(target, name, value)

    def setitem(self, mapping: Any, key: Any, value: Any) -> None:
        mapping[key] = value


class Module:
    """The module's widget in a panel as wide as Slicer's."""

    def __init__(self, folder: Path, requirements: str) -> None:
        from helpers.fake_slicer import FakeSlicer
        from IDCBrowserLib.host.slicer.desktop import SlicerDesktop
        from IDCBrowserLib.qtbinding import QtWidgets

        self.application = QtWidgets.QApplication
        self._folder = folder
        self.slicer = FakeSlicer(folder, packages=False).install(Patch(), folder / "settings")
        self.engines: list[Any] = []
        self.parent = QtWidgets.QWidget()
        QtWidgets.QVBoxLayout(self.parent)
        self.desktop = SlicerDesktop(self.parent.layout(), requirements, "", self._engine)
        self.slicer.module_widget = self.desktop
        self.parent.resize(420, 900)
        self.parent.show()

    def settle(self) -> None:
        for _ in range(10):
            for engine in self.engines:
                engine.settle()
            self.application.processEvents()

    def said(self) -> str:
        return str(self.desktop.panel.state.property("text"))

    def install(self, outcome: str) -> str:
        self.slicer.packaging.outcome = outcome
        self.desktop.panel.install.click()
        self.settle()
        return self.said()

    def _engine(self) -> Any:
        from helpers.answer import answer
        from helpers.fake_catalog import FakeCatalog
        from helpers.fake_host import FakeEngine
        from IDCBrowserLib.api.compare import COMPARE
        from IDCBrowserLib.engine.methods.compare import compare
        from IDCBrowserLib.engine.state import EngineState
        from IDCBrowserLib.task import Task

        state = EngineState({"exchange_folder": str(self._folder)})
        engine = FakeEngine(
            {
                **FakeCatalog().handlers(),
                **answer(COMPARE, lambda params: compare(state, params, Task())),
                "store.series_status": lambda asked: dict.fromkeys(asked["series"], "absent"),
            }
        )
        # As ``QtEngine``.
        engine.start, engine.close = engine.client.start, engine.client.close
        self.engines.append(engine)
        return engine


def add_segmentation(first: int) -> None:
    """A cube that is called Liver, of 4 voxels along each axis from ``first`` on."""
    import numpy as np
    import slicer
    from vtk.util.numpy_support import vtk_to_numpy

    image = slicer.vtkOrientedImageData()
    image.SetDimensions(8, 8, 8)
    image.AllocateScalars(3, 1)
    voxels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(8, 8, 8)
    voxels[:] = 0
    voxels[2:6, 2:6, first : first + 4] = np.uint8(1)
    node = slicer.vtkMRMLSegmentationNode()
    slicer.mrmlScene.AddNode(node)
    node.CreateDefaultDisplayNodes()
    node.AddSegmentFromBinaryLabelmapRepresentation(image, "Liver", [1, 0, 0])


def use(module: Module) -> dict[str, Any]:
    """Packages, tables, pages, segments; away and back."""
    import slicer

    desktop = module.desktop
    desktop.enter()
    said = [module.said(), module.install("decline"), module.install("install")]
    for level in ("collections", "cases", "studies", "series"):
        desktop._browser_panel.tables[level].view.selectAll()
        module.settle()
    said.append(str(desktop.panel.selection.property("text")).split("\n")[0])
    desktop.segments.open()
    add_segmentation(2)
    module.settle()
    panel = desktop.segments.work.panel
    model, page = panel.list.model, panel.list
    above = model.index(0, 0)
    page.view.setCurrentIndex(model.index(0, 0, above))
    for button in (page.largest, page.next, page.only, page.none, page.all, desktop.segments.show_3d.show):
        button.click()
        module.settle()
    rows = [[str(model.data(model.index(row, column, above))) for column in range(3)] for row in range(model.rowCount(above))]
    dice = compare_two(module, panel.compare)
    for number in range(3):
        panel.widget.setCurrentIndex(number)
        module.settle()
    module.parent.grab()
    desktop.exit()
    desktop.enter()
    slicer.mrmlScene.Clear(0)
    module.settle()
    return {"said": said, "rows": rows, "dice": dice, "left": model.rowCount()}


def close(module: Module) -> list[str]:
    """The module as Slicer ends it; classes of what is not let go."""
    from IDCBrowserLib.qtbinding import QtCore

    desktop = module.desktop
    used = (desktop.browser, desktop._browser_panel, desktop.segments, desktop.segments.work, desktop.segments.work.panel)
    references = [weakref.ref(one) for one in used]
    desktop.close()
    del used
    QtCore.QCoreApplication.sendPostedEvents(None, _DEFERRED_DELETE)
    gc.collect()
    return [type(one).__name__ for reference in references if (one := reference()) is not None]


def compare_two(module: Module, page: Any) -> str:
    """The second half over the first, side by side and as a figure."""
    add_segmentation(4)
    module.settle()
    for choice, place in ((page.first, 0), (page.second, 1)):
        choice.setCurrentIndex(place)
    for button in (page.linked, page.linked, page.agreement, page.start):
        button.click()
        module.settle()
    page.view.expandAll()
    return str(page.model.data(page.model.index(0, 1, page.model.index(0, 0))))


def main() -> None:
    config = json.loads(os.environ["IDC_BROWSER_STORY"])
    sys.path[:0] = config["paths"]
    from helpers.pythonqt_binding import provide_qt

    provide_qt()
    if importlib.util.find_spec("slicer") is None:
        print("null")
        return
    from helpers.pythonqt_program import heard_problems

    problems = heard_problems()
    module = Module(Path(config["folder"]), f"{config['paths'][0]}/Resources/requirements.txt")
    told = {**use(module), "alive": close(module)}
    print(json.dumps({**told, "problems": problems}), flush=True)


main()
