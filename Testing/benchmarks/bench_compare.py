"""Dice, HD95 and mean surface distance: ours against surface-distance-based-measures, SimpleITK and dense distance transforms, in the same run.

Two balls of several sizes on 80 x 256 x 256 voxels of 1 x 1 x 2 mm, one shifted by 2 voxels; then 104 segments of 600 x 512 x 512 voxels, which
the peers need too long for: they are measured on its first segments and told per segment. CPU seconds of this process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Testing"), str(ROOT / "IDCBrowser")]

import SimpleITK  # noqa: E402
import surface_distance  # noqa: E402

from IDCBrowserLib.compare.comparing import compare  # noqa: E402
from IDCBrowserLib.compare.masks import Masks, grid_of  # noqa: E402
from IDCBrowserLib.compare.measures import measure  # noqa: E402
from IDCBrowserLib.compare.one_grid import Compared  # noqa: E402
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source  # noqa: E402
from IDCBrowserLib.volume.geometry import Geometry  # noqa: E402

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
PEER_SEGMENTS = 6


def labelmap(voxels: np.ndarray, spacing: tuple[float, float, float], count: int) -> Labelmap:
    segments = tuple(Segment(label, label, f"Part {label}") for label in range(1, count + 1))
    return Labelmap((voxels,), Geometry(voxels.shape, spacing, (0.0, 0.0, 0.0), AXES), segments, Source("label file"))


def ball(voxels: np.ndarray, center: tuple[float, ...], radius: float, spacing: tuple[float, float, float], label: int) -> None:
    steps = spacing[::-1]
    low = [max(0, int(place - radius / step) - 1) for place, step in zip(center, steps, strict=True)]
    high = [min(size, int(place + radius / step) + 2) for place, step, size in zip(center, steps, voxels.shape, strict=True)]
    part = voxels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    k, j, i = np.ogrid[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    inside = sum(((axis - place) * step) ** 2 for axis, place, step in zip((k, j, i), center, steps, strict=True)) <= radius**2
    part[inside] = label


def ours(a: np.ndarray, b: np.ndarray, spacing: tuple[float, float, float]) -> tuple[float, float]:
    one, other = labelmap(a, spacing, 1), labelmap(b, spacing, 1)
    found = measure(Masks(one).of(one.segments[0]), Masks(other).of(other.segments[0]), grid_of(one))
    return found.dice, found.hd95


def surface_distance_measures(a: np.ndarray, b: np.ndarray, spacing: tuple[float, float, float]) -> tuple[float, float]:
    one, other = a.astype(bool), b.astype(bool)
    distances = surface_distance.compute_surface_distances(one, other, spacing[::-1])
    return surface_distance.compute_dice_coefficient(one, other), surface_distance.compute_robust_hausdorff(distances, 95)


def simple_itk(a: np.ndarray, b: np.ndarray, spacing: tuple[float, float, float]) -> tuple[float, float]:
    """It has no 95th percentile: the largest distance."""
    images = [SimpleITK.GetImageFromArray(mask) for mask in (a, b)]
    for image in images:
        image.SetSpacing(spacing)
    overlap, hausdorff = SimpleITK.LabelOverlapMeasuresImageFilter(), SimpleITK.HausdorffDistanceImageFilter()
    overlap.Execute(*images)
    hausdorff.Execute(*images)
    return overlap.GetDiceCoefficient(), hausdorff.GetHausdorffDistance()


PEERS: dict[str, Callable[[Any, Any, Any], tuple[float, float]]] = {
    "this program": ours,
    "surface-distance-based-measures": surface_distance_measures,
    "SimpleITK (largest)": simple_itk,
}


def one_pair(radius: float) -> None:
    spacing = (1.0, 1.0, 2.0)
    a = np.zeros((80, 256, 256), np.uint8)
    ball(a, (40, 128, 128), radius, spacing, 1)
    b = np.roll(a, 2, 1)
    print(f"radius {radius:g} mm")
    for name, figures in PEERS.items():
        seconds = []
        for _ in range(3):
            began = time.process_time()
            dice, distance = figures(a, b, spacing)
            seconds.append(time.process_time() - began)
        print(f"  {name:34} Dice {dice:.4f}  distance {distance:.3f} mm  {min(seconds):.3f} s")


def many() -> None:
    spacing, random = (0.8, 0.8, 1.0), np.random.default_rng(1)
    a = np.zeros((600, 512, 512), np.uint8)
    for label in range(1, 105):
        radius = 100.0 if label <= 6 else random.uniform(8, 55)
        ball(a, tuple(random.uniform(radius, size - radius) for size in a.shape), radius, spacing, label)
    b = np.roll(a, (1, 2, -1), (0, 1, 2))
    one, other = (Compared(name, labelmap(voxels, spacing, 104), True) for name, voxels in (("a", a), ("b", b)))
    began, cpu = time.perf_counter(), time.process_time()
    found = compare([one, other])
    print(f"104 segments, {np.count_nonzero(a) / a.size:.0%} of 600 x 512 x 512 voxels")
    used = time.process_time() - cpu
    print(f"  this program, all {len(found.pairs)}: {time.perf_counter() - began:.1f} s, CPU {used:.1f} s, {used / 104:.3f} s a segment")
    began = time.process_time()
    for label in range(10, 10 + PEER_SEGMENTS):
        surface_distance_measures(a == label, b == label, spacing)
    print(f"  surface-distance-based-measures: {(time.process_time() - began) / PEER_SEGMENTS:.3f} s a segment")


if __name__ == "__main__":
    for size in (16.0, 40.0, 70.0):
        one_pair(size)
    many()
