"""Panels run in two bindings: nothing in them that PythonQt would refuse or silently ignore."""

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.pythonqt_lint import findings
from helpers.sources import LIBRARY, ROOT, nodes_in, nodes_of

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
    assert [f"{path.name}:{finding.line} {finding.text}" for finding in findings(nodes_of(path))] == []


@pytest.mark.parametrize(
    "code",
    [
        "button.connect('clicked()', f)",
        "button.clicked.connect(f, Qt.QueuedConnection)",
        "self.sender()",
        "painter.setBrush(Qt.BrushStyle.NoBrush)",
        "isinstance(w, QtWidgets.QWidget)",
        "_(f'{n} cases')",
        "QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Ok | QtWidgets.QDialogButtonBox.StandardButton.Cancel)",
        "class A(QtWidgets.QWidget):\n    def event(self, e):\n        return super().event(e)",
        "class A(QtWidgets.QWidget):\n    def f(self):\n        self.layout = 1",
    ],
)
def test_the_check_finds_what_pythonqt_refuses(code: str) -> None:
    assert findings(nodes_in(code)) != []


@pytest.mark.parametrize(
    "code",
    [
        "button.clicked.connect(f)",
        "Qt.ItemDataRole.DisplayRole",
        "QtWidgets.QDialogButtonBox()",
        "class A(QtWidgets.QWidget):\n    def __init__(self):\n        super().__init__()",
        "_('{n} cases').format(n=3)",
    ],
)
def test_the_check_leaves_what_both_bindings_do(code: str) -> None:
    assert findings(nodes_in(code)) == []


CALLS = """
from PySide6 import QtCore, QtGui, QtWidgets

class Bar(QtWidgets.QWidget):
    def look(self, label: QtWidgets.QLabel, view: QtWidgets.QTreeView, layout: QtWidgets.QVBoxLayout, index: QtCore.QModelIndex) -> None:
        label.text()  # refused
        view.iconSize()  # refused
        QtWidgets.QComboBox().currentIndex()  # refused
        QtWidgets.QLabel("a", parent=self)  # refused
        layout.addWidget(label, stretch=1)  # refused
        label.property("text")
        label.setText("a")
        label.fontMetrics().height()
        view.currentIndex().row()
        view.isVisible()
        QtCore.QSize(1, 2).width()
        QtWidgets.QLabel("a", self)
        index.data()
        dict(a=1)
"""


def test_the_type_checker_finds_getters_of_properties_and_keyword_arguments(tmp_path: Path) -> None:
    file, config = tmp_path / "calls.py", tmp_path / "mypy.ini"
    file.write_text(CALLS, encoding="utf-8")
    config.write_text(f"[mypy]\nplugins = {ROOT / 'Testing' / 'helpers' / 'pythonqt_types.py'}\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(ROOT / ".mypy_cache" / "calls"), str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    told = {int(line.split(":")[1]) for line in result.stdout.splitlines() if " error: " in line}
    assert told == {number for number, line in enumerate(CALLS.splitlines(), 1) if line.endswith("# refused")}, result.stdout + result.stderr
