"""The trunk of the phantom: skin, fat, muscle wall, cavities, spine and ribs. Body frame, mm; negative is inside.

The frame: x to the patient's left, y to the back, z to the head; z = 0 is the height of the fourth lumbar vertebra.
"""

from __future__ import annotations

import numpy as np

from IDCBrowserLib.demo.grid import Array, Points
from IDCBrowserLib.demo.shapes import capsule, ellipse, ellipsoid, intersection, smooth_intersection, smooth_union, union, without

VERTEBRA_PERIOD = 37.0
VERTEBRA_LEVELS = {"L5": -25.0, "L4": 12.0, "L3": 49.0, "L2": 86.0, "L1": 123.0, "T12": 160.0, "T11": 197.0, "T10": 234.0}

# Per rib: height of its head and how far around it reaches (radians from the spine).
RIBS = {"12": (160.0, 1.25), "11": (197.0, 1.75), "10": (234.0, 2.35), "9": (271.0, 2.55), "8": (308.0, 2.65), "7": (345.0, 2.75)}


def spine_y(z: Array) -> Array:
    """Depth of the vertebral bodies' center: the lumbar spine curves forward."""
    depth: Array = 44.0 - 9.0 * np.exp(-(((z - 55.0) / 75.0) ** 2))
    return depth


def skin(points: Points) -> Array:
    """The outer surface: a rounded trunk, flatter behind, with a groove along the spine and a waist."""
    x, y, z = points
    wide = 157.0 + 7.0 * ((z - 110.0) / 110.0) ** 2
    deep = np.where(y < 0, 104.0 + 4.0 * ((z - 60.0) / 120.0) ** 2, 116.0)
    radius = np.sqrt(x**2 + y**2)
    size = ((np.abs(x) / wide) ** 2.35 + (np.abs(y) / deep) ** 2.35) ** (1 / 2.35)
    groove = 6.0 * np.exp(-((x / 15.0) ** 2)) * np.clip((y - 40.0) / 40.0, 0, 1)
    field: Array = radius - radius / np.maximum(size, 1e-6) + groove
    return field


def wall(points: Points) -> Array:
    """Outer surface of the muscles: the skin less subcutaneous fat, thicker below and at the flanks."""
    x, y, z = points
    fat = 13.0 + 5.0 * (np.abs(x) / 150.0) ** 2 + 6.0 * np.exp(-(((z - 20.0) / 70.0) ** 2)) + 3.0 * np.exp(-(((x - 70.0) / 60.0) ** 2))
    field: Array = skin(points) + fat + 2.0 * np.sin(y / 23.0)
    return field


def cavity(points: Points) -> Array:
    """The inside of the trunk wall (abdomen and chest); the back muscles and the spine's arches lie behind it."""
    x, y, _ = points
    front = np.clip((-20.0 - y) / 40.0, 0, 1)
    rectus = 3.5 + 8.0 * np.exp(-(((np.abs(x) - 36.0) / 26.0) ** 2))
    muscle = front * rectus + (1 - front) * 11.5
    return smooth_intersection(wall(points) + muscle, y - 68.0 + 0.0011 * x**2, 26.0)


def muscle_layers(points: Points) -> Array:
    """The thin fat between the three muscles of the flank."""
    x, _, z = points
    depth = wall(points)
    layers = union(np.abs(depth + 4.2), np.abs(depth + 8.0)) - 0.35
    return intersection(layers, 75.0 - np.abs(x), (z - 125.0) * 0.2)


def diaphragm_muscle(points: Points) -> Array:
    """The sheet between lungs and abdomen."""
    return intersection(np.abs(diaphragm(points)) - 1.3, cavity(points))


def diaphragm(points: Points) -> Array:
    """Below the diaphragm is negative: a dome on each side, the right one higher."""
    x, y, z = points
    depth = 80.0 * ((y + 22.0) / 86.0) ** 2
    right = 240.0 - 62.0 * ((x + 68.0) / 86.0) ** 2 - depth
    left = 228.0 - 62.0 * ((x - 74.0) / 84.0) ** 2 - depth
    return (z + smooth_union(-right, -left, 22.0)) * 0.72


def heart(points: Points) -> Array:
    """Its lower end, resting on the diaphragm."""
    return ellipsoid(points, (18.0, -46.0, 246.0), (66.0, 46.0, 46.0))


def mediastinum(points: Points) -> Array:
    """What keeps the lungs apart: heart, and fat around spine, aorta and esophagus."""
    x, y, z = points
    around = ellipse(x, y, (1.0, spine_y(z) - 12.0), (33.0, 40.0))
    front = intersection(np.abs(x - 4.0) - 26.0, y + 5.0)
    return smooth_union(union(around, front), heart(points), 12.0)


def lungs(points: Points) -> Array:
    """Both lower lobes: above the diaphragm, inside the ribs, beside the mediastinum."""
    return intersection(cavity(points) + 1.0, 1.0 - diaphragm(points), 2.0 - mediastinum(points))


def vertebra(points: Points, height: float) -> Array:
    """One vertebra: body with a waist, arch around the canal, spinous, transverse and articular processes."""
    x, y, z = points
    y = y - spine_y(z)
    level = z - height
    side = np.abs(x)
    waist = 2.5 * np.cos(np.clip(level / 14.0, -1, 1) * np.pi / 2)
    body = smooth_intersection(ellipse(x, y, (0.0, 0.0), (25.0 - waist, 18.5 - waist)), np.abs(level) - 14.0, 5.0)
    ring = intersection(np.abs(ellipse(x, y, (0.0, 23.0), (14.5, 12.0))) - 3.4, np.abs(level + 1.0) - 11.0)
    spinous = ellipsoid(Points(x, y, z), (0.0, 45.0, height - 6.0), (4.2, 15.0, 10.0))
    transverse = ellipsoid(Points(side, y, z), (31.0, 21.0, height + 1.0), (19.0, 5.0, 6.5))
    facets = ellipsoid(Points(side, y, z), (17.5, 27.0, height - 14.0), (7.0, 7.5, 15.0))
    arch = union(ring, spinous, transverse, facets)
    return without(smooth_union(body, arch, 3.0), canal(points))


def vertebrae(points: Points) -> Array:
    """All vertebrae in view."""
    return union(*(vertebra(points, height) for height in VERTEBRA_LEVELS.values()))


def canal(points: Points) -> Array:
    """The spinal canal."""
    x, y, z = points
    return ellipse(x, y, (0.0, spine_y(z) + 23.5), (11.0, 8.5))


def cord(points: Points) -> Array:
    """Spinal cord and its nerve roots, in the middle of the canal."""
    return canal(points) + 3.5


def discs(points: Points) -> Array:
    """The intervertebral discs, as one column behind which the vertebrae are painted."""
    x, y, z = points
    return ellipse(x, y, (0.0, spine_y(z)), (24.0, 17.5))


def ribs(points: Points) -> Array:
    """Ribs 7 to 12: oblique hoops in the wall, falling toward the front."""
    x, y, z = points
    across = (cavity(points) - 5.5) / 3.6
    angle = np.arctan2(np.abs(x), y - 12.0)
    drop = 150.0 * np.sin(angle / 2.0) ** 2
    parts = []
    for height, reach in RIBS.values():
        along = (z - height + drop) * 0.75 / 6.2
        end = intersection(0.33 - angle, angle - reach) * 90.0
        parts.append(intersection((np.sqrt(across**2 + along**2) - 1.0) * 4.0, end))
    return union(*parts)


def cartilage_share(points: Points) -> Array:
    """0 where a rib is bone, 1 where it is cartilage, in front."""
    x, y, _ = points
    share: Array = np.clip((np.arctan2(np.abs(x), y - 12.0) - 2.05) * 6.0, 0, 1)
    return share


def iliac_crests(points: Points) -> Array:
    """The upper rims of the pelvis, at the lower end of the scan."""
    x, y, z = points
    side = np.abs(x)
    shell = np.abs(ellipse(side, y, (10.0, 12.0), (103.0, 62.0))) - 4.5
    rim = z - 30.0 + ((side - 92.0) / 9.0) ** 2 * 2.0 + ((y - 45.0) / 10.0) ** 2 * 1.5
    return intersection(shell, rim * 0.6, 50.0 - side, 5.0 - y)


def back_muscles(points: Points) -> Array:
    """Erector spinae: one bundle on each side of the spinous processes, wrapped in a thin layer of fat."""
    x, y, z = points
    return ellipse(np.abs(x), y, (32.0, spine_y(z) + 42.0), (25.0, 19.0))


def psoas(points: Points) -> Array:
    """The muscles beside the lumbar spine, thicker downwards."""
    x, y, z = points
    thick = np.clip(6.0 + (150.0 - z) * 0.105, 1.0, 24.0)
    return intersection(ellipse(np.abs(x), y, (25.0 + 0.85 * thick, spine_y(z) + 1.0), (thick, thick * 1.05)), z - 158.0)


def quadratus(points: Points) -> Array:
    """Quadratus lumborum, between the last rib and the pelvis."""
    x, y, z = points
    return intersection(ellipse(np.abs(x), y, (66.0, spine_y(z) + 22.0), (19.0, 9.0)), z - 150.0)


def table(points: Points) -> Array:
    """The scanner's couch: two thin shells."""
    x, y, _ = points
    return union(np.abs(y - 131.0 + 0.0006 * x**2) - 1.1, intersection(np.abs(y - 158.0) - 1.0, np.abs(x) - 150.0))


def crura(points: Points) -> Array:
    """The pillars of the diaphragm beside the aorta."""
    right = capsule(points, (-13.0, 20.0, 90.0), (-10.0, 2.0, 215.0), 4.0, 5.0)
    left = capsule(points, (20.0, 20.0, 105.0), (19.0, 3.0, 215.0), 3.5, 4.5)
    return union(right, left)
