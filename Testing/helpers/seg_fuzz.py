"""Valid SEG files of every kind, and damaged copies of them: the same ones for the same seed."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pydicom import Dataset

from helpers import seg_files as sf
from helpers.seg_slides import COLUMNS, ROWS, on_slide

_IMPLICIT, _DEFLATED, _BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
_WEIRD_NUMBERS = (0, 1, 2, 3, 7, 255, 256, 65535)
_WEIRD_TEXTS = ("", " ", "0", "-1", "nan", "inf", "1e308", "1e-300", "99999999", "2147483648", "1\\2", "1\\2\\3", "A\\B", "é", "\x00")


def valid_files(folder: Path) -> dict[str, bytes]:
    """Every kind of SEG, small."""
    shape = (3, 10, 12)
    source = sf.images(*shape)
    binary, label_map = sf.seg(source, sf.channels(*shape, count=2)), sf.seg(source, sf.labels(*shape, count=2), kind="LABELMAP")
    fractions = np.random.default_rng(1).random((*shape, 2)).astype(np.float32)
    paths = [
        sf.save(binary, folder / "binary.dcm"),
        sf.save(sf.seg(sf.images(3, 7, 9), sf.channels(3, 7, 9, count=2)), folder / "odd.dcm"),
        sf.save(label_map, folder / "labelmap.dcm"),
        sf.save(sf.seg(source, fractions, kind="FRACTIONAL"), folder / "fractional.dcm"),
        sf.save(sf.seg(source, sf.labels(*shape, count=300), kind="LABELMAP"), folder / "labelmap16.dcm"),
        sf.save_as(binary, folder / "implicit.dcm", _IMPLICIT),
        sf.save_as(binary, folder / "deflated.dcm", _DEFLATED),
        sf.save_as(label_map, folder / "big.dcm", _BIG),
        sf.save(on_slide(sf.channels(1, ROWS, COLUMNS, count=2)[0]), folder / "slide.dcm"),
        # The encoder wants 32 pixels at least.
        sf.save(sf.in_jpeg_2000(sf.seg(sf.images(2, 33, 34), sf.labels(2, 33, 34, count=2), kind="LABELMAP")), folder / "j2k.dcm"),
    ]
    for name, syntax in (("rle", "1.2.840.10008.1.2.5"), ("jls", "1.2.840.10008.1.2.4.80")):
        paths.append(sf.save(sf.seg(source, sf.labels(*shape, count=2), kind="LABELMAP", transfer_syntax=syntax), folder / f"{name}.dcm"))
    return {path.stem: path.read_bytes() for path in paths}


def damaged_bytes(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Copies with a few bytes changed, cut, doubled or replaced by extreme lengths; mostly in the header."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        copy = bytearray(data)
        for _ in range(int(random.integers(1, 4))):
            _damage(copy, random)
        yield bytes(copy)


def _damage(copy: bytearray, random: np.random.Generator) -> None:
    kind = int(random.integers(0, 8))
    at = int(random.integers(132, len(copy))) if len(copy) > 140 else 0
    if kind == 0:
        del copy[at:]
    elif kind == 1:
        del copy[at : at + int(random.integers(1, 20))]
    elif kind == 2:
        copy[at:at] = copy[at : at + int(random.integers(1, 40))]
    elif kind == 3:
        length = (0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0xFFFE, 1 << 30)[int(random.integers(0, 6))]
        copy[at : at + 4] = struct.pack("<I", length)
    else:
        copy[at : at + 1] = bytes([int(random.integers(0, 256))])


def damaged_elements(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Copies in which an element, at any depth, is missing, empty, repeated or holds another value of its kind."""
    from io import BytesIO

    from pydicom import dcmread, dcmwrite

    random = np.random.default_rng(seed)
    for _ in range(count):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = dcmread(BytesIO(data))
            for _ in range(int(random.integers(1, 3))):
                _change(dataset, random)
            out = BytesIO()
            try:
                dcmwrite(out, dataset, enforce_file_format=False)
            except Exception:  # pydicom refuses some values; those cases do not exist as files
                continue
        yield out.getvalue()


def _change(dataset: Dataset, random: np.random.Generator) -> None:
    dataset = _somewhere(dataset, random)
    elements = [element for element in dataset if element.tag.group not in (0x0008, 0x0010) or random.random() < 0.1]
    if not elements:
        return
    element = elements[int(random.integers(0, len(elements)))]
    if random.random() < 0.25:
        del dataset[element.tag]
    elif element.VR == "SQ":
        items = list(element.value)
        element.value = [] if random.random() < 0.4 else items + items[: int(random.integers(1, 3))]
    elif element.VR in ("US", "UL", "SL", "SS"):
        element.value = _WEIRD_NUMBERS[int(random.integers(0, len(_WEIRD_NUMBERS)))]
    elif element.VR in ("OB", "OW"):
        element.value = element.value[: int(random.integers(0, len(element.value) + 1)) // 2 * 2]
    else:
        text = _WEIRD_TEXTS[int(random.integers(0, len(_WEIRD_TEXTS)))]
        element._value = text


def _somewhere(dataset: Dataset, random: np.random.Generator) -> Dataset:
    """The data set itself or an item inside it."""
    sequences = [element for element in dataset if element.VR == "SQ" and len(element.value)]
    if not sequences or random.random() < 0.3:
        return dataset
    items = sequences[int(random.integers(0, len(sequences)))].value
    return _somewhere(items[int(random.integers(0, len(items)))], random)
