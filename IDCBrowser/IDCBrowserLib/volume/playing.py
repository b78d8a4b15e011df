"""How a series of frames wants to be played, and the windows that its header offers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.windows import windows_of
from IDCBrowserLib.errors import IDCBrowserError

_RECOMMENDED_RATE, _CINE_RATE, _FRAME_TIME, _FRAME_TIMES = 0x00082144, 0x00180040, 0x00181063, 0x00181065
_CENTERS, _WIDTHS, _EXPLANATIONS = 0x00281050, 0x00281051, 0x00281055
_SLOWEST, _FASTEST = 0.1, 240.0


@dataclass(frozen=True)
class Playing:
    """``frames_per_second`` as the file states it, None where it does not; ``windows``: (center, width, name) in the order of the file."""

    frames_per_second: float | None
    windows: tuple[tuple[float, float, str], ...]


def playing_of(path: str) -> Playing:
    """Of the header of a file; nothing of one that cannot be read."""
    try:
        root = open_dicom(path).root
        return Playing(frame_rate(root), windows_of(root.text(_CENTERS), root.text(_WIDTHS), root.text(_EXPLANATIONS)))
    except IDCBrowserError:
        return Playing(None, ())


def frame_rate(root: Elements) -> float | None:
    """Frames per second: Recommended Display Frame Rate, Cine Rate, or of Frame Time or the mean of the Frame Time Vector in ms (PS3.3 C.7.6.5)."""
    times = [value for value in _numbers(root, _FRAME_TIMES)[1:] if value > 0]
    milliseconds = _numbers(root, _FRAME_TIME)[:1] or ([sum(times) / len(times)] if times else [])
    rates = [*_numbers(root, _RECOMMENDED_RATE)[:1], *_numbers(root, _CINE_RATE)[:1], *(1000 / value for value in milliseconds if value > 0)]
    return next((rate for rate in rates if _SLOWEST <= rate <= _FASTEST), None)


def _numbers(root: Elements, tag: int) -> list[float]:
    found = []
    for part in root.text(tag).split("\\"):
        try:
            value = float(part)
        except ValueError:
            continue
        if math.isfinite(value):
            found.append(value)
    return found
