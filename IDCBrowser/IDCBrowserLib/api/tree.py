"""The method that tells how the series of a view belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from IDCBrowserLib.api.catalog import ViewHandle
from IDCBrowserLib.api.method import Method, Rank

Maker = Literal["", "person", "algorithm", "both"]
# What a series has, or what it is about.
Counted = Literal["measurements", "ratings", "organs", "segments", "regions", "findings", "groups", "annotations", "levels"]


class TreeParameters(ViewHandle):
    """``folder``: of downloads, whose files say what they refer to where no index does."""

    folder: str


class TreeRow(TypedDict):
    """A series: the number of its ``row``, and of the row that it was made ``of``, None where nothing says it.

    ``contents``: names of segments or ROIs, ``parts`` of them, None where no index counts them. ``maker`` of them, and the ``algorithm``.
    ``slice_thickness`` in mm. ``counted``: measurements of a report and what they are of, annotations on a slide, levels of a slide, where an index
    or a file that is here says it. ``suv``: whether a PET can probably be shown in SUV, None where no index says it.
    """

    row: int
    of: int | None
    contents: Sequence[str]
    parts: int | None
    maker: Maker
    algorithm: str
    slice_thickness: float | None
    counted: Mapping[Counted, int]
    suv: bool | None


class Tree(TypedDict):
    """In the order of the view. Side indices in ``missing_indices`` would say more."""

    rows: Sequence[TreeRow]
    missing_indices: Sequence[str]


TREE: Method[TreeParameters, Tree] = Method("tree.series", "tree", Rank.NEXT)
"""Of a view of at most 500 series."""
