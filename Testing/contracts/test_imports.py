"""The layers of the house: who may import whom (Resources/Decisions/0001-engine.md, CONTRIBUTING.md)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from helpers.sources import LIBRARY, nodes_of, tree_of

# Below everything: what the parts of the program say to each other.
GROUND = ["api"]
STREET = ["dicom", "catalog", "selection", "transfer", "store"]
STREET += [
    "volume",
    "pet",
    "labelmap",
    "dose",
    "surface",
    "registration",
    "slide",
    "compare",
    "report",
    "export",
    "describe",
    "preview",
    "cohort",
    "review",
    "scene",
]
AROUND = ["engine", "batch", "provisioning", "logic", "ui", "cli", "host", "demo", "translations"]
HOST_MODULES = {"qt", "ctk", "slicer", "vtk", "vtkmodules", "PySide6", "PythonQt", "DICOMLib"}
QT_MODULES = {"qt", "ctk", "PySide6", "PythonQt"}
HEAVY = ["duckdb", "numpy", "pydicom", "pyarrow", "requests", "scipy", "pandas", "vtk", "slicer", "PySide6"]
# Unreliable inside an engine that must start at once and stay small.
NEVER = {"pandas", "idc_index"}


def files_of(folder: str) -> Iterator[Path]:
    yield from sorted((LIBRARY / folder).rglob("*.py"))


@cache
def imported_names(path: Path, top_level_only: bool = False) -> set[str]:
    nodes = tree_of(path).body if top_level_only else nodes_of(path)
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


def test_the_declarations_of_the_engine_need_nothing_of_it() -> None:
    allowed = {"api", "task"}
    assert {str(path): found for path in files_of("api") if (found := sorted(layers_of(path) - allowed))} == {}


@pytest.mark.parametrize("layer", [*(step for step in STREET if step not in ("store", "scene")), "engine", "batch"])
def test_host_free_layers_know_no_host(layer: str) -> None:
    offenders = {str(path): sorted(outside_of(path) & HOST_MODULES) for path in files_of(layer) if outside_of(path) & HOST_MODULES}
    assert offenders == {}


@pytest.mark.parametrize("layer", ["store", "scene", "logic", "cli", "demo"])
def test_layers_that_meet_slicer_classes_still_know_no_qt(layer: str) -> None:
    offenders = {str(path): sorted(outside_of(path) & QT_MODULES) for path in files_of(layer) if outside_of(path) & QT_MODULES}
    assert offenders == {}


@pytest.mark.parametrize("layer", ["store", "scene"])
def test_store_and_scene_never_reach_for_the_application(layer: str) -> None:
    offenders = []
    for path in files_of(layer):
        for node in nodes_of(path):
            is_slicer = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "slicer"
            if is_slicer and node.attr in ("app", "mrmlScene", "modules", "util"):
                offenders.append(f"{path}:{node.lineno} slicer.{node.attr}")
    assert offenders == []


@pytest.mark.parametrize("layer", ["logic", "ui"])
def test_panels_and_their_logic_reach_a_qt_binding_through_one_module(layer: str) -> None:
    offenders = [str(path) for path in files_of(layer) if outside_of(path) & HOST_MODULES]
    assert offenders == []


def test_logic_knows_no_widgets() -> None:
    offenders = {str(path): sorted(layers_of(path) & {"qtbinding", "ui", "host"}) for path in files_of("logic")}
    assert {path: found for path, found in offenders.items() if found} == {}


def test_panels_know_no_host() -> None:
    assert [str(path) for path in files_of("ui") if "host" in layers_of(path)] == []


def test_nobody_uses_pandas_or_the_client_of_idc_index() -> None:
    offenders = {str(path): sorted(outside_of(path) & NEVER) for path in LIBRARY.rglob("*.py") if outside_of(path) & NEVER}
    assert offenders == {}


def test_panels_and_shell_load_without_the_heavy_packages() -> None:
    """What Slicer imports at start: the module file's imports and the client side of the engine."""
    modules = ["IDCBrowserLib.engine.client", "IDCBrowserLib.host_interface", "IDCBrowserLib.wording", "IDCBrowserLib.errors"]
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules}]; print([h for h in {HEAVY} if h in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_folders_are_the_known_ones() -> None:
    folders = {path.name for path in LIBRARY.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(GROUND) | set(STREET) | set(AROUND)


def modules() -> dict[str, Path]:
    return {".".join(("IDCBrowserLib", *path.relative_to(LIBRARY).with_suffix("").parts)): path for path in LIBRARY.rglob("*.py")}


@cache
def imports_between_files() -> dict[str, set[str]]:
    """Which file imports which, also inside functions and for type checking."""
    known = modules()
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        found[name] = set()
        for node in nodes_of(path):
            if isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                found[name] |= (names | {node.module or ""}) & known.keys()
            elif isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names} & known.keys()
    return found


def rooms_of(files: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same between folders. A folder and those inside it are one house: only its sub-folders are compared with each other."""
    rooms: dict[str, set[str]] = {}
    for name, imported in files.items():
        room = name.rpartition(".")[0]
        others = {other.rpartition(".")[0] for other in imported} - {room}
        rooms.setdefault(room, set()).update(other for other in others if not (is_inside(room, other) or is_inside(other, room)))
    return {room: others & rooms.keys() for room, others in rooms.items()}


def is_inside(room: str, other: str) -> bool:
    return room.startswith(f"{other}.")


def circle_in(arrows: dict[str, set[str]]) -> list[str]:
    try:
        list(TopologicalSorter(arrows).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_two_files_need_each_other() -> None:
    assert circle_in(imports_between_files()) == []


def test_no_two_rooms_need_each_other() -> None:
    assert circle_in(rooms_of(imports_between_files())) == []


def test_a_circle_would_be_found() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}}) != []
    files = {"L.a.x": {"L.b.y", "L.a.inner.z"}, "L.b.y": {"L.a.x"}, "L.a.inner.z": {"L.a.x"}}
    assert rooms_of(files) == {"L.a": {"L.b"}, "L.b": {"L.a"}, "L.a.inner": set()}
