"""The packages that the engine needs, in Slicer's Python. Nothing is installed without being asked for.

Signatures: ``slicer.packaging`` (Base/Python/slicer/packaging.py, Slicer 5.12; it has to be imported by name): ``load_requirements(path)``,
``pip_check(requirement)``, ``pip_ensure(requirements, ..., requester=...)``, which asks, installs with progress, offers a restart when a package
in use was renewed, and raises RuntimeError when declined and CalledProcessError when pip failed; ``pip_install(list of arguments, requester=...)``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from IDCBrowserLib import site_defaults
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.provisioning.house_files import LIST
from IDCBrowserLib.provisioning.wheelhouse import check


def are_installed(requirements_file: str) -> bool:
    """Whether the engine can start; reads package metadata only."""
    import slicer.packaging

    return all(slicer.packaging.pip_check(requirement) for requirement in slicer.packaging.load_requirements(requirements_file))


def install(requirements_file: str) -> None:
    """Ask and install what is missing; raises ``IDCBrowserError`` with what to do when that was declined or failed.

    Where ``idc-browser setup --yes`` has agreed to it already, nothing is asked.
    """
    import slicer.packaging

    if site_defaults.agreed_to_packages():
        _run(lambda: slicer.packaging.pip_install(["-r", requirements_file], requester="IDC Browser"), requirements_file)
        return
    requirements = slicer.packaging.load_requirements(requirements_file)
    _run(lambda: slicer.packaging.pip_ensure(requirements, requester="IDC Browser"), requirements_file)


def install_from_folder(requirements_file: str, folder: str) -> None:
    """Install from a folder of wheels, without a network; the user chose it, so nothing more is asked.

    Of a wheelhouse (``idc-browser wheelhouse``), or ``wheels`` in it, every file is compared with its list first.
    """
    import slicer.packaging

    folder = _checked(folder)
    arguments = ["--no-index", "--find-links", folder, "-r", requirements_file]
    _run(lambda: slicer.packaging.pip_install(arguments, requester="IDC Browser"), requirements_file)


def _checked(folder: str) -> str:
    """The folder with the wheels; raises ``InputError`` where a wheelhouse is not what its list says."""
    house = next((place for place in (Path(folder), Path(folder).parent) if (place / LIST).is_file()), None)
    return folder if house is None else str(check(house).wheels)


def _run(do: Callable[[], object], requirements_file: str) -> None:
    try:
        do()
    except RuntimeError as error:
        raise IDCBrowserError(
            _("The packages were not installed. IDC Browser needs them to read the catalog and to download. You can install them at any time.")
        ) from error
    except subprocess.CalledProcessError as error:
        raise IDCBrowserError(
            _(
                "pip could not install the packages; see its output in Slicer's log. Without internet access, copy the "
                "packages as wheels into a folder (on a computer with internet access: pip download -r requirements.txt) and "
                "install from that folder."
            )
        ) from error
    if not are_installed(requirements_file):
        raise IDCBrowserError(_("The packages are still missing (in testing mode Slicer installs nothing)."))
