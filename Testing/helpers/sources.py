"""Sources as trees: a file is parsed once, however many contracts look at it."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "IDCBrowser" / "IDCBrowserLib"


@cache
def tree_of(path: Path) -> ast.Module:
    """Not to be changed."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of the file, in the order of ``ast.walk``."""
    return tuple(ast.walk(tree_of(path)))


def nodes_in(source: str) -> tuple[ast.AST, ...]:
    """The same of a text."""
    return tuple(ast.walk(ast.parse(source)))


def calls_in(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the last name of what is called, "" of what has none."""
    for node in nodes_of(path):
        if isinstance(node, ast.Call):
            yield node, node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@cache
def setup_tool(name: str) -> ModuleType:
    """``Resources/Setup/NAME.py``."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "Resources" / "Setup" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
