"""Text of DICOM files, the catalog and servers is shown to the letter: Qt would take what looks like HTML for HTML and load its pictures."""

import ast
from collections.abc import Iterator

from helpers.sources import LIBRARY, calls_in

# Texts of the program itself, handed on under these names.
OWN_TEXTS = {"tip", "_tip"}
# Functions whose texts are the program's own (``_`` translates) or made plain.
MADE_PLAIN = {"_", "plain", "why_not"}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((LIBRARY / "ui").rglob("*.py")):
        for node, called in calls_in(path):
            if called == name:
                yield f"{path.relative_to(LIBRARY)}:{node.lineno}", node


def is_safe(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return is_safe(node.body) and is_safe(node.orelse)
    if isinstance(node, ast.Call):
        return name_of(node.func) in MADE_PLAIN
    return isinstance(node, ast.Constant) or name_of(node) in OWN_TEXTS


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_tool_tips_are_texts_of_the_program_or_made_plain() -> None:
    found = list(calls("setToolTip"))
    assert len(found) > 20
    assert [where for where, call in found if not is_safe(call.args[-1])] == []


def test_message_boxes_show_plain_text() -> None:
    for path in (LIBRARY / "ui").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "QMessageBox(" not in text or "setTextFormat(Qt.TextFormat.PlainText)" in text, path
