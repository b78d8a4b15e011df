"""Spatial registrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.labelmap import Files
from IDCBrowserLib.api.method import Method


class Transform(TypedDict):
    """``matrix``: 4 rows of 4, from homogeneous LPS mm of ``from_frame`` to those of ``to_frame``."""

    from_frame: str
    to_frame: str
    matrix: Sequence[Sequence[float]]
    kind: str
    images: Sequence[str]


class Transforms(TypedDict):
    """Of all files."""

    transforms: Sequence[Transform]
    warnings: Sequence[str]


READ: Method[Files, Transforms] = Method("registration.read", "work")
