"""What is said in an exported object beside its voxels."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("seg", "labelmap", "rtstruct")


@dataclass(frozen=True)
class ExportOptions:
    """``kind``: "seg" is a BINARY SEG, "labelmap" a LABELMAP SEG, "rtstruct" a structure set.

    ``description`` becomes Series Description, ``creator`` Content Creator's Name. ``algorithm``, its version and its family (a name in
    ``algorithm_family.FAMILIES``, "" for the usual one) are for segments that do not state what made them: without it they are stated as drawn
    by hand. ``license`` is a note on the terms of the images, which hold for what is derived from them. ``compress`` deflates a SEG.
    ``keyholes`` connects holes with the contour around them instead of giving them their own. ``may_be_empty``: a SEG is written even if none of its
    segments has a voxel.
    """

    kind: str
    description: str = ""
    creator: str = ""
    algorithm: str = ""
    algorithm_version: str = ""
    license: str = ""
    compress: bool = False
    keyholes: bool = False
    algorithm_family: str = ""
    may_be_empty: bool = False

    def version_of(self, algorithm: str) -> str:
        """Of what made a segment: known of the algorithm that is named here, not of one that a segment states itself."""
        return (self.algorithm_version if algorithm == self.algorithm else "") or "not stated"

    def family_of(self, algorithm: str) -> str:
        """Likewise; "" is the usual one."""
        return self.algorithm_family if algorithm == self.algorithm else ""
