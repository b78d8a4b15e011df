"""The only place that imports a Qt binding. It renames, it does not paper over.

In Slicer all classes live in PythonQt's module ``qt``; elsewhere they come from PySide6. ``QtCore``, ``QtGui`` and ``QtWidgets`` are names for
the same module in Slicer. The type checker sees PySide6. Code that uses them keeps to what both bindings do: ``setX()`` to write,
``obj.property("x")`` to read, positional arguments only, base classes called by name, models and timers kept alive by a reference.

Enums are written with their scope, ``Qt.AlignmentFlag.AlignLeft``: PySide6's types know no other form, and PythonQt knows both since Slicer 5.12.
In PythonQt the values are ints and a combination of two is a plain int.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6 import QtCore, QtGui, QtWidgets

    BINDING: str
    # What Qt hands to the functions of a model.
    ModelIndex = QtCore.QModelIndex | QtCore.QPersistentModelIndex
else:
    try:
        import PythonQt  # noqa: F401  exists only inside Slicer (and other PythonQt programs)
    except ImportError:
        from PySide6 import QtCore, QtGui, QtWidgets

        BINDING = "PySide6"
    else:
        import qt

        QtCore = QtGui = QtWidgets = qt
        BINDING = "PythonQt"
    ModelIndex = QtCore.QModelIndex

Qt = QtCore.Qt
Signal = QtCore.Signal
Slot = QtCore.Slot


def number_of(value: Enum | int) -> int:
    """The number of a Qt enum: PySide6 has enums of Python, PythonQt has ints."""
    return int(value.value if isinstance(value, Enum) else value)


__all__ = ["BINDING", "ModelIndex", "Qt", "QtCore", "QtGui", "QtWidgets", "Signal", "Slot", "number_of"]
