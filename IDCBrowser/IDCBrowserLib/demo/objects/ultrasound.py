"""An ultrasound cine (DICOM PS3.3 A.7): a vessel that widens and narrows once, with known frame rate, distances and gray values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.demo.dicom_file import US_STUDY, SeriesHead, add_pixels, new_object, sequence
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.noise import grain
from IDCBrowserLib.dicom.sop_classes import ULTRASOUND_MULTI_FRAME

_FRAMES, _ROWS, _COLUMNS = 24, 240, 320
_FRAME_TIME_MS = 40.0
_PIXEL_MM = 0.5
# Row and column where the beams start, and the vessel's center.
_APEX, _CENTER = (8.0, 160.0), (140, 160)


def made() -> dict[str, MadeSeries]:
    """24 gray frames of 40 ms."""
    from pydicom.dataset import Dataset

    pixels = _frames()
    dataset = new_object(ULTRASOUND_MULTI_FRAME, SeriesHead("us", US_STUDY, "US", 1, "Aorta, cross section, cine"))
    dataset.ImageType, dataset.InstanceNumber, dataset.LossyImageCompression = ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"], 1, "00"
    dataset.PatientOrientation = ""
    add_pixels(dataset, (_ROWS, _COLUMNS), 8, pixels.tobytes())
    dataset.NumberOfFrames, dataset.FrameIncrementPointer = _FRAMES, 0x00181063
    dataset.FrameTime, dataset.RecommendedDisplayFrameRate, dataset.CineRate = str(_FRAME_TIME_MS), 25, 25
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0, region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 0, 0, _COLUMNS - 1, _ROWS - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = _PIXEL_MM / 10
    dataset.SequenceOfUltrasoundRegions = sequence(region)
    points = [
        {"frame": frame, "row": row, "column": column, "value": int(pixels[frame, row, column])}
        for frame in (0, 6, 12)
        for row, column in (_CENTER, (_CENTER[0], _CENTER[1] + 28), (60, 150))
    ]
    truth = {"frames": _FRAMES, "frames_per_second": 1000 / _FRAME_TIME_MS, "pixel_mm": _PIXEL_MM, "pixels": points}
    return {"us": MadeSeries([dataset], truth)}


def _frames() -> NDArray[np.uint8]:
    row, column = np.ogrid[:_ROWS, :_COLUMNS]
    down, across = row - _APEX[0], column - _APEX[1]
    depth = np.hypot(down, across)
    sector = (np.abs(np.arctan2(across, down)) < 0.7) & (depth < 226) & (depth > 12)
    from_center = np.hypot(row - _CENTER[0], column - _CENTER[1])
    speckle = grain((_FRAMES, _ROWS, _COLUMNS), 91)
    frames = np.zeros((_FRAMES, _ROWS, _COLUMNS), np.uint8)
    for number in range(_FRAMES):
        radius = 22.0 + 7.0 * np.sin(2 * np.pi * number / _FRAMES)
        tissue = 95.0 * np.exp(-depth / 400) * (1 + 0.35 * speckle[number])
        wall = 120.0 * np.exp(-(((from_center - radius) / 2.5) ** 2))
        shown = np.where(from_center < radius, 6.0, tissue) + wall
        frames[number] = np.where(sector, np.clip(np.round(shown, 4), 0, 255), 0).astype(np.uint8)
    return frames
