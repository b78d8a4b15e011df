"""The layers of the house: who may import whom (Resources/Decisions/0001-engine.md, CONTRIBUTING.md)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "IDCBrowser" / "IDCBrowserLib"
STREET = ["catalog", "selection", "transfer", "store", "volume", "labelmap", "preview", "scene"]
AROUND = ["engine", "ui", "cli", "host", "demo"]
HOST_MODULES = {"qt", "ctk", "slicer", "vtk", "vtkmodules", "PySide6", "PythonQt", "DICOMLib"}
QT_MODULES = {"qt", "ctk", "PySide6", "PythonQt"}
HEAVY = ["duckdb", "numpy", "pydicom", "pyarrow", "requests", "pandas", "vtk", "slicer", "PySide6"]
# Unreliable inside an engine that must start at once and stay small.
NEVER = {"pandas", "idc_index"}


def files_of(folder: str) -> Iterator[Path]:
    yield from sorted((LIBRARY / folder).rglob("*.py"))


def imported_names(path: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write from IDCBrowserLib..."
            names.add(node.module or "")
            if node.module == "IDCBrowserLib":
                names.update(f"IDCBrowserLib.{alias.name}" for alias in node.names)
    return names


def layers_of(path: Path) -> set[str]:
    parts = (name.split(".") for name in imported_names(path) if name.startswith("IDCBrowserLib."))
    return {part[1] for part in parts}


def outside_of(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported_names(path)} - {"IDCBrowserLib"}


@pytest.mark.parametrize("layer", STREET)
def test_a_step_of_the_street_imports_only_earlier_steps(layer: str) -> None:
    later = set(STREET[STREET.index(layer) + 1 :]) | set(AROUND)
    offenders = {str(path): sorted(layers_of(path) & later) for path in files_of(layer) if layers_of(path) & later}
    assert offenders == {}


@pytest.mark.parametrize("layer", ["catalog", "selection", "transfer", "volume", "labelmap", "preview", "engine"])
def test_host_free_layers_know_no_host(layer: str) -> None:
    offenders = {str(path): sorted(outside_of(path) & HOST_MODULES) for path in files_of(layer) if outside_of(path) & HOST_MODULES}
    assert offenders == {}


@pytest.mark.parametrize("layer", ["store", "scene", "cli", "demo"])
def test_layers_that_meet_slicer_classes_still_know_no_qt(layer: str) -> None:
    offenders = {str(path): sorted(outside_of(path) & QT_MODULES) for path in files_of(layer) if outside_of(path) & QT_MODULES}
    assert offenders == {}


@pytest.mark.parametrize("layer", ["store", "scene"])
def test_store_and_scene_never_reach_for_the_application(layer: str) -> None:
    offenders = []
    for path in files_of(layer):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_slicer = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "slicer"
            if is_slicer and node.attr in ("app", "mrmlScene", "modules", "util"):
                offenders.append(f"{path}:{node.lineno} slicer.{node.attr}")
    assert offenders == []


def test_only_the_binding_module_imports_a_qt_binding() -> None:
    # i18n only asks Slicer for its translations.
    allowed = {LIBRARY / "ui" / "qtbinding.py", LIBRARY / "ui" / "i18n.py"}
    offenders = [str(path) for path in files_of("ui") if path not in allowed and outside_of(path) & HOST_MODULES]
    assert offenders == []


def test_nobody_uses_pandas_or_the_client_of_idc_index() -> None:
    offenders = {str(path): sorted(outside_of(path) & NEVER) for path in LIBRARY.rglob("*.py") if outside_of(path) & NEVER}
    assert offenders == {}


def test_panels_and_shell_load_without_the_heavy_packages() -> None:
    """What Slicer imports at start: the module file's imports and the client side of the engine."""
    modules = ["IDCBrowserLib.engine.client", "IDCBrowserLib.host.interface", "IDCBrowserLib.wording", "IDCBrowserLib.errors"]
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules}]; print([h for h in {HEAVY} if h in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_folders_are_the_known_ones() -> None:
    folders = {path.name for path in LIBRARY.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(STREET) | set(AROUND)
