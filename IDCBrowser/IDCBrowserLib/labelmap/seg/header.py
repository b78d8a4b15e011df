"""The header of a SEG: kind, segments, origin; nothing of frames or pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from IDCBrowserLib.dicom.charset import guess_sentence
from IDCBrowserLib.dicom.dicom_file import DicomFile, opened
from IDCBrowserLib.dicom.elements import Elements, quoted
from IDCBrowserLib.dicom.sop_classes import LABEL_MAP_SEGMENTATION
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.segments import read_segments, read_source
from IDCBrowserLib.labelmap.types import Segment, Source

KINDS = ("BINARY", "FRACTIONAL", "LABELMAP")


@dataclass(frozen=True)
class SegHeader:
    """``kind`` is Segmentation Type (0062,0001); ``segments`` by Segment Number, the background of a label map skipped."""

    file: DicomFile
    kind: str
    source: Source
    segments: dict[int, Segment]

    @property
    def root(self) -> Elements:
        """The elements before the pixel data."""
        return self.file.root

    @property
    def path(self) -> str:
        """The file, for messages."""
        return self.file.path

    @property
    def is_on_slide(self) -> bool:
        """Whether it was drawn on slide microscopy."""
        return is_on_slide(self.root)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of text that was read up to now."""
        sentence = guess_sentence(self.root.stream.guessed)
        return (sentence,) if sentence else ()

    @property
    def background(self) -> int:
        """The pixel value of a label map that stands for no segment: Pixel Padding Value (0028,0120), 0 where absent."""
        return self.root.unsigned(0x00280120) or 0

    @property
    def largest_fraction(self) -> int:
        """Maximum Fractional Value (0062,000E): the stored value that means 1."""
        largest = self.root.unsigned(0x0062000E)
        if not largest:
            self.root.stream.fail("Maximum Fractional Value (0062,000E) is missing or 0, so the stored fractions cannot be understood.")
        return largest

    def threshold(self, options: ConvertOptions) -> int:
        """The smallest stored value that becomes a voxel."""
        if self.kind != "FRACTIONAL":
            return 1
        # A fraction computed as 0.5 * 255 must not miss 128 by the last bit.
        return max(1, math.ceil(options.fractional_threshold * self.largest_fraction - 1e-9))

    def chosen(self, options: ConvertOptions) -> dict[int, Segment]:
        """The segments that were asked for; raises ``NotFoundError`` for numbers that are not there."""
        if options.segments is None:
            return self.segments
        unknown = sorted(options.segments - self.segments.keys())
        if unknown:
            known = ", ".join(str(number) for number in list(self.segments)[:30]) + (" ..." if len(self.segments) > 30 else "")
            raise NotFoundError(f"{self.path} has no segment {', '.join(map(str, unknown[:30]))}. Its segments are {known}.")
        return {number: segment for number, segment in self.segments.items() if number in options.segments}

    def values(self, chosen: dict[int, Segment]) -> dict[int, Segment | None]:
        """Every pixel value that may occur in a label map -> its segment, None for the background and for what was not chosen."""
        found: dict[int, Segment | None] = {number: chosen.get(number) for number in self.segments}
        found[self.background] = None
        found.setdefault(0, None)
        return found

    def check_described(self, numbers: set[int]) -> None:
        """Raise ``ConversionError`` when frames refer to segments that the Segment Sequence lacks."""
        unknown = sorted(numbers - self.segments.keys())
        if unknown:
            self.root.stream.fail(
                f"Frames refer to segment {', '.join(map(str, unknown[:10]))} (Referenced Segment Number (0062,000B)), "
                "which Segment Sequence (0062,0002) does not describe. Report it to whoever made the file."
            )


def is_on_slide(root: Elements) -> bool:
    """Whether a SEG has a total pixel matrix (PS3.3 C.7.6.17.3) or an orientation on the slide."""
    return 0x00480006 in root or 0x00480102 in root


def open_seg(source: str | Path | DicomFile) -> SegHeader:
    """Read the header; raises ``ConversionError``."""
    file = opened(source)
    root = file.root
    identifiers = read_source(root, "SEG")
    kind = "LABELMAP" if identifiers.sop_class_uid == LABEL_MAP_SEGMENTATION else root.text(0x00620001)
    if kind not in KINDS:
        stated = quoted(root.raw(0x00620001)) if kind else "missing"
        root.stream.fail(f"Segmentation Type (0062,0001) is {stated}; known are {', '.join(KINDS)}.")
    header = SegHeader(file, kind, identifiers, read_segments(root))
    if kind == "LABELMAP":
        return replace(header, segments=_without_background(header))
    if 0 in header.segments:
        root.stream.fail("Segment Number (0062,0004) is 0, which is allowed only for LABELMAP.")
    return header


def _without_background(header: SegHeader) -> dict[int, Segment]:
    """A label map may describe its background as a segment; the background has no voxels in a labelmap volume."""
    found = {number: segment for number, segment in header.segments.items() if number != header.background}
    if 0 in found:
        # Pixel Padding Value says that another number is the background: 0 is a real segment and needs a label.
        found[0] = replace(found[0], label_value=max(header.segments) + 1)
    return found
