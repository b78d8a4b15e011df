"""Generated SEG on slide microscopy."""

from __future__ import annotations

import numpy as np

from helpers import seg_files as sf

ROWS, COLUMNS, TILE_ROWS, TILE_COLUMNS = 26, 40, 9, 15


def on_slide(array: np.ndarray, *, kind: str = "BINARY", full: bool = False):
    """Tiles of ``array`` (rows, columns, n) or (rows, columns) as a SEG; edge tiles are padded."""
    count = array.shape[2] if array.ndim == 3 else 1
    source = sf.images(1, TILE_ROWS, TILE_COLUMNS)
    template = np.ones((1, TILE_ROWS, TILE_COLUMNS, count), np.uint8) if kind == "BINARY" else sf.labels(1, TILE_ROWS, TILE_COLUMNS)
    made = sf.plain(sf.seg(source, template, kind=kind))
    across, down = -(-COLUMNS // TILE_COLUMNS), -(-ROWS // TILE_ROWS)
    padded = np.zeros((down * TILE_ROWS, across * TILE_COLUMNS, count), np.uint8)
    padded[:ROWS, :COLUMNS] = array.reshape(ROWS, COLUMNS, count)
    frames, groups = [], []
    for number in range(count):
        for row in range(0, ROWS, TILE_ROWS):
            for column in range(0, COLUMNS, TILE_COLUMNS):
                frames.append(padded[row : row + TILE_ROWS, column : column + TILE_COLUMNS, number])
                groups.append(_group(number + 1 if kind == "BINARY" else 0, row, column))
    sf.set_frames(made, frames)
    made.NumberOfFrames = len(frames)
    made.PerFrameFunctionalGroupsSequence = groups
    if full:
        del made.PerFrameFunctionalGroupsSequence
    made.DimensionOrganizationType = "TILED_FULL" if full else "TILED_SPARSE"
    made.TotalPixelMatrixRows, made.TotalPixelMatrixColumns = ROWS, COLUMNS
    made.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    origin = sf.Dataset()
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = 20, 30
    made.TotalPixelMatrixOriginSequence = [origin]
    return made


def _group(segment: int, row: int, column: int):
    group, place = sf.Dataset(), sf.Dataset()
    place.RowPositionInTotalImagePixelMatrix, place.ColumnPositionInTotalImagePixelMatrix = row + 1, column + 1
    group.PlanePositionSlideSequence = [place]
    if segment:
        identification = sf.Dataset()
        identification.ReferencedSegmentNumber = segment
        group.SegmentIdentificationSequence = [identification]
    return group
