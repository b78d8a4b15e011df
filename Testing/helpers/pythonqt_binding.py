"""Slicer's module ``qt`` in a PythonQt program that is not Slicer."""

import sys
import types


def provide_qt() -> None:
    """The classes of all PythonQt modules in one."""
    import PythonQt

    if "qt" in sys.modules:
        return
    qt = types.ModuleType("qt")
    for module in ("QtCore", "QtGui", "QtNetwork"):
        source = getattr(PythonQt, module)
        for name in dir(source):
            if not name.startswith("__"):
                setattr(qt, name, getattr(source, name))
    sys.modules["qt"] = qt
