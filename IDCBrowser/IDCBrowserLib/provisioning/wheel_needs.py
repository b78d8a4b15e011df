"""What wheels need on another system than this one: pip weighs such conditions (``; platform_system == "Windows"``) for the Python that runs it.

``packaging``, which weighs them here, comes with idc-index.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from email.parser import BytesParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from IDCBrowserLib.errors import InputError

# By the names of ``wheelhouse.PLATFORMS``.
_SYSTEMS = {
    "linux": ("linux", "Linux", "posix", "x86_64"),
    "windows": ("win32", "Windows", "nt", "AMD64"),
    "macos": ("darwin", "Darwin", "posix", "arm64"),
}


def missing(wheels: Path, stated: Iterable[str], platform: str, python: str, tags: Sequence[str]) -> list[str]:
    """Requirements of ``stated`` and of the wheels for the platform ``tags`` that hold there and have no wheel yet, without their conditions.

    Raises ``InputError`` naming a file that is no whole wheel.
    """
    files = [file for file in sorted(wheels.glob("*.whl")) if _fits(file, tags)]
    here = {parse_wheel_filename(file.name)[0] for file in files}
    there = _environment(platform, python)
    needed = [Requirement(text) for text in (*stated, *(text for file in files for text in _requirements(file)))]
    held = [one for one in needed if one.marker is None or one.marker.evaluate(there)]
    return sorted({f"{one.name}{one.specifier}" for one in held if canonicalize_name(one.name) not in here})


def _fits(file: Path, tags: Sequence[str]) -> bool:
    try:
        return any(tag.platform in ("any", *tags) for tag in parse_wheel_filename(file.name)[3])
    except InvalidWheelFilename as error:
        raise _no_wheel(file) from error


def _no_wheel(file: Path) -> InputError:
    return InputError(f"{file} is not a whole wheel; remove it and make the wheelhouse again.")


def _environment(platform: str, python: str) -> dict[str, str | AbstractSet[str]]:
    """What differs from here."""
    sys_platform, system, os_name, machine = _SYSTEMS[platform]
    return {
        "sys_platform": sys_platform,
        "platform_system": system,
        "os_name": os_name,
        "platform_machine": machine,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "extra": "",
    }


def _requirements(file: Path) -> list[str]:
    try:
        with zipfile.ZipFile(file) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1)
            return BytesParser().parsebytes(wheel.read(name)).get_all("Requires-Dist") or []
    except (zipfile.BadZipFile, StopIteration) as error:
        # As a copy that was broken off leaves it.
        raise _no_wheel(file) from error
