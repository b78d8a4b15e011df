"""Run by a PythonQt launcher, not by pytest: which names of Qt that the panels use this binding does not have.

``LAUNCHER pythonqt_names.py`` with IDC_BROWSER_STORY (a JSON object: ``paths`` for sys.path, ``files`` to read). Prints a JSON list of the missing
names on its last line.
"""

import ast
import json
import os
import sys
from pathlib import Path

ROOTS = {"Qt", "QtCore", "QtGui", "QtWidgets"}


def names_in(source: str) -> set[str]:
    """Such as "QtWidgets.QFrame.Shape.NoFrame"; what is called on an object is no name."""
    found = {ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    return {name for name in found if name.split(".")[0] in ROOTS and all(part.isidentifier() for part in name.split("."))}


def is_there(name: str) -> bool:
    import qt

    root, *parts = name.split(".")
    found = qt.Qt if root == "Qt" else qt
    for part in parts:
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


def main() -> None:
    config = json.loads(os.environ["IDC_BROWSER_STORY"])
    sys.path[:0] = config["paths"]
    from helpers.pythonqt_binding import provide_qt

    provide_qt()
    names = set().union(*(names_in(Path(file).read_text(encoding="utf-8")) for file in config["files"]))
    assert len(names) > 100, "the files use many names"
    print(json.dumps(sorted(name for name in names if not is_there(name))), flush=True)


main()
