"""What is drawn on the phantom: coded segments for the SEGs, regions of interest for the RTSTRUCT."""

from __future__ import annotations

from functools import partial

import numpy as np

from IDCBrowserLib.demo import body, organs
from IDCBrowserLib.demo.contours import keyhole, loops, regions, simplified
from IDCBrowserLib.demo.grid import BODY_ORIGIN_LPS, Array, Box, Grid, Points
from IDCBrowserLib.demo.rtstruct import Contour, Roi
from IDCBrowserLib.demo.segmentation import DrawnSegment
from IDCBrowserLib.demo.shapes import Field, intersection, without
from IDCBrowserLib.demo.tissue import (
    AORTA,
    COLON,
    CYST,
    EVERYWHERE,
    GALLBLADDER,
    LEFT_KIDNEY,
    LIVER,
    PANCREAS,
    PSOAS,
    RIGHT_KIDNEY,
    SPINE,
    SPLEEN,
    STOMACH,
    TUMOR,
    VENA_CAVA,
    mask,
)
from IDCBrowserLib.dicom.code import Code

ANATOMY = Code("123037004", "SCT", "Anatomical Structure")
ALTERED = Code("49755003", "SCT", "Morphologically Altered Structure")
LIVER_CODE = Code("10200004", "SCT", "Liver")
KIDNEY_CODE = Code("64033007", "SCT", "Kidney")
LEFT, RIGHT = Code("7771000", "SCT", "Left"), Code("24028007", "SCT", "Right")

# The contours' own lattice lies between the voxel centers, so that no voxel center can fall on a vertex's row or column.
_LATTICE_OFFSET = (0.37, 0.43)
_LATTICE_STEP = 2.0


def overlapping_segments(grid: Grid) -> list[DrawnSegment]:
    """The BINARY SEG of the CT; the tumor lies inside the liver, so each of its voxels is in two segments."""
    l2 = partial(body.vertebra, height=body.VERTEBRA_LEVELS["L2"])
    left, right = partial(organs.kidney, side=1), partial(organs.kidney, side=-1)
    return [
        DrawnSegment(1, "Liver", ANATOMY, LIVER_CODE, (221, 130, 101), mask(grid, organs.liver, LIVER), algorithm="Phantom"),
        DrawnSegment(2, "Right kidney", ANATOMY, KIDNEY_CODE, (185, 102, 83), mask(grid, right, RIGHT_KIDNEY), modifier=RIGHT, algorithm="Phantom"),
        DrawnSegment(3, "Left kidney", ANATOMY, KIDNEY_CODE, (205, 132, 93), mask(grid, left, LEFT_KIDNEY), modifier=LEFT, algorithm="Phantom"),
        DrawnSegment(4, "Aorta", ANATOMY, Code("15825003", "SCT", "Aorta"), (224, 97, 76), mask(grid, organs.aorta, AORTA), algorithm="Phantom"),
        DrawnSegment(5, "L2 vertebra", ANATOMY, Code("14293000", "SCT", "L2 vertebra"), (241, 214, 145), mask(grid, l2, SPINE), algorithm="Phantom"),
        DrawnSegment(
            6, "Liver tumor", ALTERED, Code("108369006", "SCT", "Neoplasm"), (144, 238, 144), mask(grid, organs.liver_tumor, TUMOR), region=LIVER_CODE
        ),
    ]


def organ_segments(grid: Grid) -> list[DrawnSegment]:
    """The LABELMAP SEG of the CT: organs that do not overlap; the numbers leave a gap, as this type allows."""
    drawn = (
        (1, Code("78961009", "SCT", "Spleen"), (157, 108, 162), organs.spleen, SPLEEN),
        (2, Code("69695003", "SCT", "Stomach"), (214, 158, 186), organs.stomach, STOMACH),
        (3, Code("15776009", "SCT", "Pancreas"), (249, 180, 111), organs.pancreas, PANCREAS),
        (4, Code("28231008", "SCT", "Gallbladder"), (139, 150, 98), organs.gallbladder, GALLBLADDER),
        (5, Code("71854001", "SCT", "Colon"), (186, 148, 104), organs.colon, COLON),
        (7, Code("64131007", "SCT", "Inferior vena cava"), (0, 151, 206), organs.vena_cava, VENA_CAVA),
        (12, Code("39607008", "SCT", "Lung"), (160, 190, 220), body.lungs, EVERYWHERE),
    )
    taken = np.zeros(grid.shape, dtype=bool)
    segments = []
    for number, code, color, field, box in drawn:
        voxels = mask(grid, field, box) & ~taken
        taken |= voxels
        segments.append(DrawnSegment(number, code.meaning, ANATOMY, code, color, voxels, algorithm="Phantom"))
    return segments


def mr_segments(grid: Grid) -> list[DrawnSegment]:
    """The BINARY SEG of the MR, on its oblique grid."""
    l3 = partial(body.vertebra, height=body.VERTEBRA_LEVELS["L3"])
    cyst, bone, cord = mask(grid, organs.cyst, CYST), mask(grid, l3, SPINE), mask(grid, _cord_to_its_end, SPINE)
    return [
        DrawnSegment(1, "Renal cyst", ALTERED, Code("367643001", "SCT", "Cyst"), (205, 205, 100), cyst, region=KIDNEY_CODE),
        DrawnSegment(2, "L3 vertebra", ANATOMY, Code("36470004", "SCT", "L3 vertebra"), (212, 188, 102), bone),
        DrawnSegment(3, "Spinal cord", ANATOMY, Code("2748008", "SCT", "Spinal cord"), (244, 214, 49), cord),
    ]


def _cord_to_its_end(points: Points) -> Array:
    """The cord ends at the first lumbar vertebra; drawn up to the eleventh thoracic one."""
    return intersection(body.cord(points), np.abs(points.z - 158.0) - 48.0)


def rois(grid: Grid) -> list[Roi]:
    """The RTSTRUCT of the CT: a keyhole, a hole by XOR, two islands on one slice, and a point."""
    ring_box = tuple((low - 12.0, high + 12.0) for low, high in TUMOR)
    l1 = partial(body.vertebra, height=body.VERTEBRA_LEVELS["L1"])
    return [
        Roi(1, "PTV minus GTV", "PTV", (255, 150, 40), _drawn(grid, _ring_around_tumor, (ring_box[0], ring_box[1], ring_box[2]), "keyhole")),
        Roi(2, "GTV liver", "GTV", (255, 60, 60), _drawn(grid, organs.liver_tumor, TUMOR, "outline")),
        Roi(3, "Psoas muscles", "ORGAN", (192, 104, 88), _drawn(grid, body.psoas, PSOAS, "outline")),
        Roi(4, "L1 vertebra", "ORGAN", (120, 190, 240), _drawn(grid, l1, SPINE, "xor")),
        Roi(5, "Spinal canal", "AVOIDANCE", (250, 250, 120), _drawn(grid, body.canal, SPINE, "outline")),
        Roi(6, "Isocenter", "ISOCENTER", (255, 255, 255), (_isocenter(grid),)),
    ]


def _ring_around_tumor(points: Points) -> Array:
    """A centimeter around the tumor, without it."""
    return without(organs.liver_tumor(points) - 10.0, organs.liver_tumor(points))


def _isocenter(grid: Grid) -> Contour:
    k = 42
    x, y = -92.0 + BODY_ORIGIN_LPS[0], -6.0 + BODY_ORIGIN_LPS[1]
    return Contour("POINT", k, ((x, y, grid.slice_position(k)[2]),))


def _drawn(grid: Grid, field: Field, box: Box, how: str) -> tuple[Contour, ...]:
    low = [max(box[axis][0], grid.origin[axis] - BODY_ORIGIN_LPS[axis]) for axis in (0, 1)]
    high = [min(box[axis][1], grid.origin[axis] - BODY_ORIGIN_LPS[axis] + grid.shape[2 - axis] * grid.spacing[axis]) for axis in (0, 1)]
    x, y = (_lattice(low[axis], high[axis], grid.origin[axis] - BODY_ORIGIN_LPS[axis] + _LATTICE_OFFSET[axis]) for axis in (0, 1))
    block = grid.block(box)[0]
    drawn = []
    for k in range(block.start, block.stop):
        z = grid.slice_position(k)[2]
        points = Points(x.reshape(1, 1, -1), y.reshape(1, -1, 1), np.full((1, 1, 1), z - BODY_ORIGIN_LPS[2]))
        plane = np.broadcast_to(field(points), (1, y.size, x.size))[0]
        for kind, loop in _contours(plane, x + BODY_ORIGIN_LPS[0], y + BODY_ORIGIN_LPS[1], how):
            drawn.append(Contour(kind, k, tuple((px, py, z) for px, py in loop)))
    return tuple(drawn)


def _lattice(low: float, high: float, phase: float) -> Array:
    first = np.ceil((low - phase) / _LATTICE_STEP)
    last = np.floor((high - phase) / _LATTICE_STEP)
    return phase + _LATTICE_STEP * np.arange(first, last + 1)


def _contours(plane: Array, x: Array, y: Array, how: str) -> list[tuple[str, list[tuple[float, float]]]]:
    found = regions([simplified(loop) for loop in loops(plane, x, y)])
    if how == "keyhole":
        return [("CLOSED_PLANAR", keyhole(region)) for region in found]
    if how == "xor":
        return [("CLOSEDPLANAR_XOR", loop) for region in found for loop in (region.outline, *region.holes)]
    return [("CLOSED_PLANAR", region.outline) for region in found]
