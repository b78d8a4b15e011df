"""Colors of segments."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence


def cielab_to_srgb(encoded: Sequence[int]) -> tuple[int, int, int]:
    """Recommended Display CIELab Value (PS3.3 C.10.7.1.1, three 16-bit integers) as sRGB, 0 to 255; colors outside sRGB are clipped.

    The standard refers to the profile connection space (D50), but the programs that write SEG (dcmqi, highdicom, Slicer) compute with the white
    of sRGB, D65, and read it so; their colors come back exactly.
    """
    lightness, a, b = encoded[0] / 65535 * 100, encoded[1] / 65535 * 255 - 128, encoded[2] / 65535 * 255 - 128
    y = (lightness + 16) / 116
    x, z = y + a / 500, y - b / 200
    xyz = (0.9505 * _from_lab(x), _from_lab(y), 1.0889 * _from_lab(z))
    red, green, blue = (
        _gamma(sum(weight * value for weight, value in zip(row, xyz, strict=True)))
        for row in ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
    )
    return red, green, blue


def _from_lab(value: float) -> float:
    limit = 6 / 29
    return value**3 if value > limit else 3 * limit**2 * (value - 4 / 29)


def _gamma(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    value = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(value * 255)


def distinct_color(number: int) -> tuple[int, int, int]:
    """A color for a segment that recommends none: hues in golden-ratio steps, so that neighbors differ; the same number, the same color."""
    red, green, blue = colorsys.hsv_to_rgb(number * 0.618033988749895 % 1.0, 0.55 + 0.15 * (number % 3), 0.95 - 0.15 * (number // 3 % 3))
    return round(red * 255), round(green * 255), round(blue * 255)


def srgb_to_cielab(color: Sequence[int]) -> tuple[int, int, int]:
    """The inverse of ``cielab_to_srgb``: three 16-bit integers, which give the same color back."""
    red, green, blue = (_linear(value / 255) for value in color)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.0889
    fx, fy, fz = _to_lab(x), _to_lab(y), _to_lab(z)
    lightness, a, b = 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
    scaled = (lightness / 100 * 65535, (a + 128) / 255 * 65535, (b + 128) / 255 * 65535)
    first, second, third = (min(65535, max(0, round(value))) for value in scaled)
    return first, second, third


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _to_lab(value: float) -> float:
    limit = 6 / 29
    return float(value ** (1 / 3)) if value > limit**3 else value / (3 * limit**2) + 4 / 29
