"""Starts modules of this library in a separate Python process."""

from __future__ import annotations

from pathlib import Path

LIBRARY_FOLDER = str(Path(__file__).resolve().parents[1])

# Not "-m" with PYTHONPATH: a launcher such as PythonSlicer may set that variable anew. Children of the child find the library the same way.
_RUN = "import runpy, sys; sys.path.insert(0, sys.argv[1]); sys.argv[:] = sys.argv[2:]; runpy.run_module(sys.argv[0], None, '__main__', True)"


def module_command(python: str, module: str, *arguments: str) -> list[str]:
    """The command that runs a module of this library with that interpreter, wherever the library was loaded from."""
    return [python, "-c", _RUN, LIBRARY_FOLDER, module, *arguments]
