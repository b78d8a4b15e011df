"""Objects of a series in memory, and PNG files read by Qt."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset


class InMemory:
    """An object of a series; ``reads`` lists what was asked for."""

    series_uid = ""

    def __init__(self, content: bytes, label: str = "one.dcm") -> None:
        self.content = content
        self.label = label
        self.size = len(content)
        self.reads: list[tuple[int, int]] = []

    def read(self, start: int, stop: int) -> bytes:
        self.reads.append((start, stop))
        return self.content[start:stop]


def in_memory(dataset: Dataset, label: str = "one.dcm") -> InMemory:
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return InMemory(file.getvalue(), label)


def read_png(path_or_bytes: Path | bytes) -> np.ndarray:
    """As a program that knows nothing of ours reads it."""
    from PySide6 import QtGui

    content = path_or_bytes if isinstance(path_or_bytes, bytes) else path_or_bytes.read_bytes()
    image = QtGui.QImage.fromData(content).convertToFormat(QtGui.QImage.Format.Format_RGB888)
    assert not image.isNull()
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    # A copy: the bytes are those of the image, which goes.
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
