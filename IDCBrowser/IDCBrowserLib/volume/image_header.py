"""The header of an image by keyword, without pydicom: a series of 600 slices, or an object of 600 frames, is understood in a moment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import calcsize, unpack
from typing import Any, Protocol

from IDCBrowserLib.dicom.charset import decode_text, guessed_charset
from IDCBrowserLib.dicom.dicom_file import DicomFile, map_dicom
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.first_elements import read_first_elements
from IDCBrowserLib.dicom.problems import not_dicom
from IDCBrowserLib.dicom.regular_file import open_regular, unreadable
from IDCBrowserLib.dicom.scan import TagSelection

_SOP_INSTANCE = 0x00080018
_TEXTS = {
    "SpecificCharacterSet": 0x00080005,
    "ImageType": 0x00080008,
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": _SOP_INSTANCE,
    "SeriesTime": 0x00080031,
    "AcquisitionTime": 0x00080032,
    "ContentTime": 0x00080033,
    "Modality": 0x00080060,
    "SeriesDescription": 0x0008103E,
    "FrameType": 0x00089007,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "ContrastBolusAgent": 0x00180010,
    "SliceThickness": 0x00180050,
    "EchoTime": 0x00180081,
    "InversionTime": 0x00180082,
    "EchoNumbers": 0x00180086,
    "SpacingBetweenSlices": 0x00180088,
    "TriggerTime": 0x00181060,
    "ImagerPixelSpacing": 0x00181164,
    "NominalScannedPixelSpacing": 0x00182010,
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
    "SeriesNumber": 0x00200011,
    "AcquisitionNumber": 0x00200012,
    "InstanceNumber": 0x00200013,
    "ImagePositionPatient": 0x00200032,
    "ImageOrientationPatient": 0x00200037,
    "FrameOfReferenceUID": 0x00200052,
    "TemporalPositionIdentifier": 0x00200100,
    "StackID": 0x00209056,
    "PhotometricInterpretation": 0x00280004,
    "NumberOfFrames": 0x00280008,
    "PixelSpacing": 0x00280030,
    "RescaleIntercept": 0x00281052,
    "RescaleSlope": 0x00281053,
    "FrameReferenceTime": 0x00541300,
    "GridFrameOffsetVector": 0x3004000C,
}
# Numbers in binary: tag and form of one value.
_NUMBERS = {
    "EffectiveEchoTime": (0x00189082, "d"),
    "DiffusionBValue": (0x00189087, "d"),
    "NominalCardiacTriggerDelayTime": (0x00209153, "d"),
    "NominalPercentageOfCardiacPhase": (0x00209241, "f"),
    "FrameAcquisitionNumber": (0x00209156, "H"),
    "TemporalPositionIndex": (0x00209128, "I"),
    "RegionSpatialFormat": (0x00186012, "H"),
    "PhysicalUnitsXDirection": (0x00186024, "H"),
    "PhysicalUnitsYDirection": (0x00186026, "H"),
    "PhysicalDeltaX": (0x0018602C, "d"),
    "PhysicalDeltaY": (0x0018602E, "d"),
    "SamplesPerPixel": (0x00280002, "H"),
    "Rows": (0x00280010, "H"),
    "Columns": (0x00280011, "H"),
    "BitsAllocated": (0x00280100, "H"),
    "BitsStored": (0x00280101, "H"),
    "PixelRepresentation": (0x00280103, "H"),
}
# Vectors of multi-frame objects without functional groups (PS3.3 C.8.4.8).
_VECTORS = {
    "EnergyWindowVector": 0x00540010,
    "DetectorVector": 0x00540020,
    "PhaseVector": 0x00540030,
    "RotationVector": 0x00540050,
    "RRIntervalVector": 0x00540060,
    "TimeSlotVector": 0x00540070,
    "SliceVector": 0x00540080,
    "AngularViewVector": 0x00540090,
    "TimeSliceVector": 0x00540100,
}
_NUMBERS.update({keyword: (tag, "H") for keyword, tag in _VECTORS.items()})
# Values are tags.
_POINTERS = {"FrameIncrementPointer": 0x00280009}
_SEQUENCES = {
    "SequenceOfUltrasoundRegions": 0x00186011,
    "DetectorInformationSequence": 0x00540022,
    "PlanePositionSequence": 0x00209113,
    "PlaneOrientationSequence": 0x00209116,
    "ModalityLUTSequence": 0x00283000,
    "PixelMeasuresSequence": 0x00289110,
    "SharedFunctionalGroupsSequence": 0x52009229,
    "PerFrameFunctionalGroupsSequence": 0x52009230,
}
_TAGS = {**_TEXTS, **{keyword: tag for keyword, (tag, _) in _NUMBERS.items()}, **_POINTERS, **_SEQUENCES}
_CHARSET = _TEXTS["SpecificCharacterSet"]
# Offsets of 100,000 frames take less.
_LONGEST_TEXT = 4 << 20
# Tag and length of an item.
_FRAGMENT_HEADER = 8
# All that stands before the pixels of an ordinary image; nothing needs to be read behind them.
_WANTED = TagSelection(frozenset(_TAGS.values()), _TAGS["FrameReferenceTime"])
# Without these it is an enhanced object, or no image with a position: all of its header is looked at.
_ORDINARY = tuple(_TEXTS[keyword] for keyword in ("SOPClassUID", "SOPInstanceUID", "ImagePositionPatient", "ImageOrientationPatient"))


class _Source(Protocol):
    """Elements by tag."""

    charset: str

    def __contains__(self, tag: int) -> bool: ...

    def raw(self, tag: int) -> bytes:
        """The bytes; empty when absent."""


class _Values:
    """The elements of an ordinary image."""

    def __init__(self, values: dict[int, bytes]) -> None:
        self._values = values
        self.charset = values.get(_CHARSET, b"").decode("ascii", "replace").strip(" \0")

    def __contains__(self, tag: int) -> bool:
        return tag in self._values

    def raw(self, tag: int) -> bytes:
        """See ``_Source``."""
        return self._values.get(tag, b"")


class ImageHeader:
    """Answers ``in`` and ``get`` like a pydicom Dataset, as far as ``frames`` asks; items of sequences, which may be many, also come one by one.

    A keyword that is none of the tables is a ``KeyError``.
    """

    def __init__(self, source: _Source, big_endian: bool, file: DicomFile | None = None) -> None:
        self._source = source
        self._order = ">" if big_endian else "<"
        self._file = file
        self._nested: list[Elements] | None = None
        # Character sets that were assumed for texts so far.
        self.guessed: set[str] = set()

    def __contains__(self, keyword: str) -> bool:
        return _TAGS[keyword] in self._source

    def get(self, keyword: str) -> Any:
        """Text, an int or a float; several values as a list; of a sequence a list of headers. None where it is absent or makes no sense."""
        tag = _TAGS[keyword]
        if tag not in self._source:
            return None
        if keyword in _SEQUENCES:
            return list(self.items(keyword))
        raw = self._source.raw(tag)
        if keyword in _NUMBERS:
            return self._numbers(raw, _NUMBERS[keyword][1])
        if keyword in _POINTERS:
            halves = unpack(f"{self._order}{len(raw) // 4 * 2}H", raw[: len(raw) // 4 * 4])
            return [group << 16 | element for group, element in zip(halves[::2], halves[1::2], strict=True)]
        if len(raw) > _LONGEST_TEXT:
            return None
        text = raw.decode("ascii") if raw.isascii() and b"\x1b" not in raw else decode_text(raw, self._source.charset)
        if guess := guessed_charset(raw, self._source.charset):
            self.guessed.add(guess)
        parts = [part.strip("\0 ") for part in text.split("\\")]
        return parts if len(parts) > 1 else parts[0]

    def items(self, keyword: str) -> Iterator[ImageHeader]:
        """The items of a sequence, one at a time; none where it is absent."""
        if isinstance(self._source, Elements):
            yield from (ImageHeader(item, item.stream.big_endian) for item in self._source.iterate_items(_TAGS[keyword]))

    def first(self, keyword: str) -> ImageHeader | None:
        """The first item of a sequence; None where there is none."""
        return next(self.items(keyword), None)

    def most_frames(self, rows: int, columns: int) -> int:
        """How many frames of this size the pixel data of an object of several can hold, by their length in the file."""
        file = self._file
        if file is None or file.pixels is None:
            return 1
        length = file.pixels.stop - file.pixels.start
        if file.pixels.undefined:
            # Each has a fragment.
            return length // _FRAGMENT_HEADER
        size = file.pixel_size
        return length * 8 // max(1, rows * columns * min(2, size.samples) * size.bits)

    def nested(self, keyword: str) -> ImageHeader | None:
        """Of a functional group: the first item, of any sequence in it, that has the element; None where none has."""
        if self._nested is None:
            source = self._source
            tags = source.table if isinstance(source, Elements) else ()
            self._nested = [item for tag in tags if isinstance(source, Elements) and source.holds_items(tag) and (item := source.first(tag))]
        return next((ImageHeader(item, item.stream.big_endian) for item in self._nested if _TAGS[keyword] in item), None)

    def _numbers(self, raw: bytes, form: str) -> Any:
        size = calcsize(form)
        if not raw or len(raw) % size:
            return None
        values = unpack(f"{self._order}{len(raw) // size}{form}", raw)
        return list(values) if len(values) > 1 else values[0]


def tags_of(keywords: Iterable[str]) -> frozenset[int]:
    """The elements of these keywords."""
    return frozenset(_TAGS[keyword] for keyword in keywords)


def header_of(values: dict[int, bytes], big_endian: bool = False) -> ImageHeader:
    """What was read already, by tag; of sequences only whether they are there."""
    return ImageHeader(_Values(values), big_endian)


def open_image_header(path: str | Path) -> ImageHeader:
    """Opens the file once. Raises ``NotDicomError``, ``DamagedError``, ``NotFoundError``, ``StorageError``."""
    name = os.fspath(path)
    try:
        with open_regular(name) as file:
            found = read_first_elements(name, file, _WANTED)
            frames = found.values.get(_TEXTS["NumberOfFrames"], b"").strip(b"\0 ")
            if frames in (b"", b"1") and all(found.values.get(tag) for tag in _ORDINARY):
                return header_of(found.values, found.stream.big_endian)
            whole = map_dicom(name, file)
    except OSError as error:
        raise unreadable(name, error) from error
    root = whole.root
    if _TEXTS["SOPClassUID"] not in root or _SOP_INSTANCE not in root:
        raise not_dicom(name, "without SOP Instance UID")
    return ImageHeader(root, root.stream.big_endian, whole)
