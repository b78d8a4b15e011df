"""Paints the phantom's shapes as a CT (Hounsfield units) or a T1-weighted MR (arbitrary units)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.demo import body, organs
from IDCBrowserLib.demo.grid import Array, Box, Grid, Points
from IDCBrowserLib.demo.noise import clouds, grain
from IDCBrowserLib.demo.shapes import Field, intersection, union

Modality = Literal["CT", "MR"]
Value = float | Callable[[Points, Array], Array]

EVERYWHERE: Box = ((-200.0, 200.0), (-200.0, 200.0), (-120.0, 400.0))


@dataclass(frozen=True)
class Tissue:
    """What fills a shape: a value per modality, constant or by place and depth (mm, negative inside); ``box`` surely contains it."""

    field: Field
    ct: Value
    mr: Value
    box: Box = EVERYWHERE


def mask(grid: Grid, field: Field, box: Box = EVERYWHERE) -> NDArray[np.bool_]:
    """Voxels (k, j, i) whose center lies inside the shape."""
    inside = np.zeros(grid.shape, dtype=bool)
    block = grid.block(box)
    # Rounded so that a last bit that differs between machines cannot move a voxel on the surface.
    inside[block] = np.round(field(grid.points(block)), 6) < 0
    return inside


@lru_cache(maxsize=1)
def ct_volume(grid: Grid) -> NDArray[np.int16]:
    """Hounsfield units by (k, j, i), not to be changed: portal venous phase, soft kernel."""
    volume = _paint(grid, "CT", -1000.0)
    volume += 10.0 * grain(grid.shape, 7)
    values = np.clip(np.round(volume), -1024, 1500).astype(np.int16)
    values.setflags(write=False)
    return values


def mr_volume(grid: Grid) -> NDArray[np.uint16]:
    """T1-weighted intensities by (k, j, i), with a gentle coil shading and noise that is never negative."""
    volume = _paint(grid, "MR", 4.0)
    x, y, z = grid.points()
    shading = 1.0 + 0.16 * np.cos((x - 30.0) / 140.0) * np.cos((z - 90.0) / 150.0) + 0.05 * np.sin(y / 60.0)
    noise = 13.0 * grain(grid.shape, 11)
    values: NDArray[np.uint16] = np.clip(np.round(np.hypot(volume * shading + noise, 6.0)), 0, 4095).astype(np.uint16)
    return values


def _paint(grid: Grid, modality: Modality, background: float) -> Array:
    volume: Array = np.full(grid.shape, background, dtype=np.float32)
    edge = 0.9 * min(grid.spacing)
    for tissue in _tissues():
        value = tissue.ct if modality == "CT" else tissue.mr
        block = grid.block(tissue.box)
        points = grid.points(block)
        depth = np.broadcast_to(tissue.field(points), volume[block].shape)
        share = np.clip(0.5 - depth / edge, 0.0, 1.0)
        filling = value(points, depth) if callable(value) else value
        volume[block] += share * (filling - volume[block])
    return volume


def _mottled(mean: float, amplitude: float, size: float, seed: int) -> Value:
    return lambda points, _depth: mean + amplitude * clouds(points, size, seed)


def _bone(cortex: float, marrow: float, mottling: float, thickness: float) -> Value:
    """A dense shell around spongy bone."""

    def value(points: Points, depth: Array) -> Array:
        shell = np.exp(-((depth / thickness) ** 2))
        density: Array = marrow + (cortex - marrow) * shell + mottling * clouds(points, 5.0, 21)
        return density

    return value


def _rib(modality: Modality) -> Value:
    def value(points: Points, depth: Array) -> Array:
        bone = _bone(560.0, 210.0, 30.0, 1.8) if modality == "CT" else _bone(110.0, 420.0, 20.0, 1.5)
        assert callable(bone)
        share = body.cartilage_share(points)
        return (1 - share) * bone(points, depth) + share * (108.0 if modality == "CT" else 210.0)

    return value


def _lung(points: Points, _depth: Array) -> Array:
    """Air, with vessels as bright spots."""
    density: Array = -865.0 + 25.0 * clouds(points, 9.0, 25) + 620.0 * np.clip((clouds(points, 7.0, 42) - 0.42) * 2.2, 0, 1)
    return density


def _stomach(fluid: float, wall: float, air: float) -> Value:
    """Wall, fluid behind, a bubble of air in front (the patient lies on the back)."""

    def value(points: Points, depth: Array) -> Array:
        content = np.where(points.y < -47.0, air, fluid + 34.0 * clouds(points, 15.0, 33) + 12.0 * clouds(points, 6.0, 43))
        return np.where(depth > -3.6, wall, content)

    return value


def _colon(stool: float, wall: float, air: float) -> Value:
    """Wall, mottled stool, gas wherever it rose."""

    def value(points: Points, depth: Array) -> Array:
        crumbs = clouds(points, 9.0, 34)
        front = np.clip((-56.0 - points.y) / 3.0, 0, 1)
        bubbles = 0.5 * np.clip((crumbs - 0.3) * 2.5, 0, 1)
        gas = np.maximum(front, bubbles)
        content = stool + 40.0 * crumbs + gas * (air - stool)
        return np.where(depth > -2.6, wall, content)

    return value


def _bowel(wall: float, content: float, contrast: float) -> Value:
    """Enhancing wall; some loops hold fluid, some oral contrast."""

    def value(points: Points, depth: Array) -> Array:
        share = np.clip(clouds(points, 34.0, 35) * 4.0 - 0.4, 0, 1)
        return np.where(depth > -2.8, wall, content + share * (contrast - content) + 8.0 * clouds(points, 7.0, 36))

    return value


def _kidney(side: int, cortex: float, medulla: float) -> Value:
    def value(points: Points, _depth: Array) -> Array:
        return cortex + (medulla - cortex) * organs.renal_pyramids(points, side) + 6.0 * clouds(points, 6.0, 37)

    return value


def _tumor(core: float, rim: float) -> Value:
    def value(points: Points, depth: Array) -> Array:
        density: Array = core + (rim - core) * np.exp(-(((depth + 2.0) / 3.0) ** 2)) + 12.0 * clouds(points, 6.0, 38)
        return density

    return value


def _collecting_system(points: Points) -> Array:
    """Calyces and renal pelvis: a thinner copy of the sinus."""
    return union(organs.renal_sinus(points, 1), organs.renal_sinus(points, -1)) + 4.5 + 2.5 * clouds(points, 8.0, 39)


def _plaque(points: Points) -> Array:
    """Calcified plaques in the aortic wall."""
    return intersection(np.abs(organs.aorta(points)) - 1.1, 0.62 - clouds(points, 13.0, 40)) * 1.5


def _skin_layer(points: Points) -> Array:
    field: Array = np.abs(body.skin(points) + 1.0) - 1.0
    return field


def _fascia(points: Points) -> Array:
    """Fat between the muscle groups of the back."""
    return intersection(np.abs(body.back_muscles(points)) - 0.9, body.wall(points) + 1.0)


# Boxes that surely contain an organ.
LEFT_KIDNEY: Box = ((28.0, 118.0), (-5.0, 75.0), (55.0, 187.0))
RIGHT_KIDNEY: Box = ((-118.0, -28.0), (-5.0, 75.0), (41.0, 173.0))
SPINE: Box = ((-60.0, 60.0), (-10.0, 115.0), (-120.0, 400.0))
LIVER: Box = ((-165.0, 110.0), (-110.0, 90.0), (60.0, 250.0))
AORTA: Box = ((-8.0, 28.0), (-20.0, 35.0), (10.0, 400.0))
SPLEEN: Box = ((45.0, 165.0), (-40.0, 100.0), (110.0, 240.0))
STOMACH: Box = ((-55.0, 125.0), (-95.0, 45.0), (100.0, 245.0))
PANCREAS: Box = ((-60.0, 105.0), (-50.0, 35.0), (85.0, 185.0))
GALLBLADDER: Box = ((-78.0, -35.0), (-80.0, -25.0), (80.0, 142.0))
COLON: Box = ((-145.0, 145.0), (-105.0, 65.0), (-120.0, 165.0))
VENA_CAVA: Box = ((-45.0, 5.0), (-40.0, 35.0), (-120.0, 400.0))
CYST: Box = ((60.0, 94.0), (12.0, 44.0), (72.0, 106.0))
PSOAS: Box = ((-85.0, 85.0), (0.0, 90.0), (-120.0, 165.0))
TUMOR: Box = ((-122.0, -55.0), (-38.0, 30.0), (140.0, 198.0))


def _tissues() -> tuple[Tissue, ...]:
    """In painting order: later ones cover earlier ones."""
    kidneys = [
        Tissue(partial(organs.kidney, side=side), _kidney(side, 182.0, 128.0), _kidney(side, 430.0, 300.0), box)
        for side, box in ((1, LEFT_KIDNEY), (-1, RIGHT_KIDNEY))
    ]
    loops = [
        Tissue(partial(organs.small_bowel, level=level), _bowel(84.0, 22.0, 150.0), _bowel(340.0, 190.0, 420.0), organs.bowel_box(level))
        for level in range(len(organs.BOWEL_HEIGHTS))
    ]
    front: Box = ((-130.0, 135.0), (-105.0, 60.0), (-120.0, 160.0))
    middle: Box = ((-75.0, 100.0), (-70.0, 60.0), (20.0, 400.0))
    return (
        Tissue(body.table, -160.0, 4.0, ((-200.0, 200.0), (95.0, 165.0), (-120.0, 400.0))),
        Tissue(body.skin, _mottled(-103.0, 3.0, 11.0, 22), _mottled(650.0, 24.0, 14.0, 22)),
        Tissue(_skin_layer, 5.0, 300.0),
        Tissue(body.wall, _mottled(57.0, 9.0, 7.0, 23), _mottled(300.0, 26.0, 6.0, 23)),
        Tissue(_fascia, -70.0, 560.0, ((-75.0, 75.0), (50.0, 115.0), (-120.0, 400.0))),
        Tissue(body.muscle_layers, -60.0, 560.0),
        Tissue(body.cavity, _mottled(-104.0, 5.0, 9.0, 24), _mottled(640.0, 30.0, 11.0, 24)),
        Tissue(body.ribs, _rib("CT"), _rib("MR"), ((-160.0, 160.0), (-115.0, 95.0), (60.0, 400.0))),
        Tissue(body.lungs, _lung, 24.0, ((-150.0, 150.0), (-105.0, 80.0), (120.0, 400.0))),
        Tissue(body.diaphragm_muscle, 55.0, 300.0, ((-150.0, 150.0), (-105.0, 80.0), (120.0, 400.0))),
        Tissue(body.heart, _mottled(115.0, 14.0, 16.0, 26), _mottled(260.0, 30.0, 16.0, 26), ((-55.0, 90.0), (-100.0, 10.0), (190.0, 400.0))),
        Tissue(body.psoas, _mottled(60.0, 7.0, 6.0, 27), _mottled(310.0, 18.0, 6.0, 27), PSOAS),
        Tissue(body.quadratus, 58.0, 305.0, ((-95.0, 95.0), (35.0, 90.0), (-120.0, 155.0))),
        Tissue(body.crura, 62.0, 310.0, ((-25.0, 30.0), (-10.0, 32.0), (80.0, 225.0))),
        Tissue(organs.mesentery, 90.0, 330.0, front),
        *loops,
        Tissue(organs.colon, _colon(22.0, 68.0, -780.0), _colon(360.0, 300.0, 30.0), COLON),
        Tissue(organs.duodenum, _bowel(86.0, 20.0, 60.0), _bowel(330.0, 200.0, 300.0), ((-75.0, 50.0), (-70.0, 15.0), (55.0, 150.0))),
        Tissue(organs.stomach, _stomach(16.0, 76.0, -930.0), _stomach(170.0, 310.0, 12.0), STOMACH),
        Tissue(organs.pancreas, _mottled(98.0, 16.0, 5.0, 28), _mottled(470.0, 45.0, 5.0, 28), PANCREAS),
        Tissue(organs.branches, 150.0, 130.0, ((-70.0, 100.0), (-55.0, 45.0), (10.0, 180.0))),
        Tissue(organs.vena_cava, _mottled(142.0, 6.0, 12.0, 29), 120.0, VENA_CAVA),
        Tissue(organs.adrenals, 80.0, 330.0, middle),
        Tissue(organs.spleen, _mottled(121.0, 5.0, 9.0, 30), _mottled(285.0, 14.0, 9.0, 30), SPLEEN),
        Tissue(organs.liver, _mottled(111.0, 3.5, 13.0, 31), _mottled(455.0, 16.0, 10.0, 31), LIVER),
        Tissue(organs.hepatic_veins, 150.0, 210.0, LIVER),
        Tissue(organs.portal_tree, 166.0, 190.0, LIVER),
        Tissue(organs.liver_tumor, _tumor(58.0, 92.0), _tumor(270.0, 330.0), TUMOR),
        Tissue(organs.gallbladder, 9.0, 240.0, GALLBLADDER),
        *kidneys,
        Tissue(_collecting_system, 24.0, 190.0, ((-90.0, 90.0), (0.0, 65.0), (60.0, 165.0))),
        Tissue(organs.cyst, 6.0, 110.0, CYST),
        Tissue(organs.iliac_arteries, 152.0, 110.0, ((-45.0, 50.0), (-10.0, 35.0), (-50.0, 40.0))),
        Tissue(organs.aorta, _mottled(156.0, 5.0, 12.0, 32), 105.0, AORTA),
        Tissue(_plaque, 620.0, 60.0, AORTA),
        Tissue(body.discs, _mottled(88.0, 6.0, 8.0, 41), _mottled(230.0, 20.0, 8.0, 41), SPINE),
        Tissue(body.canal, 28.0, 160.0, SPINE),
        Tissue(body.cord, 42.0, 330.0, SPINE),
        Tissue(body.vertebrae, _bone(520.0, 185.0, 38.0, 2.0), _bone(95.0, 520.0, 30.0, 1.6), SPINE),
        Tissue(body.iliac_crests, _bone(620.0, 190.0, 30.0, 2.0), _bone(95.0, 560.0, 20.0, 1.6), ((-125.0, 125.0), (0.0, 85.0), (-120.0, 40.0))),
    )
