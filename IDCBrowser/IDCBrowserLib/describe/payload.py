"""Documents, waveforms and videos: what they are, and saving what is inside for the system's own program."""

from __future__ import annotations

import csv
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from IDCBrowserLib.describe.card import Card, amount
from IDCBrowserLib.describe.images import MPEG, describe_image
from IDCBrowserLib.describe.kinds import kind_of
from IDCBrowserLib.dicom.code import read_code
from IDCBrowserLib.dicom.dicom_file import DicomFile, open_dicom
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.fragments import Ending, items_of
from IDCBrowserLib.errors import ConversionError, StorageError
from IDCBrowserLib.safe_text import cell
from IDCBrowserLib.whole_file import free_name, whole_bytes, whole_file
from IDCBrowserLib.wording import human_count, human_size

_DOCUMENT = 0x00420011
_LENGTH = 0x00420015
_MIME = 0x00420012
_WAVEFORMS = 0x54000100
_ENDINGS = {
    "application/pdf": ".pdf",
    "text/xml": ".xml",
    "application/xml": ".xml",
    "model/stl": ".stl",
    "application/sla": ".stl",
    "model/obj": ".obj",
    "model/mtl": ".mtl",
}
# What the content itself says goes before what the header says; a program is never chosen by an unknown name.
_HEADS = ((b"%PDF", ".pdf"), (b"<?xml", ".xml"))
# Opened with the system's program; anything else is only saved: a program is never started by what a file claims to be.
OPENED = frozenset({".pdf", ".xml", ".csv", ".stl", ".obj", ".mpg", ".mp4"})
# What must begin so to be called so.
_BEGINNINGS = {".pdf": b"%PDF", ".xml": b"<"}
_SAMPLES = {"SS": "h", "US": "H", "SB": "b", "UB": "B", "SL": "i", "UL": "I"}
_MOST_SAMPLES = 50_000_000


class Channel(NamedTuple):
    """``scale`` takes samples to ``unit``."""

    name: str
    scale: float
    unit: str


def describe_document(file: DicomFile) -> Card:
    """Title, type and size."""
    root = file.root
    card = Card(title=root.text(0x00420010))
    card.add("Type", root.text(_MIME), "mime_type")
    size = len(document_bytes(file))
    card.add("Size", human_size(size))
    card.put({"bytes": size, "file_ending": _ending(file)})
    card.text = ", ".join(part for part in (card.title, human_size(size)) if part)
    return card


def describe_waveform(file: DicomFile) -> Card:
    """Channels, duration and rate."""
    card = Card()
    groups: list[dict[str, Any]] = []
    for item in file.root.iterate_items(_WAVEFORMS):
        channels, samples = card.value(item.unsigned, 0x003A0005) or 0, item.unsigned_long(0x003A0010)
        rate = _rate(item)
        names = [channel.name for channel in _channels(item)]
        groups.append({"channels": names, "samples": samples, "hz": rate, "seconds": samples / rate if rate else None})
        duration = f", {amount(samples / rate)} s at {amount(rate)} Hz" if rate else ""
        card.add(item.text(0x003A0020) or "Channels", f"{human_count(channels, 'channel', 'channels')}{duration}")
    card.put({"groups": groups})
    first = groups[0] if groups else None
    seconds = f", {amount(first['seconds'])} s at {amount(first['hz'])} Hz" if first and first["hz"] else ""
    card.text = f"{human_count(len(first['channels']), 'channel', 'channels')}{seconds}" if first else "without any samples"
    return card


def describe_video(file: DicomFile) -> Card:
    """As an image, and that it is saved instead of shown."""
    card = describe_image(file)
    card.put({"file_ending": _ending(file)})
    return card


def document_bytes(file: DicomFile) -> bytes:
    """Encapsulated Document (0042,0011) without its padding."""
    data = file.root.raw(_DOCUMENT)
    length = file.root.unsigned_long(_LENGTH)
    if len(data) - 1 <= length <= len(data) and length:
        return data[:length]
    # Before 2019 its length was not stated; the padding is one zero byte at most (PS3.3 C.24.2).
    return data[:-1] if data.endswith(b"\0") and len(data) % 2 == 0 and not _is_binary(file) else data


def save_payload(path: str, folder: Path) -> Path:
    """Write what is inside a document, waveform (as CSV) or video into ``folder``; gives the file. A file of that name stays; this one gets a number.

    Raises ``ConversionError`` for an object without such content, and ``StorageError``.
    """
    file = open_dicom(path)
    target = free_name(folder / f"{_stem(file)}{_ending(file)}")
    family = kind_of(file.sop_class).family
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {folder} cannot be made: {error.strerror or error}.") from error
    if family == "waveform":
        _save_waveform(file, target)
    elif family == "document":
        data = document_bytes(file)
        if not data:
            raise ConversionError(f"{path} has no content: Encapsulated Document (0042,0011) is missing or empty.")
        whole_bytes(target, (data,))
    elif file.transfer_syntax.startswith(MPEG):
        whole_bytes(target, _fragments(file))
    else:
        raise ConversionError(f"{path} has no document, waveform or video inside.")
    return target


def _save_waveform(file: DicomFile, target: Path) -> None:
    item = file.root.first(_WAVEFORMS)
    if item is None:
        raise ConversionError(f"{file.path} has no content: Waveform Sequence (5400,0100) is missing or empty.")
    channels, rate = _channels(item), _rate(item) or 0.0
    raw, form = item.raw(0x54001010), _SAMPLES.get(item.text(0x54001006), "")
    if not form or not channels or not rate:
        raise ConversionError(f"{file.path}: the waveform's samples, channels or rate are not stated, so it cannot be saved.")
    size = struct.calcsize(form) * len(channels)
    count = min(len(raw) // size, _MOST_SAMPLES // len(channels))
    order = ">" if item.stream.big_endian else "<"
    with whole_file(target) as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["seconds", *(cell(f"{channel.name} ({channel.unit})" if channel.unit else channel.name) for channel in channels)])
        for number, values in enumerate(struct.iter_unpack(f"{order}{len(channels)}{form}", raw[: count * size])):
            scaled = (f"{value * channel.scale:.6g}" for value, channel in zip(values, channels, strict=True))
            writer.writerow([f"{number / rate:.6g}", *scaled])


def _channels(item: Elements) -> list[Channel]:
    found = []
    for number, definition in enumerate(item.iterate_items(0x003A0200), 1):
        source, unit = definition.first(0x003A0208), definition.first(0x003A0211)
        code = read_code(source) if source is not None else None
        units = read_code(unit) if unit is not None else None
        scale = (_number(definition, 0x003A0210) or 1.0) * (_number(definition, 0x003A0212) or 1.0)
        name = definition.text(0x003A0203) or (code.meaning if code else "") or f"Channel {number}"
        found.append(Channel(name, scale, units.value if units else ""))
    return found


def _fragments(file: DicomFile) -> Iterator[bytes]:
    """The stream of an MPEG video: its fragments in a row, without the offset table (PS3.5 A.4.5)."""
    if file.pixels is None:
        raise ConversionError(f"{file.path} has no Pixel Data (7FE0,0010).")
    data = file.pixel_bytes()
    items, ending = items_of(data, file.pixels.start, file.pixels.stop)
    if ending is Ending.DAMAGED:
        raise ConversionError(f"{file.path}: the video ends within a fragment. The file is truncated; download it again.")
    return (bytes(data[begin:end]) for begin, end in items[1:])


def _ending(file: DicomFile) -> str:
    if file.transfer_syntax.startswith(MPEG):
        return ".mpg" if file.transfer_syntax.startswith(MPEG[:2]) else ".mp4"
    if kind_of(file.sop_class).family == "waveform":
        return ".csv"
    head = file.root.raw(_DOCUMENT)[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    by_head = next((ending for start, ending in _HEADS if head.startswith(start)), "")
    by_class = {"1": ".pdf", "2": ".xml", "3": ".stl", "4": ".obj", "5": ".mtl"}.get(file.sop_class.rpartition(".104.")[2], ".bin")
    ending = by_head or _ENDINGS.get(file.root.text(_MIME).split(";")[0].strip().lower(), by_class)
    return ending if head.startswith(_BEGINNINGS.get(ending, b"")) else ".bin"


def _is_binary(file: DicomFile) -> bool:
    return _ending(file) == ".stl"


def _stem(file: DicomFile) -> str:
    """A name of a file on every system, from title and series; what comes from a file may hold anything."""
    root = file.root
    words = root.text(0x00420010) or root.text(0x0008103E) or kind_of(file.sop_class).words
    name = re.sub(r"[^\w.+-]+", "_", words).strip("._")[:80] or "unnamed"
    return f"{name}_{re.sub(r'[^0-9.]', '', root.text(0x00080018))[-12:].strip('.')}".strip("_")


def _rate(item: Elements) -> float | None:
    """Sampling Frequency (003A,001A), Hz."""
    value = _number(item, 0x003A001A)
    return value if value is not None and value > 0 else None


def _number(item: Elements, tag: int) -> float | None:
    try:
        value = float(item.text(tag))
    except ValueError:
        return None
    return value if 0 < abs(value) < 1e12 else None
