"""sRGB to the CIELab encoding of Recommended Display CIELab Value (DICOM PS3.3 C.10.7.1.1)."""

from __future__ import annotations

# The white of sRGB, D65. The standard refers to the profile connection space (D50), but dcmqi, highdicom and Slicer compute with D65.
_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_WHITE = (0.9505, 1.0, 1.0889)


def recommended_cielab(color: tuple[int, int, int]) -> list[int]:
    """sRGB (0 to 255) as three unsigned 16-bit numbers: L* 0 to 100, a* and b* -128 to 127, each spread over 0 to 65535."""
    linear = [_linear(channel / 255.0) for channel in color]
    xyz = [sum(weight * channel for weight, channel in zip(row, linear, strict=True)) / white for row, white in zip(_TO_XYZ, _WHITE, strict=True)]
    x, y, z = (_response(value) for value in xyz)
    lightness, a, b = 116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)
    scaled = (lightness / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0)
    return [min(65535, max(0, round(value * 65535))) for value in scaled]


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _response(value: float) -> float:
    return value ** (1 / 3) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29
