"""The registry of all engine methods, by name."""

from __future__ import annotations

from importlib import import_module

from IDCBrowserLib.api.method import AnyMethod, Method

# Modules of this folder, and of ``engine.methods``.
FAMILIES = (
    "cart",
    "catalog",
    "clinical",
    "cohort",
    "compare",
    "diagnostics",
    "dose",
    "downloads",
    "expert",
    "export",
    "finding",
    "first_slices",
    "indices",
    "labelmap",
    "network",
    "objects",
    "preview",
    "registration",
    "report",
    "review",
    "segments",
    "selection",
    "sharing",
    "slide",
    "storage",
    "store",
    "surface",
    "transfer",
    "tree",
    "volume",
    "working_set",
)


def declared(family: str) -> list[AnyMethod]:
    """The methods that a module declares."""
    return [value for value in vars(import_module(f"IDCBrowserLib.api.{family}")).values() if isinstance(value, Method)]


METHODS: dict[str, AnyMethod] = {method.name: method for family in FAMILIES for method in declared(family)}
# By name of the method: the module that declares it.
FAMILY_OF: dict[str, str] = {method.name: family for family in FAMILIES for method in declared(family)}
