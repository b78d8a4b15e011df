# ruff: noqa: N803, N815  names are Slicer's
"""The few services of Slicer, CTK and DICOMLib that ``host/slicer`` uses, as small fakes around the real MRML of slicer-core, in either binding.

What is faked, and nothing else: ``slicer.app`` (version, layoutManager, pauseRender, resumeRender, dicomDatabase, commandOptions, settingsDialog,
signals), ``slicer.modules``, ``slicer.util`` (selectModule, getModuleWidget, mainWindow, setSliceViewerLayers, showStatusMessage),
``slicer.packaging``,
``slicer.i18n``, ``slicer.ScriptedLoadableModule``, ``qSlicerSingletonViewFactory``, ``ctk.ctkDICOMIndexer``, ``ctk.ctkSettingsPanel``,
``DICOM.DICOMFileDialog``, ``DICOMLib``, ``SampleData``. Scene, nodes and the layout node are real.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from IDCBrowserLib.qtbinding import QtCore, QtWidgets


class FakeDatabase(QtCore.QObject):
    """``ctkDICOMDatabase``: what it is told of files, by reading their headers. Properties are attributes, as in PythonQt."""

    databaseChanged = QtCore.Signal()
    opened = QtCore.Signal()
    closed = QtCore.Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.isOpen = True
        self.isInMemory = False
        self.lastError = ""
        self.databaseDirectory = str(folder)
        file = folder.with_suffix(".sql")
        file.touch()
        self.databaseFilename = str(file)
        self.headers: dict[str, dict[str, str]] = {}

    def closeDatabase(self) -> None:
        self.isOpen = False

    def insert(self, path: str) -> bool:
        import pydicom

        try:
            self.headers[path] = _values(path, os.stat(path).st_mtime_ns)
        except (OSError, pydicom.errors.InvalidDicomError):
            return False
        return True

    def fileValue(self, path: str, tag: str) -> str:
        return self.headers.get(path, {}).get(tag.upper(), "")

    def instanceForFile(self, path: str) -> str:
        return self.fileValue(path, "0008,0018")

    def filesForSeries(self, uid: str, hits: int = -1) -> tuple[str, ...]:
        found = tuple(path for path in self.headers if self.fileValue(path, "0020,000E") == uid)
        return found if hits < 0 else found[:hits]

    def instancesForSeries(self, uid: str, hits: int = -1) -> tuple[str, ...]:
        return tuple(self.instanceForFile(path) for path in self.filesForSeries(uid, hits))

    def fileForInstance(self, uid: str) -> str:
        return next((path for path in self.headers if self.instanceForFile(path) == uid), "")

    def removeSeries(self, uid: str) -> bool:
        files = self.filesForSeries(uid)
        for path in files:
            del self.headers[path]
        return bool(files)


@lru_cache(maxsize=1000)
def _values(path: str, _modified: int) -> dict[str, str]:
    """What the header of a file says by its tags; each test inserts the same files."""
    import pydicom

    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    return {f"{item.tag.group:04X},{item.tag.element:04X}": str(item.value) for item in dataset if item.VR != "SQ"}


class FakeIndexer(QtCore.QObject):
    """``ctkDICOMIndexer``: in the background it works in a later turn of the event loop."""

    progress = QtCore.Signal(int)
    indexingComplete = QtCore.Signal(int, int, int, int)

    def __init__(self) -> None:
        super().__init__()
        self._stopped = False

    def setDatabase(self, database: FakeDatabase) -> None:
        self._database = database

    def addListOfFiles(self, files: list[str], copy: bool) -> None:
        assert copy is False
        if self.property("backgroundImportEnabled"):
            QtCore.QTimer.singleShot(0, lambda: self._work(files))
        else:
            self._work(files)

    def cancel(self) -> None:
        self._stopped = True

    def _work(self, files: list[str]) -> None:
        added = 0
        for number, path in enumerate(files):
            if self._stopped:
                break
            added += self._database.insert(path)
            self.progress.emit(int(100 * (number + 1) / len(files)))
        self._database.databaseChanged.emit()
        self.indexingComplete.emit(1, 1, 1, added)


class FakeViewFactory:
    """``qSlicerSingletonViewFactory``: holds the widget in one of its own until a layout takes it."""

    def __init__(self) -> None:
        self.inner = QtWidgets.QWidget()
        self.shown: Any = None
        self.tag = ""

    def setTagName(self, tag: str) -> None:
        self.tag = tag

    def setWidget(self, widget: Any) -> None:
        self.shown = widget
        if widget is not None:
            widget.setParent(self.inner)


class FakeLayoutManager(QtCore.QObject):
    """``qMRMLLayoutManager`` on a real layout node; an unknown layout becomes the conventional one, as there."""

    layoutChanged = QtCore.Signal(int)

    def __init__(self) -> None:
        import slicer

        super().__init__()
        self.node = slicer.vtkMRMLLayoutNode()
        self.node.AddLayoutDescription(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView, "<layout/>")
        self.node.AddLayoutDescription(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView, "<layout/>")
        self.node.AddLayoutDescription(slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView, "<layout/>")
        self.node.AddLayoutDescription(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView, "<layout/>")
        self.node.SetViewArrangement(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
        self.area = QtWidgets.QWidget()
        self.factories: list[FakeViewFactory] = []
        self.fitted: list[str] = []
        # The volume that fills the slice views.
        self.background: Any = None
        # ``qMRMLSliceWidget`` by name.
        self.slice_widgets: dict[str, Any] = {}

    def sliceViewNames(self) -> tuple[str, ...]:
        return tuple(self.slice_widgets)

    def sliceWidget(self, name: str) -> Any:
        return self.slice_widgets.get(name)

    @property
    def layout(self) -> int:
        return int(self.node.GetViewArrangement())

    @property
    def threeDViewCount(self) -> int:
        return 1

    def threeDWidget(self, _number: int) -> Any:
        return SimpleNamespace(threeDView=lambda: SimpleNamespace(resetFocalPoint=lambda: self.fitted.append("3D")))

    def layoutLogic(self) -> Any:
        return SimpleNamespace(GetLayoutNode=lambda: self.node)

    def mrmlSliceLogics(self) -> Any:
        """One for each slice view of the scene; ``fitted`` keeps the names of views that were fitted to their image."""
        import slicer

        from IDCBrowserLib.scene.slice_planes import slice_nodes

        views = slice_nodes(slicer.mrmlScene)
        return SimpleNamespace(GetNumberOfItems=lambda: len(views), GetItemAsObject=lambda number: self._logic(views[number]))

    def _logic(self, view: Any) -> Any:
        shown = self.background if self.background is not None and self.background.GetScene() is not None else None
        return SimpleNamespace(
            GetSliceNode=lambda: view,
            FitSliceToBackground=lambda: self.fitted.append(view.GetName()),
            GetBackgroundLayer=lambda: SimpleNamespace(GetVolumeNode=lambda: shown),
        )

    def registerViewFactory(self, factory: FakeViewFactory) -> None:
        self.factories.append(factory)

    def setLayout(self, layout: int) -> None:
        import slicer

        if not self.node.IsLayoutDescription(layout):
            layout = slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView
        self.node.SetViewArrangement(layout)
        description = self.node.GetLayoutDescription(layout)
        for factory in self.factories:
            if factory.shown is not None:
                factory.shown.setParent(self.area)
                factory.shown.setVisible(f"<{factory.tag}>" in description)
        self.layoutChanged.emit(layout)


class FakeApplication(QtCore.QObject):
    """``slicer.app``."""

    aboutToQuit = QtCore.Signal()
    startupCompleted = QtCore.Signal()
    urlReceived = QtCore.Signal(str)

    def __init__(self, database: FakeDatabase, window: bool) -> None:
        super().__init__()
        self.majorVersion, self.minorVersion = 5, 12
        self.database = database
        self.manager = FakeLayoutManager() if window else None
        self.pages: list[tuple[str, Any]] = []
        self.window = window
        # How often drawing was paused and not resumed.
        self.pauses = 0

    def pauseRender(self) -> None:
        self.pauses += 1

    def resumeRender(self) -> None:
        self.pauses -= 1

    def layoutManager(self) -> Any:
        return self.manager

    def dicomDatabase(self) -> FakeDatabase:
        return self.database

    def commandOptions(self) -> Any:
        return SimpleNamespace(noMainWindow=not self.window)

    def settingsDialog(self) -> Any:
        return SimpleNamespace(addPanel=lambda label, panel: self.pages.append((label, panel)))

    def connect(self, *arguments: Any) -> Any:
        """PythonQt's ``connect("name()", function)``; PySide6's own ``signal.connect`` comes through here as well."""
        if len(arguments) == 2:
            return getattr(self, arguments[0].split("(", maxsplit=1)[0]).connect(arguments[1])
        return QtCore.QObject.connect(*arguments)


class FakeSettingsPanel(QtWidgets.QWidget):
    """``ctkSettingsPanel``."""

    OptionNone = 0
    OptionRequireRestart = 1

    def __init__(self) -> None:
        super().__init__()
        self.registered: list[str] = []

    def registerProperty(self, key: str, widget: Any, name: str, signal: str, label: str, options: int) -> None:
        assert widget.property(name) is not None and signal.endswith(")")
        self.registered.append(key)


class Packaging:
    """``slicer.packaging``: ``installed`` says what pip_check says; ``outcome`` is what asking leads to: "install", "decline" or "fail"."""

    def __init__(self, installed: bool) -> None:
        self.installed = installed
        self.outcome = "install"
        self.arguments: list[str] = []

    def load_requirements(self, path: str) -> list[str]:
        return [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]

    def pip_check(self, _requirement: str) -> bool:
        return self.installed

    def pip_ensure(self, _requirements: list[str], requester: str) -> None:
        """Asks first."""
        if self.outcome == "decline":
            raise RuntimeError("User declined package installation")
        self._run()

    def pip_install(self, arguments: list[str], requester: str) -> None:
        self.arguments = arguments
        self._run()

    def _run(self) -> None:
        if self.outcome == "fail":
            raise subprocess.CalledProcessError(1, "pip")
        self.installed = True


class FakeLoadable:
    """``DICOMLib.DICOMLoadable``."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.name, self.tooltip, self.warning = "Unknown", "", ""
        self.selected, self.confidence = False, 0.5


class FakePlugin:
    """``DICOMLib.DICOMPlugin``."""

    def __init__(self) -> None:
        self.tags = {"seriesDescription": "0008,103E", "instanceUID": "0008,0018", "sopClassUID": "0008,0016", "seriesInstanceUID": "0020,000E"}
        self.loadType = "Generic DICOM"

    def examineForImport(self, file_lists: Any) -> list[FakeLoadable]:
        return [loadable for files in file_lists for loadable in self.examineFiles(files)]

    def examineFiles(self, files: Any) -> list[FakeLoadable]:
        return []

    def defaultSeriesNodeName(self, uid: str) -> str:
        import slicer

        database: Any = slicer.dicomDatabase
        return str(database.fileValue(database.filesForSeries(uid, 1)[0], "0008,103E")) or "Unnamed Series"


class FakeSlicer:
    """All of it, put into ``slicer`` and ``sys.modules`` by ``install`` through pytest's monkeypatch, which takes it out again."""

    def __init__(self, folder: Path, window: bool = True, packages: bool = True) -> None:
        import slicer

        self.database = FakeDatabase(folder)
        self.app = FakeApplication(self.database, window)
        self.scene = slicer.vtkMRMLScene()
        self.packaging = Packaging(packages)
        self.modules = SimpleNamespace()
        self.selected: list[str] = []
        self.layers: list[Any] = []
        self.module_widget: Any = None
        self.main_window: Any = None
        self.can_create_database = True
        self.samples: dict[str, Any] = {}
        # volumes that DICOMUtils would load, by file: a function that makes the node
        self.load_images: Any = lambda files: []
        # What the plugin for images offered last.
        self.examined: Any = None

    def install(self, patch: Any, settings_folder: Path) -> FakeSlicer:
        import slicer
        import slicer.util

        QtCore.QCoreApplication.setOrganizationName("IDC Browser tests")
        QtCore.QSettings.setDefaultFormat(QtCore.QSettings.Format.IniFormat)
        QtCore.QSettings.setPath(QtCore.QSettings.Format.IniFormat, QtCore.QSettings.Scope.UserScope, str(settings_folder))
        for name, value in {
            "app": self.app,
            "mrmlScene": self.scene,
            "modules": self.modules,
            "packaging": self.packaging,
            "dicomDatabase": self.database,
            "dicomDatabaseDirectorySettingsKey": "DatabaseDirectory_0.8.1",
            "qSlicerSingletonViewFactory": FakeViewFactory,
        }.items():
            patch.setattr(slicer, name, value, raising=False)
        for name, value in {
            "selectModule": self._select,
            "getModuleWidget": lambda _name: self.module_widget,
            "mainWindow": lambda: self.main_window,
            "setSliceViewerLayers": self._set_layers,
            "showStatusMessage": lambda *_: None,
        }.items():
            patch.setattr(slicer.util, name, value, raising=False)
        for name, module in self._modules().items():
            patch.setitem(sys.modules, name, module)
        return self

    def _set_layers(self, **layers: Any) -> None:
        self.layers.append(layers)
        if self.app.manager is not None:
            self.app.manager.background = layers.get("background")

    def _select(self, name: str) -> None:
        if not self.app.window:
            raise RuntimeError("Could not find moduleSelector in the main window")
        self.selected.append(name)

    def _modules(self) -> dict[str, Any]:
        utilities = SimpleNamespace(
            getDefaultPluginClassNames=lambda: list(getattr(self.modules, "dicomPlugins", {})),
            getLoadablesFromFileLists=self._examine,
            selectHighestConfidenceLoadables=self.select_highest,
            loadLoadables=self._load,
        )
        samples = SimpleNamespace(
            registerCustomSampleDataCategory=lambda _category, _title: None,
            registerCustomSampleDataSource=self._add_sample,
        )
        return {
            "SampleData": _module("SampleData", SampleDataLogic=samples),
            "slicer.packaging": self.packaging,
            "slicer.i18n": _module("slicer.i18n", tr=lambda text: text, translate=lambda _context, text: text),
            "slicer.ScriptedLoadableModule": scripted_module(),
            "ctk": _module("ctk", ctkDICOMIndexer=FakeIndexer, ctkSettingsPanel=FakeSettingsPanel),
            "DICOM": _module("DICOM", DICOMFileDialog=SimpleNamespace(createDefaultDatabase=self._create)),
            "DICOMLib": _module("DICOMLib", DICOMUtils=utilities, DICOMLoadable=FakeLoadable, DICOMPlugin=FakePlugin),
        }

    def _add_sample(self, category: str, sampleName: str, uris: list[str], fileNames: list[str], customDownloader: Any) -> None:
        assert category and len(uris) == len(fileNames), "Slicer compares them"
        self.samples[sampleName] = customDownloader

    def _create(self) -> bool:
        if self.database.isOpen:
            return True
        self.selected.append("DICOM")
        self.database.isOpen = self.can_create_database
        if self.can_create_database:
            Path(self.database.databaseFilename).touch()
        return self.can_create_database

    def _examine(self, file_lists: Any, plugins: Any = None, messages: Any = None, progress: Any = None, instances: Any = None) -> Any:
        """With the plugins named that are registered; without any that reads images, one that ``load_images`` stands for."""
        registered = getattr(self.modules, "dicomPlugins", {})
        if "DICOMScalarVolumePlugin" not in registered:
            loadable = FakeLoadable()
            loadable.files, loadable.selected = file_lists[0], True
            self.examined = loadable
            if progress is not None:
                progress("Scalar volume", 0)
            return {"plugin": [loadable]}, True
        instances = {} if instances is None else instances
        found: dict[Any, list[FakeLoadable]] = {}
        for name in registered if plugins is None else plugins:
            plugin = instances.setdefault(name, registered[name]())
            found[plugin] = list(plugin.examineForImport(file_lists))
        return found, any(found.values())

    def select_highest(self, loadables_by_plugin: Any) -> None:
        """Of each series, those with the highest confidence."""
        by_series: dict[str, list[Any]] = {}
        for loadable in [one for many in loadables_by_plugin.values() for one in many]:
            by_series.setdefault(self.database.fileValue(loadable.files[0], "0020,000E"), []).append(loadable)
        for loadables in by_series.values():
            highest = max(loadable.confidence for loadable in loadables)
            for loadable in loadables:
                loadable.selected = loadable.confidence == highest

    def _load(self, loadables: Any, messages: Any = None, progress: Any = None) -> list[str]:
        if progress is not None and progress("loading", 50):
            return []
        if "plugin" in loadables:
            return [node.GetID() for node in self.load_images(loadables["plugin"][0].files)]
        added: list[str] = []
        before = self.scene.GetNumberOfNodes()
        for plugin, own in loadables.items():
            for loadable in own:
                if not loadable.selected:
                    continue
                loadable.loadSuccess = bool(plugin.load(loadable))
                if not loadable.loadSuccess and messages is not None:
                    messages.append(f"Could not load: {loadable.name} as a {plugin.loadType}")
        added += [self.scene.GetNthNode(number).GetID() for number in range(before, self.scene.GetNumberOfNodes())]
        return added


def scripted_module() -> ModuleType:
    """``slicer.ScriptedLoadableModule`` with the four base classes, as far as the module file uses them."""

    class Module:
        def __init__(self, parent: Any) -> None:
            self.parent = parent

    class Widget:
        def __init__(self, parent: Any = None) -> None:
            self.parent = parent
            self.layout = parent.layout() if parent is not None else None
            self.reloaded = False

        def setup(self) -> None:
            """The developer's section."""

        def resourcePath(self, name: str) -> str:
            return str(Path(__file__).resolve().parents[2] / "IDCBrowser" / "Resources" / name)

        def onReload(self) -> None:
            self.reloaded = True

    class Logic:
        def __init__(self, parent: Any = None) -> None:
            self.parent = parent

    class Test:
        """Is a unittest.TestCase in Slicer."""

    return _module(
        "slicer.ScriptedLoadableModule",
        ScriptedLoadableModule=Module,
        ScriptedLoadableModuleWidget=Widget,
        ScriptedLoadableModuleLogic=Logic,
        ScriptedLoadableModuleTest=Test,
    )


def _module(name: str, **contents: Any) -> ModuleType:
    module = ModuleType(name)
    for key, value in contents.items():
        setattr(module, key, value)
    return module
