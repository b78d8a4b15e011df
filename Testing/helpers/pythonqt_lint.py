"""Finds what PySide6 accepts and PythonQt refuses or silently ignores.

A reader of syntax trees. What needs to know types, getters of properties and keyword arguments, is told by ``mypy`` with ``pythonqt_types``.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

NAMESPACES = {"QtCore", "QtGui", "QtWidgets", "Qt", "qt"}
QT_SLOT_NAMES = frozenset(
    [
        "parent",
        "layout",
        "show",
        "hide",
        "close",
        "children",
        "sender",
        "property",
        "update",
        "actions",
        "style",
        "window",
        "event",
        "thread",
        "connect",
        "disconnect",
        "raise_",
        "size",
        "width",
        "height",
        "pos",
        "font",
        "rect",
        "geometry",
        "visible",
        "enabled",
        "name",
    ]
)
NEVER = frozenset({"sender", "formattedDataSize", "invokeMethod", "receivers", "toPython"})


@dataclass(frozen=True)
class Finding:
    line: int
    text: str


def findings(nodes: Iterable[ast.AST]) -> list[Finding]:
    """All findings of one file, by line."""
    found = [finding for node in nodes for finding in _of_node(node)]
    return sorted(found, key=lambda finding: finding.line)


def _of_node(node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.ClassDef) and any(_is_qt(base) for base in node.bases):
        yield from _of_class(node)


def _of_call(node: ast.Call) -> Iterator[Finding]:
    function = node.func
    if _is_qt(function) and ast.unparse(function).endswith("QDialogButtonBox") and node.args:
        yield Finding(node.lineno, "PythonQt takes buttons in the constructor for an Orientation: call setStandardButtons()")
    if isinstance(function, ast.Name):
        yield from _of_plain_call(node, function.id)
    if not isinstance(function, ast.Attribute):
        return
    name = function.attr
    if name == "setBrush" and any("BrushStyle" in ast.unparse(given) for given in node.args):
        yield Finding(node.lineno, "PythonQt takes no style for a brush: give setBrush() a QBrush")
    if name in NEVER:
        yield Finding(node.lineno, f"{name} is not there or always None in PythonQt")
    if name == "connect" and (len(node.args) != 1 or _is_text(node.args[0])):
        yield Finding(node.lineno, "connect with signal.connect(python_function) only")
    if isinstance(function.value, ast.Call) and ast.unparse(function.value.func) == "super" and name != "__init__":
        yield Finding(node.lineno, f"super().{name} does not reach C++ in PythonQt: call the base class by its name")


def _of_plain_call(node: ast.Call, name: str) -> Iterator[Finding]:
    if name in ("_", "tr") and node.args and isinstance(node.args[0], ast.JoinedStr):
        yield Finding(node.lineno, "no f-string inside _(): whole sentence with .format()")
    if name in ("isinstance", "issubclass") and len(node.args) == 2 and _is_qt(node.args[1]):
        yield Finding(node.lineno, f"{name} with a Qt class is False in PythonQt even for derived classes: use inherits()")


def _of_class(node: ast.ClassDef) -> Iterator[Finding]:
    for inner in ast.walk(node):
        targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target] if isinstance(inner, ast.AnnAssign) else []
        for target in targets:
            if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self" and target.attr in QT_SLOT_NAMES:
                yield Finding(inner.lineno, f"self.{target.attr} is Qt's own name in PythonQt")


def _is_qt(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in NAMESPACES and node.attr.startswith("Q")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
