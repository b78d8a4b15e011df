"""Noise that is the same on every machine and with every version of numpy: integer hashing of lattice positions."""

from __future__ import annotations

import numpy as np

from IDCBrowserLib.demo.grid import Array, Points


def hashed(k: Array, j: Array, i: Array, seed: int) -> Array:
    """Uniform in [0, 1) for integer lattice positions (arrays that broadcast)."""
    value = (k.astype(np.uint32) * np.uint32(73856093)) ^ (j.astype(np.uint32) * np.uint32(19349663)) ^ (i.astype(np.uint32) * np.uint32(83492791))
    value = value ^ np.uint32((seed * 2654435761) % 2**32)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        value = value ^ (value >> np.uint32(shift))
        value = value * np.uint32(factor)
    value = value ^ (value >> np.uint32(16))
    uniform: Array = (value >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)
    return uniform


def white(shape: tuple[int, int, int], seed: int) -> Array:
    """About normal with mean 0 and deviation 1, by (k, j, i)."""
    k, j, i = np.ogrid[: shape[0], : shape[1], : shape[2]]
    total = sum(hashed(k, j, i, seed + part) for part in range(3))
    return (np.asarray(total) - 1.5) * 2.0


def grain(shape: tuple[int, int, int], seed: int) -> Array:
    """Noise with the short in-plane correlation of a reconstruction kernel; mean 0, deviation 1."""
    noise = white(shape, seed)
    for axis in (1, 2):
        noise = np.roll(noise, 1, axis) + 2 * noise + np.roll(noise, -1, axis)
    # Deviation of the kernel 1-2-1 applied twice to independent values: sqrt(6) * sqrt(6).
    return noise / 6.0


def clouds(points: Points, size: float, seed: int) -> Array:
    """Smooth variation over about ``size`` mm, -1 to 1: value noise, trilinear between hashed lattice values."""
    cells, parts = [], []
    for coordinate in points:
        scaled = coordinate / size + 1000.0
        cell = np.floor(scaled)
        part = scaled - cell
        cells.append(cell)
        parts.append(part * part * (3 - 2 * part))
    x, y, z = cells
    u, v, w = parts
    total: Array = np.zeros(np.broadcast_shapes(x.shape, y.shape, z.shape), dtype=np.float32)
    for dx in (0, 1):
        for dy in (0, 1):
            for dz in (0, 1):
                weight = (u if dx else 1 - u) * (v if dy else 1 - v) * (w if dz else 1 - w)
                total = total + weight * hashed(z + dz, y + dy, x + dx, seed)
    return 2 * total - 1
