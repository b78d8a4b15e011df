"""A structure set as it is stored: regions of interest and their contours, before anything is placed on a grid."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.labelmap.types import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Sentences of one kind that are told one by one.
_FEW = 4
DEFAULT_COLOR = (128, 174, 128)


class ContourKind(Enum):
    """Contour Geometric Type (3006,0042). ``CLOSED`` and ``XOR`` enclose voxels; the others are drawn, never filled."""

    CLOSED = "CLOSED_PLANAR"
    XOR = "CLOSEDPLANAR_XOR"
    OPEN = "OPEN_PLANAR"
    CURVE = "OPEN_NONPLANAR"
    POINT = "POINT"

    @property
    def encloses(self) -> bool:
        """Whether the contour bounds a region."""
        return self in (ContourKind.CLOSED, ContourKind.XOR)


@dataclass
class Contour:
    """One item of a Contour Sequence. ``number`` counts from 1 within its ROI. ``points`` are (n, 3), LPS mm.

    ``images`` are the (SOP Instance UID, frame number or 0) that the contour says it was drawn on.
    """

    number: int
    kind: ContourKind
    points: NDArray[np.float64]
    images: tuple[tuple[str, int], ...] = ()


@dataclass
class Roi:
    """One item of the Structure Set ROI Sequence with what the ROI Contour and RT ROI Observations modules say of it.

    ``key`` tells it from the others: its place in the sequence, since ROI Numbers may repeat.
    ``contours`` are those that can be used; ``contour_count`` and ``stored_kinds`` (Contour Geometric Types) are told of all that are stored.
    """

    number: int
    name: str = ""
    description: str = ""
    frame_of_reference_uid: str = ""
    algorithm_type: str = ""
    algorithm_name: str = ""
    tracking_uid: str = ""
    interpreted_type: str = ""
    observation_label: str = ""
    category: Code | None = None
    type: Code | None = None
    type_modifiers: tuple[Code, ...] = ()
    anatomic_region: Code | None = None
    anatomic_region_modifiers: tuple[Code, ...] = ()
    color: tuple[int, int, int] = DEFAULT_COLOR
    contours: list[Contour] = field(default_factory=list)
    contour_count: int = 0
    stored_kinds: set[str] = field(default_factory=set)
    key: int = 0

    @property
    def title(self) -> str:
        """How a message calls it."""
        return f"ROI {self.number} {self.name!r}" if self.name else f"ROI {self.number}"


@dataclass(frozen=True)
class ReferencedSeries:
    """A series of images the structure set says it was drawn on, the instances it names, and in which frame of reference they lie."""

    series_uid: str
    frame_of_reference_uid: str
    instance_uids: frozenset[str] = frozenset()


@dataclass
class StructureSet:
    """All of it. ``notes`` collects what had to be skipped or put right.

    ``frames_of_reference`` are all that occur, ``stated_frames`` those that occur elsewhere than in single ROIs.
    """

    path: str
    source: Source
    rois: list[Roi]
    referenced_series: tuple[ReferencedSeries, ...]
    frames_of_reference: tuple[str, ...]
    notes: ConversionNotes
    stated_frames: frozenset[str] = frozenset()

    @property
    def names_images(self) -> frozenset[str]:
        """SOP Instance UIDs of every image the references or the contours name."""
        named = {uid for series in self.referenced_series for uid in series.instance_uids}
        named.update(uid for roi in self.rois for contour in roi.contours for uid, _ in contour.images)
        return frozenset(named)


class ConversionNotes:
    """Warnings. Contours of one ROI and one reason are told in one sentence, many ROIs with one kind of reason as well."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        # By title of the ROI and what is said of it: numbers of contours, none where the ROI as a whole is meant.
        self._of_rois: dict[tuple[str, str], list[int]] = {}

    def say(self, sentence: str) -> None:
        """A sentence of its own; said once."""
        self._sentences[sentence] = None

    def roi(self, roi: Roi, what: str) -> None:
        """Something about an ROI; ``what`` continues "ROI 3 'Liver': ..."."""
        self._of_rois.setdefault((roi.title, what), [])

    def contour(self, roi: Roi, number: int, what: str) -> None:
        """Something about one contour; ``what`` continues "ROI 3 'Liver', contour 5: ..."."""
        self._of_rois.setdefault((roi.title, what), []).append(number)

    def about(self, roi: Roi) -> RoiNotes:
        """The same notes, for one ROI."""
        return RoiNotes(self, roi)

    def sentences(self) -> tuple[str, ...]:
        """All of them, in the order in which the first of each kind came."""
        kinds: dict[str, list[tuple[str, str, list[int]]]] = {}
        for (title, what), numbers in self._of_rois.items():
            # What differs by its numbers only is one kind.
            kinds.setdefault(re.sub(r"[\d.,]+", "#", what), []).append((title, what, numbers))
        return (*self._sentences, *(sentence for alike in kinds.values() for sentence in _told(alike)))


def _told(alike: list[tuple[str, str, list[int]]]) -> list[str]:
    """A sentence each for a few, one with a count for many."""
    if len(alike) <= _FEW:
        return [f"{_subject(title, numbers)}: {what}." for title, what, numbers in alike]
    title, what, numbers = alike[0]
    rois = len({other for other, _, _ in alike[1:]})
    contours = sum(len(others) for _, _, others in alike[1:])
    more = f"{contours:,} more contours of {rois:,} ROIs" if contours else f"{rois:,} more ROIs"
    return [f"{_subject(title, numbers)}: {what}. The same applies to {more}."]


def _subject(title: str, numbers: list[int]) -> str:
    return f"{title}, {_contours(numbers)}" if numbers else title


@dataclass(frozen=True)
class RoiNotes:
    """Notes about the contours of one ROI."""

    notes: ConversionNotes
    roi: Roi

    def contour(self, number: int, what: str) -> None:
        """See ``ConversionNotes.contour``."""
        self.notes.contour(self.roi, number, what)


def _contours(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"contour {numbers[0]}"
    shown = ", ".join(str(number) for number in numbers[:8])
    return f"contours {shown}" + (f" and {len(numbers) - 8} more" if len(numbers) > 8 else "")
