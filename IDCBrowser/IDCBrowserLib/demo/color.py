"""sRGB to the CIELab encoding of Recommended Display CIELab Value (DICOM PS3.3 C.10.7.1.1)."""

from __future__ import annotations

# PCS of ICC profiles: D50; sRGB's primaries adapted to it (Bradford).
_TO_XYZ = ((0.4360747, 0.3850649, 0.1430804), (0.2225045, 0.7168786, 0.0606169), (0.0139322, 0.0971045, 0.7141733))
_WHITE = (0.9642, 1.0, 0.8251)


def recommended_cielab(color: tuple[int, int, int]) -> list[int]:
    """sRGB (0 to 255) as three unsigned 16-bit numbers: L* 0 to 100, a* and b* -128 to 127, each spread over 0 to 65535."""
    linear = [_linear(channel / 255.0) for channel in color]
    xyz = [sum(weight * channel for weight, channel in zip(row, linear, strict=True)) / white for row, white in zip(_TO_XYZ, _WHITE, strict=True)]
    x, y, z = (_response(value) for value in xyz)
    lightness, a, b = 116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)
    return [round(lightness / 100.0 * 65535), round((a + 128.0) / 255.0 * 65535), round((b + 128.0) / 255.0 * 65535)]


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _response(value: float) -> float:
    return value ** (1 / 3) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29
