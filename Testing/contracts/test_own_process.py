"""Slicer's process belongs to others too: nothing that holds for all of it is changed there, only in programs of our own."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from helpers import seg_files
from helpers.small_catalog import write_sources
from helpers.sources import LIBRARY, nodes_in, nodes_of

MODULE = LIBRARY.parent
# Programs, and what only they use.
OURS = (
    "batch/child.py",
    "catalog/cache/cache_making.py",
    "catalog/expert/sql_process.py",
    "cli/",
    "demo/bucket_server.py",
    "dicom/decoding_process.py",
    "engine/child.py",
    "host/standalone/",
    "own_process.py",
)
CALLS = {
    "faulthandler.enable",
    "gc.disable",
    "gc.freeze",
    "locale.setlocale",
    "logging.basicConfig",
    "logging.captureWarnings",
    "logging.disable",
    "multiprocessing.set_start_method",
    "np.random.seed",
    "np.seterr",
    "numpy.seterr",
    "os.chdir",
    "os.nice",
    "os.putenv",
    "os.umask",
    "os.unsetenv",
    "pydicom.config.debug",
    "random.seed",
    "resource.setrlimit",
    "signal.signal",
    "socket.setdefaulttimeout",
    "sys.setrecursionlimit",
    "sys.setswitchinterval",
    "threading.stack_size",
    "urllib3.disable_warnings",
    "warnings.filterwarnings",
    "warnings.resetwarnings",
    "warnings.simplefilter",
    "QtCore.QLocale.setDefault",
    "QtCore.QSettings.setDefaultFormat",
    "QtCore.QSettings.setPath",
    "vtk.vtkObject.GlobalWarningDisplayOff",
}
# What belongs to the process: changed by assigning to it, to a part of it, or by calling a method that changes it.
STATE = {"os.environ", "sys.modules", "sys.path", "sys.meta_path", "sys.path_hooks", "sys.warnoptions", "warnings.filters"}
CHANGING = {"append", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
HOOKS = {"sys.excepthook", "sys.stdout", "sys.stderr", "sys.stdin", "sys.displayhook", "threading.excepthook", "tempfile.tempdir"}
# Methods of the application that others see.
APPLICATION = {"setApplicationName", "setOrganizationName", "setOrganizationDomain", "setQuitOnLastWindowClosed", "setCursorFlashTime"}


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an expression, "" of another."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def changes(nodes: Sequence[ast.AST]) -> Iterator[tuple[int, str]]:
    """(line, what) of everything in a file that changes the process it runs in."""
    put_back = {line for node in nodes if isinstance(node, ast.With) and is_catching(node) for line in range(node.lineno, node.end_lineno + 1)}
    for node in nodes:
        for found in changes_of(node):
            if not (found.startswith("warnings.") and node.lineno in put_back):
                yield node.lineno, found


def is_catching(node: ast.With) -> bool:
    """``with warnings.catch_warnings()`` puts the filters back."""
    return any(isinstance(item.context_expr, ast.Call) and dotted(item.context_expr.func) == "warnings.catch_warnings" for item in node.items)


def changes_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        yield from changing_call(node)
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.Delete)):
        for target in [node.target] if isinstance(node, ast.AugAssign) else node.targets:
            part = dotted(target.value) if isinstance(target, ast.Subscript) else ""
            whole = dotted(target)
            if part in STATE or whole in STATE | HOOKS or whole.startswith(("config.settings.", "pydicom.config.")):
                yield ast.unparse(target)


def changing_call(node: ast.Call) -> Iterator[str]:
    name = dotted(node.func)
    of, _, method = name.rpartition(".")
    if name in CALLS or (of in STATE and method in CHANGING) or method in APPLICATION:
        yield name
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("setLevel", "addHandler", "addFilter"):
        logger = node.func.value
        is_getting = isinstance(logger, ast.Call) and dotted(logger.func) == "logging.getLogger"
        if is_getting and not (logger.args and dotted(logger.args[0]) == "__name__"):
            yield ast.unparse(node)


def shared_files() -> list[Path]:
    """All that may be imported into Slicer."""
    own = tuple(str(LIBRARY / name) for name in OURS)
    return [path for path in MODULE.rglob("*.py") if not str(path).startswith(own)]


def test_no_file_that_slicer_imports_changes_its_process() -> None:
    # A reload of the module takes our own modules out, and no others.
    allowed = {("IDCBrowser.py", "sys.modules[name]")}
    found = [(path.relative_to(MODULE).as_posix(), line, what) for path in shared_files() for line, what in changes(nodes_of(path))]
    assert [entry for entry in found if (entry[0], entry[2]) not in allowed] == []


@pytest.mark.parametrize(
    "source",
    [
        "sys.modules['pandas'] = None",
        "del sys.modules[name]",
        "os.environ['A'] = 'b'",
        "os.environ.setdefault('A', 'b')",
        "sys.path.insert(0, 'x')",
        "sys.path += ['x']",
        "warnings.filterwarnings('ignore')",
        "logging.getLogger('pydicom').setLevel(40)",
        "logging.getLogger().addHandler(h)",
        "config.settings.reading_validation_mode = 0",
        "sys.excepthook = f",
        "QtCore.QSettings.setDefaultFormat(1)",
        "application.setApplicationName('x')",
    ],
)
def test_a_change_would_be_found(source: str) -> None:
    assert len(list(changes(nodes_in(source)))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "logging.getLogger(__name__).setLevel(1)",
        "x = os.environ.get('A')",
        "dict(os.environ)",
        "mine.update(a=1)",
        "with warnings.catch_warnings():\n    warnings.simplefilter('ignore')",
    ],
)
def test_what_changes_nothing_is_let_through(source: str) -> None:
    assert list(changes(nodes_in(source))) == []


AS_IN_SLICER = """
import locale, logging, os, signal, socket, sys, threading, warnings
from pathlib import Path
import numpy
from pydicom import config

def state():
    log = logging.getLogger("pydicom")
    return {
        "environment": dict(os.environ),
        "path": list(sys.path),
        "folder": os.getcwd(),
        "locale": locale.setlocale(locale.LC_ALL),
        "filters": list(warnings.filters),
        "logging": (logging.root.level, list(logging.root.handlers), logging.root.manager.disable),
        "pydicom": (dict(vars(config.settings)), log.level, list(log.handlers), list(log.filters)),
        "timeout": socket.getdefaulttimeout(),
        "numpy": numpy.geterr(),
        "hooks": (sys.excepthook, threading.excepthook, sys.stdout, sys.stderr),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "hidden": [name for name, module in sys.modules.items() if module is None],
    }

folder = Path(sys.argv[1])
before = state()
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import find_sources
from IDCBrowserLib.labelmap.convert import convert, describe
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.task import Task

with Catalog(sources=find_sources(folder / "index"), cache_folder=folder / "cache") as catalog:
    assert catalog.search("lung") and resolve(catalog, ["lung_ct"], task=Task()).series
images = sorted(str(path) for path in (folder / "images").iterdir())
assert describe(folder / "seg.dcm") and convert(folder / "seg.dcm", images).layers
after = state()
changed = [name for name in before if before[name] != after[name]]
print(changed)
"""


def test_a_script_in_slicer_finds_its_process_as_it_was(tmp_path: Path) -> None:
    series = seg_files.images()
    (tmp_path / "index").mkdir()
    write_sources(tmp_path / "index")
    seg_files.save_images(series, tmp_path / "images")
    seg_files.save(seg_files.seg(series, seg_files.labels()), tmp_path / "seg.dcm")
    paths = ":".join([str(MODULE), *sys.path])
    command = [sys.executable, "-c", AS_IN_SLICER, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": paths})
    assert result.returncode == 0, result.stderr
    assert ast.literal_eval(result.stdout) == []
