"""The methods of the engine as tables, from their declarations in ``IDCBrowserLib.api``."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from types import ModuleType
from typing import Any, get_args, get_type_hints, is_typeddict

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.methods import FAMILIES
from IDCBrowserLib.api.values import Nothing


class EngineMethods(SphinxDirective):
    """``engine-methods``: a heading and a table for each module of ``api``."""

    def run(self) -> list[nodes.Node]:
        """As Markdown, so that a table looks as one that was written."""
        return self.parse_text_to_nodes("\n".join(_lines()), allow_section_headings=True)


def _lines() -> Iterator[str]:
    for family in FAMILIES:
        module = import_module(f"IDCBrowserLib.api.{family}")
        yield from ["", f"## {family}", _first_line(module), "", "| method | takes | answers | remarks |", "|---|---|---|---|"]
        hints, remarks = get_type_hints(module), _remarks(module)
        for name, value in vars(module).items():
            if isinstance(value, Method):
                takes, answers = get_args(hints[name])
                told = [remarks.get(name, ""), *(_doc(kind) for kind in (takes, answers) if is_typeddict(kind) and kind is not Nothing)]
                yield f"| `{value.name}` | {_shape(takes)} | {_shape(answers)} | {_cell(' '.join(text for text in told if text))} |"


def _shape(kind: Any) -> str:
    """The keys of an object with the types that were written for them; "?" behind one that may be left out."""
    if not is_typeddict(kind):
        return f"`{str(kind).replace('IDCBrowserLib.api.', '').replace('collections.abc.', '').replace(' | ', ' or ')}`" if kind else ""
    return "<br>".join(f"`{key}{'' if key in kind.__required_keys__ else '?'}`" for key in kind.__annotations__)


def _doc(kind: Any) -> str:
    return inspect.cleandoc(kind.__doc__ or "")


def _remarks(module: ModuleType) -> dict[str, str]:
    """The text below each assignment."""
    found = {}
    for one, after in pairwise(ast.parse(inspect.getsource(module)).body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and is_text:
            found[one.target.id] = inspect.cleandoc(after.value.value)
    return found


def _first_line(module: ModuleType) -> str:
    return (module.__doc__ or "").splitlines()[0]


def _cell(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())
