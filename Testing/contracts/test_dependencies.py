"""The lock names one fitting version of all that the project and its extras ask for, on every Python and system. Needs no network."""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers.sources import setup_tool
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
PYTHONS = ("3.10.13", "3.11.7", "3.12.1", "3.13.0")
SYSTEMS = {"linux": ("Linux", "posix"), "darwin": ("Darwin", "posix"), "win32": ("Windows", "nt")}
LOCK = [Requirement(line) for line in (ROOT / "Resources" / "Setup" / "constraints.txt").read_text(encoding="utf-8").splitlines()]


def environments() -> list[dict[str, str]]:
    """The values of all markers for each Python and system that the project names."""
    return [
        {
            **{key: str(value) for key, value in default_environment().items()},
            "python_version": python.rpartition(".")[0],
            "python_full_version": python,
            "implementation_version": python,
            "sys_platform": system,
            "platform_system": SYSTEMS[system][0],
            "os_name": SYSTEMS[system][1],
            "extra": "",
        }
        for python, system in product(PYTHONS, SYSTEMS)
    ]


def name_of(environment: dict[str, str]) -> str:
    return f"{environment['python_version']}-{environment['sys_platform']}"


def pins(environment: dict[str, str]) -> dict[str, list[str]]:
    """Package -> the versions that hold there: one, where the lock is right."""
    return _pins(tuple(environment.items()))


@cache
def _pins(environment_items: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    environment = dict(environment_items)
    found: dict[str, list[str]] = {}
    for pin in LOCK:
        if pin.marker is None or pin.marker.evaluate(environment):
            found.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))
    return found


def asked_for(extra: str) -> Iterator[Requirement]:
    """What an extra asks for, with the extras that it is made of."""
    for line in EXTRAS[extra]:
        requirement = Requirement(line)
        if canonicalize_name(requirement.name) == PROJECT["name"]:
            for other in requirement.extras:
                yield from asked_for(other)
        else:
            yield requirement


def applies(requirement: Requirement, environment: dict[str, str], extras: Iterable[str] = ()) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras))


def problems(requirement: Requirement, held: dict[str, list[str]]) -> list[str]:
    versions = held.get(canonicalize_name(requirement.name), [])
    if len(versions) != 1:
        return [f"{requirement}: the lock has {versions or 'no version'}"]
    return [] if requirement.specifier.contains(versions[0], prereleases=True) else [f"{requirement}: the lock has {versions[0]}"]


@pytest.mark.parametrize("environment", environments(), ids=name_of)
@pytest.mark.parametrize("extra", EXTRAS)
def test_each_extra_has_one_fitting_version_of_each_of_its_packages(extra: str, environment: dict[str, str]) -> None:
    held = pins(environment)
    wanted = [requirement for requirement in [*asked_for(""), *asked_for(extra)] if applies(requirement, environment)]
    assert [problem for requirement in wanted for problem in problems(requirement, held)] == []


class Installed(NamedTuple):
    """What a package says of itself."""

    name: str
    version: str
    python: str | None
    requires: list[Requirement]


@cache
def everything_installed() -> list[Installed]:
    found = []
    for distribution in metadata.distributions():
        said, requires = distribution.metadata, [Requirement(line) for line in distribution.requires or []]
        found.append(Installed(said["Name"], distribution.version, said.get("Requires-Python"), requires))
    return found


def installed(environment: dict[str, str]) -> Iterator[Installed]:
    """What is installed here in the very version of the lock, so that its metadata can be asked."""
    held = pins(environment)
    return (one for one in everything_installed() if held.get(canonicalize_name(one.name)) == [one.version])


@pytest.mark.parametrize("environment", environments(), ids=name_of)
def test_what_the_locked_packages_ask_for_is_locked_and_fits(environment: dict[str, str]) -> None:
    held = pins(environment)
    # With these extras of their own they are asked for.
    extras = {
        canonicalize_name(requirement.name): sorted(requirement.extras) for extra in EXTRAS for requirement in asked_for(extra) if requirement.extras
    }
    found = []
    for one in installed(environment):
        for requirement in one.requires:
            if applies(requirement, environment, extras.get(canonicalize_name(one.name), [])):
                found += [f"{one.name}: {problem}" for problem in problems(requirement, held)]
    assert found == []


@pytest.mark.parametrize("environment", environments(), ids=name_of)
def test_no_locked_package_refuses_the_python_it_is_locked_for(environment: dict[str, str]) -> None:
    python = Version(environment["python_full_version"])
    refused = [
        f"{one.name} {one.version} needs Python {one.python}"
        for one in installed(environment)
        if one.python and python not in SpecifierSet(one.python)
    ]
    assert refused == []


def test_most_of_the_lock_is_installed_here_so_that_it_can_be_asked() -> None:
    here = {**environments()[0], **{key: str(value) for key, value in default_environment().items()}}
    assert len(list(installed(here))) > 50


def test_every_line_of_the_lock_is_one_exact_version() -> None:
    assert [str(pin) for pin in LOCK if not re.fullmatch(r"==[^,*]+", str(pin.specifier))] == []


def test_no_locked_package_stays_that_has_the_name_of_a_module_of_python() -> None:
    like_python = {requirement.name for requirement in LOCK if requirement.name.replace("-", "_") in sys.stdlib_module_names}
    assert like_python == set(setup_tool("setup_environment").BACKPORTS)


def test_a_missing_a_wrong_and_a_doubled_pin_would_be_found() -> None:
    held = {"numpy": ["2.2.6"], "pandas": ["2.3.3", "3.1.1"]}
    assert problems(Requirement("numpy>=1.26"), held) == []
    assert problems(Requirement("numpy>=3"), held) and problems(Requirement("pandas"), held) and problems(Requirement("Duck_DB"), held)


def test_the_lock_reaches_from_the_oldest_python_that_the_project_takes() -> None:
    assert SpecifierSet(PROJECT["requires-python"]).contains(PYTHONS[0]) and not SpecifierSet(PROJECT["requires-python"]).contains("3.9.18")
