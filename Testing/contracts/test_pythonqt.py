"""Panels run in two bindings: nothing in them that PythonQt would refuse or silently ignore."""

from pathlib import Path

import pytest
from helpers.pythonqt_lint import findings

LIBRARY = Path(__file__).resolve().parents[2] / "IDCBrowser" / "IDCBrowserLib"
# What runs in Slicer: the standalone host alone has PySide6 for itself.
FILES = sorted(
    [
        *(LIBRARY / "ui").rglob("*.py"),
        *(LIBRARY / "host" / "slicer").rglob("*.py"),
        *(LIBRARY / "host" / "loading").rglob("*.py"),
        *(LIBRARY / "host").glob("*.py"),
    ]
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_a_panel_file_uses_only_what_both_bindings_do(path: Path) -> None:
    assert [f"{path.name}:{finding.line} {finding.text}" for finding in findings(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "code",
    [
        "label.text()",
        "self.combo.currentIndex()",
        "QtWidgets.QLabel(text='a')",
        "QtWidgets.QLabel('a', parent=p)",
        "button.connect('clicked()', f)",
        "button.clicked.connect(f, Qt.QueuedConnection)",
        "self.sender()",
        "isinstance(w, QtWidgets.QWidget)",
        "_(f'{n} cases')",
        "QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Ok | QtWidgets.QDialogButtonBox.StandardButton.Cancel)",
        "class A(QtWidgets.QWidget):\n    def event(self, e):\n        return super().event(e)",
        "class A(QtWidgets.QWidget):\n    def f(self):\n        self.layout = 1",
    ],
)
def test_the_check_finds_what_pythonqt_refuses(code: str) -> None:
    assert findings(code) != []


@pytest.mark.parametrize(
    "code",
    [
        "label.property('text')",
        "button.clicked.connect(f)",
        "event.pos()",
        "QtWidgets.QLabel('a', p)",
        "Qt.ItemDataRole.DisplayRole",
        "QtWidgets.QDialogButtonBox()",
        "class A(QtWidgets.QWidget):\n    def __init__(self):\n        super().__init__()",
        "_('{n} cases').format(n=3)",
    ],
)
def test_the_check_leaves_what_both_bindings_do(code: str) -> None:
    assert findings(code) == []
