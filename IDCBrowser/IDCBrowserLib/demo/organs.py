"""The organs of the phantom as implicit shapes. Body frame (x to the left, y to the back, z to the head), mm; negative is inside."""

from __future__ import annotations

import math

import numpy as np

from IDCBrowserLib.demo import body
from IDCBrowserLib.demo.grid import Array, Box, Points
from IDCBrowserLib.demo.noise import clouds
from IDCBrowserLib.demo.shapes import Position, capsule, ellipse, ellipsoid, intersection, smooth_intersection, smooth_union, tube, union, without

COLON_ASCENDING: tuple[Position, ...] = ((-104.0, 18.0, -20.0), (-106.0, 15.0, 40.0), (-100.0, 0.0, 78.0))
COLON_TRANSVERSE: tuple[Position, ...] = (
    (-100.0, 0.0, 78.0),
    (-92.0, -38.0, 74.0),
    (-48.0, -66.0, 60.0),
    (8.0, -73.0, 52.0),
    (58.0, -66.0, 66.0),
    (98.0, -32.0, 108.0),
    (108.0, 4.0, 128.0),
)
COLON_DESCENDING: tuple[Position, ...] = ((108.0, 4.0, 128.0), (113.0, 28.0, 100.0), (110.0, 30.0, 40.0), (102.0, 22.0, -20.0))
BOWEL_HEIGHTS = (-6.0, 20.0, 46.0, 86.0)


def aorta(points: Points) -> Array:
    """The abdominal aorta down to where it divides."""
    x, y, z = points
    center = 10.0 + 2.5 * np.sin(z / 47.0)
    radius = 9.3 + 1.4 * np.clip(z / 220.0, 0, 1)
    return intersection(ellipse(x, y, (center, body.spine_y(z) - 31.0), (radius, radius)), 20.0 - z)


def iliac_arteries(points: Points) -> Array:
    """The two arteries it divides into."""
    left = capsule(points, (10.5, 7.0, 24.0), (34.0, 14.0, -24.0), 7.0, 6.0)
    right = capsule(points, (10.5, 7.0, 24.0), (-22.0, 10.0, -24.0), 7.0, 6.0)
    return union(left, right)


def vena_cava(points: Points) -> Array:
    """Right of the aorta, further forward toward the liver."""
    x, y, z = points
    forward = 12.0 * np.clip((z - 130.0) / 80.0, 0, 1)
    return ellipse(x, y, (-21.0, body.spine_y(z) - 27.0 - forward), (12.5 + 2.0 * np.sin(z / 31.0), 9.5))


def branches(points: Points) -> Array:
    """Renal arteries and veins, celiac trunk, superior mesenteric artery and vein, splenic and portal vein, lumbar fat's vessels."""
    rods = (
        ((10.0, 2.0, 118.0), (52.0, 26.0, 116.0), 3.2, 2.4),
        ((10.0, 4.0, 112.0), (-50.0, 30.0, 102.0), 3.0, 2.4),
        ((-14.0, 4.0, 108.0), (12.0, -9.0, 110.0), 5.0, 4.6),
        ((12.0, -9.0, 110.0), (52.0, 24.0, 112.0), 4.6, 4.2),
        ((-28.0, 8.0, 104.0), (-50.0, 28.0, 98.0), 5.2, 4.5),
        ((11.0, -2.0, 150.0), (9.0, -20.0, 152.0), 4.0, 3.6),
        ((11.0, -4.0, 138.0), (7.0, -24.0, 112.0), 3.8, 3.6),
        ((7.0, -24.0, 112.0), (4.0, -32.0, 30.0), 3.6, 2.4),
        ((-7.0, -26.0, 126.0), (-6.0, -34.0, 34.0), 5.4, 3.4),
        ((-7.0, -25.0, 126.0), (40.0, -4.0, 146.0), 5.0, 4.2),
        ((40.0, -4.0, 146.0), (84.0, 18.0, 164.0), 4.2, 3.4),
        ((-7.0, -25.0, 126.0), (-38.0, -18.0, 158.0), 6.4, 6.0),
    )
    return union(*(capsule(points, *rod) for rod in rods))


def mesentery(points: Points) -> Array:
    """Small vessels that fan out to the bowel."""
    ends = (
        (-62.0, -36.0, 44.0),
        (-55.0, -52.0, 18.0),
        (-36.0, -58.0, 52.0),
        (-18.0, -62.0, 20.0),
        (12.0, -60.0, 40.0),
        (34.0, -60.0, 14.0),
        (52.0, -50.0, 46.0),
        (66.0, -34.0, 22.0),
        (-70.0, -14.0, 30.0),
        (74.0, -8.0, 50.0),
    )
    return union(*(capsule(points, (2.0, -26.0, 74.0 - 4.0 * n), end, 2.0, 1.2) for n, end in enumerate(ends)))


def _kidney_frame(points: Points, side: int) -> tuple[Points, float]:
    """Coordinates in which the kidney stands upright: its upper pole leans inwards and backwards."""
    height = 121.0 if side > 0 else 107.0
    lean = points.z - height
    return Points(points.x * side - (69.0 - 0.20 * lean), points.y - (34.0 + 0.10 * lean), lean), height


def kidney_outline(points: Points, side: int) -> Array:
    """A kidney without its hilum cut out; ``side`` is 1 for the left, -1 for the right."""
    frame, _ = _kidney_frame(points, side)
    return ellipsoid(frame, (0.0, 0.0, 0.0), (27.0, 24.0, 53.0)) + 1.2 * clouds(points, 17.0, 40 + side)


def kidney_bed(points: Points, side: int) -> Array:
    """A kidney and the fat behind it, which no other organ enters."""
    frame, _ = _kidney_frame(points, side)
    return ellipsoid(Points(frame.x, np.minimum(frame.y, 0.0), frame.z), (0.0, 0.0, 0.0), (27.0, 24.0, 53.0))


def renal_sinus(points: Points, side: int) -> Array:
    """Fat and collecting system inside a kidney, opening toward the spine."""
    frame, _ = _kidney_frame(points, side)
    core = ellipsoid(frame, (-9.0, -3.0, 0.0), (11.0, 8.0, 26.0))
    gate = ellipsoid(frame, (-24.0, -7.0, 0.0), (17.0, 9.0, 15.0))
    return smooth_union(core, gate, 4.0)


def kidney(points: Points, side: int) -> Array:
    """The tissue of a kidney: outline without the sinus."""
    return without(kidney_outline(points, side), renal_sinus(points, side))


def cyst(points: Points) -> Array:
    """A simple cyst inside the left kidney's tissue, at its lower pole."""
    return ellipsoid(points, (77.0, 28.0, 89.0), (9.0, 9.0, 10.0))


def renal_pyramids(points: Points, side: int) -> Array:
    """0 to 1: how much a place in the kidney is medulla."""
    frame, _ = _kidney_frame(points, side)
    depth = ellipsoid(frame, (-4.0, -1.0, 0.0), (20.0, 17.0, 45.0))
    share: Array = np.clip(-depth / 3.0, 0, 1) * np.clip(0.35 + 1.9 * clouds(points, 10.0, 44 + side), 0, 1)
    return share


def stomach(points: Points) -> Array:
    """Fundus and body, narrowing to the antrum in front of the spine."""
    fundus = ellipsoid(points, (60.0, -20.0 + 0.25 * (points.x - 60.0), 188.0), (38.0, 43.0, 36.0)) + 4.5 * clouds(points, 33.0, 48)
    antrum = tube(points, ((60.0, -40.0, 168.0), (38.0, -60.0, 140.0), (2.0, -58.0, 128.0), (-28.0, -46.0, 132.0)), (24.0, 20.0, 15.0, 10.0))
    return intersection(smooth_union(fundus, antrum, 16.0), body.cavity(points) + 5.0)


def gallbladder(points: Points) -> Array:
    """Pear-shaped, under the liver."""
    return tube(points, ((-50.0, -40.0, 126.0), (-57.0, -58.0, 102.0)), (10.0, 15.5))


def colon(points: Points) -> Array:
    """The large bowel as a frame around the small one, with haustra."""
    parts = (
        tube(points, COLON_ASCENDING, (23.0, 22.0, 19.0)),
        tube(points, COLON_TRANSVERSE, (19.0, 17.0, 17.0, 16.0, 16.0, 15.0, 14.0)),
        tube(points, COLON_DESCENDING, (14.0, 13.5, 12.5, 13.0)),
    )
    folds = 1.8 * np.sin(points.z / 4.4 + points.x / 5.1)
    return intersection(union(*parts) + folds, body.cavity(points) + 3.0)


def _bowel_loops(level: int) -> list[Position]:
    """One level of loops of the small bowel: fixed wanderings, from the pelvis (0) to the jejunum under the stomach (3)."""
    path: list[Position] = []
    rows = (-46.0, -23.0, -1.0) if level < 3 else (-40.0, -16.0)
    columns = (-66.0, -42.0, -16.0, 14.0, 40.0, 68.0) if level < 3 else (20.0, 38.0, 56.0, 76.0)
    for row, y in enumerate(rows):
        order = range(len(columns)) if (row + level) % 2 == 0 else range(len(columns) - 1, -1, -1)
        for column in order:
            phase = column * 2.1 + row * 1.7 + level * 2.9
            offsets = (7.0 * math.sin(phase * 1.3), 9.0 * math.sin(phase), 11.0 * math.cos(phase * 1.9))
            path.append((columns[column] + offsets[0], y + offsets[1], BOWEL_HEIGHTS[level] + offsets[2]))
    return path


def bowel_box(level: int) -> Box:
    """What surely contains the loops of a level."""
    return (-95.0, 105.0), (-75.0, 25.0), (BOWEL_HEIGHTS[level] - 26.0, BOWEL_HEIGHTS[level] + 26.0)


def small_bowel(points: Points, level: int) -> Array:
    """The loops of one level, kept in front of the great vessels and inside the frame of the colon."""
    path = _bowel_loops(level)
    radii = [10.8 + 1.8 * math.sin(n * 1.7 + level) for n in range(len(path))]
    loops = tube(points, path, radii) + 0.6 * np.sin(points.x / 2.6 + points.y / 3.1) + 2.0 * clouds(points, 16.0, 55)
    field = intersection(loops, body.cavity(points) + 4.0)
    return without(field, colon(points) - 2.0, aorta(points) - 4.0, vena_cava(points) - 4.0, body.psoas(points) - 3.0, body.discs(points) - 5.0)


def pancreas(points: Points) -> Array:
    """From the bend of the duodenum to the hilum of the spleen, lobulated."""
    path = ((-30.0, -22.0, 110.0), (-14.0, -24.0, 126.0), (14.0, -22.0, 138.0), (44.0, -10.0, 150.0), (78.0, 8.0, 162.0))
    field = tube(points, path, (15.0, 11.0, 9.0, 10.0, 8.5)) + 2.2 * clouds(points, 7.0, 51)
    return without(field, stomach(points) - 1.5, kidney_outline(points, 1) - 3.0, vena_cava(points) - 1.5, aorta(points) - 3.0)


def duodenum(points: Points) -> Array:
    """The loop around the head of the pancreas."""
    path = ((-34.0, -44.0, 130.0), (-50.0, -26.0, 122.0), (-50.0, -12.0, 92.0), (-30.0, -14.0, 76.0), (2.0, -16.0, 72.0), (28.0, -18.0, 84.0))
    field = tube(points, path, (11.0, 11.5, 12.0, 11.0, 9.0, 10.0))
    return without(field, pancreas(points) - 0.5, gallbladder(points) - 1.0, aorta(points) - 2.0, vena_cava(points) - 2.0)


def liver(points: Points) -> Array:
    """Both lobes under the diaphragm; gall bladder, vena cava, kidney, stomach and bowel leave their impressions."""
    x, _, z = points
    right = ellipsoid(points, (-66.0, -6.0, 158.0), (86.0, 90.0, 86.0))
    left = ellipsoid(points, (22.0, -52.0, 190.0), (76.0, 36.0, 40.0))
    lower = (100.0 - z) + 0.45 * (x + 60.0)
    whole = smooth_intersection(smooth_union(right, left, 20.0), lower * 0.9, 14.0) + 1.5 * clouds(points, 31.0, 61)
    limits = (body.cavity(points) + 0.6, body.diaphragm(points) + 0.9, 2.0 - body.heart(points))
    bounds = intersection(*limits)
    fissure = np.abs(x + 6.0 + 0.15 * (z - 160.0) + 3.0 * np.sin(points.y / 11.0)) - 0.06 * np.clip(-40.0 - points.y, -50.0, 60.0)
    behind = ellipse(points.x, points.y, (4.0, body.spine_y(points.z) - 8.0), (34.0, 42.0))
    field = smooth_intersection(whole, bounds, 3.0)
    neighbors = (
        stomach(points) - 2.5,
        gallbladder(points) - 1.5,
        vena_cava(points) - 0.8,
        kidney_bed(points, -1) - 3.5,
        colon(points) - 2.5,
        duodenum(points) - 2.0,
        pancreas(points) - 2.0,
    )
    return without(field, fissure, behind, *neighbors)


def liver_tumor(points: Points) -> Array:
    """A lobulated mass well inside the right lobe."""
    lobes = smooth_union(ellipsoid(points, (-92.0, -8.0, 168.0), (22.0, 20.0, 18.0)), ellipsoid(points, (-80.0, 6.0, 175.0), (15.0, 14.0, 13.0)), 6.0)
    return lobes + 1.6 * clouds(points, 9.0, 71)


def portal_tree(points: Points) -> Array:
    """Branches of the portal vein in the liver."""
    rods = (
        ((-38.0, -18.0, 158.0), (-62.0, -14.0, 166.0), 6.2, 5.2),
        ((-62.0, -14.0, 166.0), (-96.0, -38.0, 164.0), 4.6, 2.4),
        ((-62.0, -14.0, 166.0), (-88.0, 34.0, 172.0), 4.6, 2.4),
        ((-38.0, -18.0, 158.0), (-14.0, -42.0, 176.0), 4.6, 3.6),
        ((-14.0, -42.0, 176.0), (24.0, -58.0, 190.0), 3.6, 2.0),
        ((-96.0, -38.0, 164.0), (-116.0, -44.0, 146.0), 2.4, 1.5),
        ((-88.0, 34.0, 172.0), (-112.0, 30.0, 150.0), 2.4, 1.5),
        ((-62.0, -14.0, 166.0), (-76.0, -16.0, 132.0), 3.8, 2.0),
        ((-76.0, -16.0, 132.0), (-92.0, 10.0, 116.0), 2.4, 1.4),
    )
    return union(*(capsule(points, *rod) for rod in rods))


def hepatic_veins(points: Points) -> Array:
    """The three veins that run up to the vena cava."""
    rods = (
        ((-23.0, 2.0, 214.0), (-72.0, 10.0, 200.0), 5.0, 3.8),
        ((-72.0, 10.0, 200.0), (-118.0, 8.0, 172.0), 3.8, 1.6),
        ((-23.0, 0.0, 214.0), (-56.0, -44.0, 194.0), 4.6, 3.2),
        ((-56.0, -44.0, 194.0), (-74.0, -70.0, 160.0), 3.2, 1.5),
        ((-22.0, -2.0, 214.0), (12.0, -44.0, 204.0), 4.2, 2.2),
        ((-72.0, 10.0, 200.0), (-84.0, 48.0, 186.0), 3.0, 1.5),
    )
    return union(*(capsule(points, *rod) for rod in rods))


def spleen(points: Points) -> Array:
    """Under the left diaphragm, hollowed by stomach and kidney."""
    lean = points.z - 172.0
    whole = ellipsoid(points, (100.0 - 0.18 * lean, 30.0 + 0.12 * lean, 174.0), (38.0, 52.0, 50.0)) + 1.0 * clouds(points, 23.0, 81)
    bounds = intersection(body.cavity(points) + 0.8, body.diaphragm(points) + 1.0)
    hollow = ellipsoid(points, (56.0, 2.0, 176.0), (36.0, 42.0, 54.0))
    neighbors = (stomach(points) - 4.0, kidney_bed(points, 1) - 3.5, hollow, colon(points) - 3.0, pancreas(points) - 2.0)
    return without(smooth_intersection(whole, bounds, 5.0), *neighbors)


def adrenals(points: Points) -> Array:
    """Thin limbs above the kidneys."""
    left = union(capsule(points, (36.0, 16.0, 168.0), (46.0, 30.0, 164.0), 2.6), capsule(points, (36.0, 16.0, 168.0), (34.0, 32.0, 164.0), 2.4))
    right = capsule(points, (-34.0, 18.0, 162.0), (-42.0, 36.0, 158.0), 2.6)
    return union(left, right)
