"""Renew the list of files in ``IDCBrowser/CMakeLists.txt``: ``python Resources/Setup/list_module_files.py``."""

from __future__ import annotations

from pathlib import Path

MODULE = Path(__file__).resolve().parents[2] / "IDCBrowser"

TEMPLATE = """#-----------------------------------------------------------------------------
set(MODULE_NAME IDCBrowser)

# Every file of the library: what is not listed is not packaged. Testing/contracts/test_packaging.py compares this with the folder;
# `python Resources/Setup/list_module_files.py` renews it.
set(MODULE_PYTHON_SCRIPTS
{scripts}
  )

set(MODULE_PYTHON_RESOURCES
{resources}
  )

#-----------------------------------------------------------------------------
slicerMacroBuildScriptedModule(
  NAME ${{MODULE_NAME}}
  SCRIPTS ${{MODULE_PYTHON_SCRIPTS}}
  RESOURCES ${{MODULE_PYTHON_RESOURCES}}
  WITH_GENERIC_TESTS
  )

#-----------------------------------------------------------------------------
if(BUILD_TESTING)
  slicer_add_python_unittest(SCRIPT ${{MODULE_NAME}}.py)
endif()
"""


def scripts() -> list[str]:
    """Python files of the module, relative to its folder."""
    files = [MODULE / "IDCBrowser.py", *(MODULE / "IDCBrowserLib").rglob("*.py"), *(MODULE / "idc_browser").rglob("*.py")]
    return sorted(path.relative_to(MODULE).as_posix() for path in files)


def resources() -> list[str]:
    """Everything else that ships."""
    files = [path for path in (MODULE / "Resources").rglob("*") if path.is_file()] + [
        path for ending in ("svg", "ts") for path in (MODULE / "IDCBrowserLib").rglob(f"*.{ending}")
    ]
    return sorted(path.relative_to(MODULE).as_posix() for path in files)


def text() -> str:
    """The whole CMake file."""
    return TEMPLATE.format(scripts=_indent(scripts()), resources=_indent(resources()))


def _indent(names: list[str]) -> str:
    return "\n".join(f"  {name}" for name in names)


if __name__ == "__main__":
    (MODULE / "CMakeLists.txt").write_text(text(), encoding="utf-8")
