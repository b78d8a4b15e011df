"""Surfaces: STL of both kinds, what the object says about them, and damage."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.dicom_files import save
from helpers.spatial_files import TETRAHEDRON, binary_stl, code, stl_object, text_stl
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.sequence import Sequence

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.surface.read import read_surface
from IDCBrowserLib.surface.stl import MOST_TRIANGLES, read_stl


def made(tmp_path: Path, data: bytes | None = None, **elements: Any) -> Any:
    return read_surface(str(save(stl_object(data, **elements), tmp_path / "stl.dcm")))


@pytest.mark.parametrize("data", [binary_stl(), binary_stl() + b"\0", text_stl()])
def test_corners_become_shared_points(data: bytes) -> None:
    mesh = read_stl(data, "x.stl")
    assert mesh.points.shape == (4, 3) and mesh.triangles.shape == (4, 3)
    np.testing.assert_array_equal(mesh.points[mesh.triangles], TETRAHEDRON)


def test_a_surface_has_its_name_color_and_codes(tmp_path: Path) -> None:
    mesh, description = made(tmp_path)
    assert description["name"] == "STL surface of prostate" and description["type"]["meaning"] == "Prostate" and description["warnings"] == ()
    assert description["color"][0] > description["color"][1]
    np.testing.assert_array_equal(mesh.points[mesh.triangles], TETRAHEDRON)


def test_units_of_length_are_converted(tmp_path: Path) -> None:
    assert made(tmp_path, MeasurementUnitsCodeSequence=Sequence([code("cm", "UCUM", "cm")]))[0].points.max() == 100
    assert made(tmp_path, MeasurementUnitsCodeSequence=None)[1]["warnings"] == ("The surface states no unit of length; mm is assumed.",)
    with pytest.raises(ConversionError, match="in the unit 'ft'"):
        made(tmp_path, MeasurementUnitsCodeSequence=Sequence([code("ft", "X", "foot")]))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (binary_stl()[:-60], "too few for them"),
        (b"\0" * 80 + (MOST_TRIANGLES + 1).to_bytes(4, "little"), "at most 5,000,000 can be shown"),
        (b"solid x\nendsolid x\n", "contains no triangle"),
        (b"solid x\nvertex 1 2 3\nvertex 1 2 3\n", "ends within a triangle"),
        (text_stl().replace(b"10", b"zehn"), "points that are not numbers"),
        (binary_stl(np.full_like(TETRAHEDRON, np.inf)), "points that are not numbers"),
        (b"", "too few for them"),
    ],
)
def test_damaged_surfaces_are_refused(data: bytes, reason: str) -> None:
    with np.errstate(invalid="ignore"), pytest.raises(ConversionError, match=reason):
        read_stl(data, "x.stl")


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_are_a_surface_or_an_error(data: bytes) -> None:
    for start in (b"", b"solid "):
        try:
            mesh = read_stl(start + data, "x.stl")
        except ConversionError:
            continue
        assert mesh.triangles.size == 0 or mesh.triangles.max() < len(mesh.points)


def test_another_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="is not an encapsulated STL object"):
        made(tmp_path, SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1")
    with pytest.raises(ConversionError, match="contains no surface"):
        made(tmp_path, EncapsulatedDocument=None)
