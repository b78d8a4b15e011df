"""The packages that the engine needs, in Slicer's Python. Nothing is installed without being asked for.

Signatures: ``slicer.packaging`` (Base/Python/slicer/packaging.py, Slicer 5.12): ``load_requirements(path)``, ``pip_check(requirement)``,
``pip_ensure(requirements, ..., requester=...)``, which asks, installs with progress, and raises RuntimeError when declined and CalledProcessError
when pip failed.
"""

from __future__ import annotations

import subprocess

from IDCBrowserLib.errors import IDCBrowserError


def are_installed(requirements_file: str) -> bool:
    """Whether the engine can start; reads package metadata only."""
    import slicer.packaging

    return all(slicer.packaging.pip_check(requirement) for requirement in slicer.packaging.load_requirements(requirements_file))


def install(requirements_file: str) -> None:
    """Ask and install what is missing; raises ``IDCBrowserError`` with what to do when that was declined or failed."""
    import slicer.packaging

    requirements = slicer.packaging.load_requirements(requirements_file)
    try:
        slicer.packaging.pip_ensure(requirements, requester="IDC Browser")
    except RuntimeError as error:
        raise IDCBrowserError("The packages were not installed; IDC Browser needs them to read the catalog and to download.") from error
    except subprocess.CalledProcessError as error:
        raise IDCBrowserError(
            "pip could not install the packages (its output is in Slicer's log). Without internet: put the wheels into a folder and run, in Slicer's "
            f"Python console, slicer.util.pip_install('--no-index --find-links FOLDER -r \"{requirements_file}\"')."
        ) from error
    if not are_installed(requirements_file):
        raise IDCBrowserError("The packages are still missing (in testing mode Slicer installs nothing).")
