"""A plugin of mypy: what the types show to be refused by PythonQt, though PySide6 takes it. In effect wherever ``mypy`` runs (``pyproject.toml``).

A getter with the name of its property cannot be called there, since the property hides it, and nothing of Qt takes keyword arguments. The standalone
program, which has PySide6 for itself, and tests are left alone. What no types are needed for is found by ``pythonqt_lint``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from mypy.plugin import FunctionContext, MethodContext, Plugin
from mypy.types import Instance, Type, get_proper_type

_BINDING = "PySide6."
# Whose classes may be widgets.
_OURS = "IDCBrowserLib."
_PYSIDE_ALONE = ("host/standalone/", "Testing/")


class PythonQtRules(Plugin):
    """Looks at each call of a function or class of Qt."""

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        return _check_keywords if fullname.startswith(_BINDING) else None

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        if not fullname.startswith((_BINDING, _OURS)):
            return None
        name = fullname.rpartition(".")[2]

        def check(context: MethodContext) -> Type:
            owner = _owner_in_qt(context.type)
            if owner is None or _is_left_alone(context):
                return context.default_return_type
            if not any(context.args) and name in _properties(owner):
                context.api.fail(f"{name}() is a property in PythonQt: use .property({name!r}) or a signal's argument", context.context)
            return _check_keywords(context)

        return check


def _check_keywords(context: FunctionContext | MethodContext) -> Type:
    if not _is_left_alone(context) and any(name is not None for names in context.arg_names for name in names):
        context.api.fail("Nothing of Qt takes keyword arguments in PythonQt", context.context)
    return context.default_return_type


def _is_left_alone(context: FunctionContext | MethodContext) -> bool:
    path = getattr(context.api, "path", "").replace("\\", "/")
    return any(part in path for part in _PYSIDE_ALONE)


def _owner_in_qt(found: Type) -> str | None:
    """The nearest class of Qt that an object is one of."""
    proper = get_proper_type(found)
    if not isinstance(proper, Instance):
        return None
    return next((base.fullname for base in proper.type.mro if base.fullname.startswith(_BINDING)), None)


@cache
def _properties(fullname: str) -> frozenset[str]:
    """Names of the Qt properties of a class, inherited ones too; none for classes of values."""
    module, _dot, name = fullname.rpartition(".")
    meta = getattr(getattr(import_module(module), name, None), "staticMetaObject", None)
    return frozenset(meta.property(number).name() for number in range(meta.propertyCount())) if meta is not None else frozenset()


def plugin(_version: str) -> type[Plugin]:
    """Asked for by mypy."""
    return PythonQtRules
