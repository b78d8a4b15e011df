"""Label files of other programs, NRRD and NIfTI: what is read of them, and what is refused with its reason; limits from both sides."""

from __future__ import annotations

import bz2
import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import ConversionError, InputError, NotFoundError
from IDCBrowserLib.labelmap.color import cielab_to_srgb, distinct_color, srgb_to_cielab
from IDCBrowserLib.labelmap.files import read_nrrd
from IDCBrowserLib.labelmap.files.read import UNNAMED, is_label_file, read_label_file
from IDCBrowserLib.labelmap.terminology import codes_of_entry, terminology_entry
from IDCBrowserLib.labelmap.types import Labelmap, Segment

PLACE = {"space": "left-posterior-superior", "space directions": "(0.5,0,0) (0,0.75,0) (0,0,2)", "space origin": "(1,2,3)"}
LABELS: NDArray[Any] = np.arange(24, dtype=np.uint8).reshape(2, 3, 4) % 3


def nrrd(path: Path, labels: NDArray[Any] = LABELS, data: bytes | None = None, more: tuple[str, ...] = (), **fields: Any) -> Path:
    """A NRRD file; a field that is None is left out."""
    given = {
        "type": {"u1": "uchar", "i2": "short", "f4": "float", "f8": "double", "u4": "uint", "i8": "int64"}[labels.dtype.str[1:]],
        "dimension": labels.ndim,
        "sizes": " ".join(map(str, reversed(labels.shape))),
        "encoding": "raw",
        "endian": "little",
        **PLACE,
        **{name.replace("_", " "): value for name, value in fields.items()},
    }
    lines = ["NRRD0004", "# a comment", *(f"{name}: {value}" for name, value in given.items() if value is not None), *more, "", ""]
    path.write_bytes("\n".join(lines).encode() + (labels.tobytes() if data is None else data))
    return path


def read(path: Path) -> Labelmap:
    return read_label_file(path)


def refused(path: Path, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        read_label_file(path)


# NRRD


@pytest.mark.parametrize(
    ("space", "signs"),
    [
        ("left-posterior-superior", (1, 1)),
        ("LPS", (1, 1)),
        ("right-anterior-superior", (-1, -1)),
        ("RAS", (-1, -1)),
        ("left-anterior-superior", (1, -1)),
        ("LAS", (1, -1)),
    ],
)
def test_the_place_of_a_nrrd_file_is_read_in_every_space(tmp_path: Path, space: str, signs: tuple[int, int]) -> None:
    geometry = read(nrrd(tmp_path / "a.nrrd", space=space)).geometry
    assert (geometry.shape, geometry.spacing) == ((2, 3, 4), (0.5, 0.75, 2.0))
    assert geometry.origin == (signs[0] * 1.0, signs[1] * 2.0, 3.0)
    assert [axis[number] for number, axis in enumerate(geometry.directions)] == [*signs, 1.0]


TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in TYPES.items() for name in names])
def test_each_type_is_read_in_both_byte_orders(tmp_path: Path, kind: str, name: str) -> None:
    for order, endian in (("<", "little"), (">", "big")):
        data = LABELS.astype(f"{order}{kind}").tobytes()
        found = read(nrrd(tmp_path / "a.nrrd", data=data, type=f" {name.upper()} ", endian=endian))
        assert found.layers[0].tolist() == LABELS.tolist()
        assert found.layers[0].dtype == np.uint8


@pytest.mark.parametrize("endian", [None, "", "Little", "any"])
def test_bytes_are_in_little_order_unless_the_header_says_big(tmp_path: Path, endian: str | None) -> None:
    assert read(nrrd(tmp_path / "a.nrrd", LABELS.astype("<i2"), endian=endian)).layers[0].tolist() == LABELS.tolist()
    assert read(nrrd(tmp_path / "a.nrrd", data=LABELS.astype(">i2").tobytes(), type="short", endian="BIG")).layers[0].tolist() == LABELS.tolist()


@pytest.mark.parametrize("encoding", ["raw", "gzip", "gz", "GZIP", "bzip2", "bz2"])
def test_packed_voxels_are_read(tmp_path: Path, encoding: str) -> None:
    pack = {"r": bytes, "g": gzip.compress, "b": bz2.compress}[encoding[0].lower()]
    assert read(nrrd(tmp_path / "a.nrrd", encoding=encoding, data=pack(LABELS.tobytes()))).layers[0].tolist() == LABELS.tolist()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"encoding": "ascii"}, "the encoding 'ascii'"),
        ({"encoding": None}, "the encoding ''"),
        ({"type": "block"}, "the type 'block'"),
        ({"type": None}, "the type ''"),
        ({"sizes": "4 3"}, "its sizes are '4 3'"),
        ({"sizes": None}, "its sizes are 'not stated'"),
        ({"sizes": "4 3 x"}, "its sizes are '4 3 x'"),
        ({"sizes": "4 3 0"}, "its sizes are '4 3 0'"),
        ({"sizes": "1 4 3 2"}, "its sizes are '1 4 3 2'"),
        ({"space": None}, "does not say where in the patient"),
        ({"space": "scanner-xyz"}, "does not say where in the patient"),
        ({"space_origin": None}, "does not say where in the patient"),
        ({"space_directions": "(1,0,0) (0,1,0)"}, "does not say where in the patient"),
        ({"space_directions": "(1,0,0) (0,1,x) (0,0,1)"}, "does not say where in the patient"),
        ({"space_directions": "(1,0,0) (1,0,0) (0,0,1)"}, "is damaged: its axes do not span a volume"),
        ({"data_file": "a.raw"}, "keeps its voxels in another file"),
        ({"datafile": "a.raw"}, "keeps its voxels in another file"),
        ({"sizes": "4 3 3"}, "its header promises 36 bytes of voxels, but there are fewer"),
    ],
)
def test_a_nrrd_file_that_cannot_be_used_says_why(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    refused(nrrd(tmp_path / "a.nrrd", **fields), reason)


def test_what_is_cut_off_or_no_nrrd_is_said(tmp_path: Path) -> None:
    whole = nrrd(tmp_path / "a.nrrd").read_bytes()
    path = tmp_path / "b.nrrd"
    for content, reason in (
        (b"PNG", "is not a NRRD file"),
        (whole[:60], "its header has no end"),
        (whole[:-1], "promises 24 bytes"),
    ):
        path.write_bytes(content)
        refused(path, reason)
    packed = gzip.compress(LABELS.tobytes())
    refused(nrrd(path, encoding="gzip", data=packed[:-12]), "cannot be read|are missing")
    refused(nrrd(path, encoding="gzip", data=b"x" * 40), "its packed voxels cannot be read")
    refused(nrrd(path, encoding="gzip", data=gzip.compress(LABELS.tobytes()[:-2])), "2 of 24 bytes of voxels are missing")


@pytest.mark.parametrize(("most", "is_read"), [(0, True), (-1, False)])
def test_a_header_ends_at_some_time(tmp_path: Path, most: int, is_read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    path = nrrd(tmp_path / "a.nrrd")
    monkeypatch.setattr(read_nrrd, "_MOST_HEADER", path.stat().st_size - LABELS.nbytes + most)
    if is_read:
        assert read(path).layers[0].tolist() == LABELS.tolist()
    else:
        refused(path, "is damaged: its header has no end")


@pytest.mark.parametrize(("factor", "fits"), [(1032, True), (1033, False)])
def test_nothing_is_allocated_that_so_few_packed_bytes_cannot_hold(tmp_path: Path, factor: int, fits: bool) -> None:
    reason = "bytes of voxels are missing" if fits else "but there are fewer"
    packed = gzip.compress(b"")
    refused(nrrd(tmp_path / "a.nrrd", encoding="gzip", data=packed, sizes=f"{factor} {len(packed)} 1"), reason)


def test_layers_are_on_the_first_axis(tmp_path: Path) -> None:
    every = np.stack([LABELS, LABELS == 2, LABELS * 0], axis=-1).astype(np.uint8)
    more = ("Segment0_LabelValue:=1", "Segment0_Layer:=1", "Segment0_Name:=two")
    for kind in ("list", "vector"):
        path = nrrd(
            tmp_path / "a.seg.nrrd", every, more=more, kinds=f"{kind} domain domain domain", space_directions=f"none {PLACE['space directions']}"
        )
        found = read(path)
        assert [layer.tolist() for layer in found.layers] == [LABELS.tolist(), (LABELS == 2).tolist(), (LABELS * 0).tolist()]
        assert found.source.kind == "segmentation file"
        assert [(one.layer, one.label_value, one.name) for one in found.segments] == [(0, 1, "Label 1"), (1, 1, "two"), (0, 2, "Label 2")]
        assert found.overlapping_voxels == int((LABELS == 2).sum())


def described(tmp_path: Path, **fields: str) -> Segment:
    more = tuple(f"Segment0_{name}:={value}" for name, value in {"LabelValue": "2", **fields}.items())
    return next(one for one in read(nrrd(tmp_path / "a.seg.nrrd", more=more)).segments if one.label_value == 2)


def test_a_segment_is_what_its_fields_say(tmp_path: Path) -> None:
    entry = "x~SCT^85756007^Tissue~SCT^10200004^Liver~SCT^7771000^Left~y~SCT^39607008^Lung~SCT^24028007^Right"
    tags = f"TerminologyEntry:{entry}|DICOM.SegmentNumber:7|DICOM.SegmentAlgorithmType:MANUAL|DICOM.SegmentAlgorithmName:by hand|"
    tags += "DICOM.TrackingID:t1|DICOM.TrackingUID:1.2.3|IDCBrowser.SegmentDescription:large|nothing|"
    found = described(tmp_path, Name="Liver", Color="1 0.5 0", Tags=tags)
    assert (found.number, found.name, found.color, found.description) == (7, "Liver", (255, 128, 0), "large")
    assert (found.algorithm_type, found.algorithm_name, found.tracking_id, found.tracking_uid) == ("MANUAL", "by hand", "t1", "1.2.3")
    assert found.category == Code("85756007", "SCT", "Tissue") and found.type == Code("10200004", "SCT", "Liver")
    assert found.type_modifiers == (Code("7771000", "SCT", "Left"),)
    assert found.anatomic_region == Code("39607008", "SCT", "Lung") and found.anatomic_region_modifiers == (Code("24028007", "SCT", "Right"),)
    assert codes_of_entry(terminology_entry(found)) == codes_of_entry(entry)
    assert (found.voxels, found.volume_mm3) == (8, 8 * 0.75)


def test_what_former_files_called_otherwise_is_read(tmp_path: Path) -> None:
    found = described(tmp_path, Tags="IDCBrowser.SegmentNumber:5|IDCBrowser.TrackingID:t|IDCBrowser.TrackingUID:1.2|")
    assert (found.number, found.tracking_id, found.tracking_uid) == (5, "t", "1.2")


@pytest.mark.parametrize(
    ("color", "read_as"),
    [
        ("1 1 1", (255, 255, 255)),
        ("0.6 0.4 0.2", (153, 102, 51)),
        ("-1 2 0.2", (0, 255, 51)),
        ("1 1", (128, 174, 128)),
        ("a b c", (128, 174, 128)),
        ("inf 0 0", (128, 174, 128)),
    ],
)
def test_colors_are_numbers_from_0_to_1(tmp_path: Path, color: str, read_as: tuple[int, int, int]) -> None:
    assert described(tmp_path, Color=color).color == read_as


@pytest.mark.parametrize("fields", [{"LabelValue": "0"}, {"LabelValue": "x"}, {"Layer": "1"}, {"Layer": "-1"}, {"Layer": "x"}, {"LabelValue": "-2"}])
def test_a_segment_without_a_label_or_a_layer_that_is_there_is_none(tmp_path: Path, fields: dict[str, str]) -> None:
    assert described(tmp_path, Name="named", **fields).name == "Label 2"


def test_labels_without_a_name_get_numbers_that_are_free(tmp_path: Path) -> None:
    more = ("Segment3_LabelValue:=1", "Segment3_Name:=one", "Segment3_Tags:=DICOM.SegmentNumber:2|", "Segment4_LabelValue:=9")
    found = read(nrrd(tmp_path / "a.nrrd", more=more))
    assert [(one.number, one.label_value, one.name, one.voxels) for one in found.segments] == [
        (2, 1, "one", 8),
        (10, 2, "Label 2", 8),
        (9, 9, "Label 9", 0),
    ]
    assert [one.details for one in found.segments] == [{}, {UNNAMED: True}, {}]
    assert found.segments[1].color == (172, 92, 230)


# Labels


@pytest.mark.parametrize(
    ("values", "kind"),
    [([0, 255], "u1"), ([0, 256], "u2"), ([0, 65535], "u2"), ([0, 65536], "u4"), ([0, 4294967295], "u4"), ([0.0, 3.0], "u1"), ([0, 0], "u1")],
)
def test_labels_are_of_the_smallest_type_that_holds_them(tmp_path: Path, values: list[float], kind: str) -> None:
    given = np.array(values).reshape(1, 1, 2)
    stored = given.astype("f8") if given.dtype.kind == "f" else given.astype("i8")
    found = read(nrrd(tmp_path / "a.nrrd", stored))
    assert (found.layers[0].dtype, found.layers[0].ravel().tolist()) == (np.dtype(kind), values)
    assert [one.label_value for one in found.segments] == [value for value in values if value]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([0, -1], "contains the value -1"),
        ([0, 4294967296], "contains the value 4294967296"),
        ([0.0, 0.5], "not whole numbers"),
        ([0.0, np.nan], "not whole numbers"),
        ([0.0, np.inf], "not whole numbers"),
    ],
)
def test_an_image_is_no_label_file(tmp_path: Path, values: list[float], reason: str) -> None:
    given = np.array(values).reshape(1, 1, 2)
    refused(nrrd(tmp_path / "a.nrrd", given.astype("f8") if given.dtype.kind == "f" else given.astype("i8")), reason)


def test_files_are_told_by_their_names(tmp_path: Path) -> None:
    for name in ("a.nrrd", "A.SEG.NRRD", "a.nii", "a.nii.GZ"):
        assert is_label_file(name)
    for name in ("a.dcm", "nrrd", "a.nrrd.txt"):
        assert not is_label_file(name)
    with pytest.raises(InputError, match=r"must end in \.seg\.nrrd, \.nrrd, \.nii\.gz, \.nii"):
        read_label_file(tmp_path / ".nrrd")
    with pytest.raises(NotFoundError, match=r"none\.nrrd does not exist"):
        read_label_file(tmp_path / "none.nrrd")


# NIfTI


def nifti(path: Path, labels: NDArray[Any] = LABELS, order: str = "<", data: bytes | None = None, **fields: Any) -> Path:
    """A NIfTI-1 file; ``fields`` replace what the header would say."""
    code = {"u1": 2, "i2": 4, "i4": 8, "f4": 16, "f8": 64, "i1": 256, "u2": 512, "u4": 768, "i8": 1024, "u8": 1280}[labels.dtype.str[1:]]
    given: dict[str, Any] = {
        "dim": (3, 4, 3, 2, 1, 1, 1, 1),
        "code": code,
        "pixdim": (1.0, 0.5, 0.75, 2.0, 0, 0, 0, 0),
        "offset": 352.0,
        "slope": 1.0,
        "intercept": 0.0,
        "units": 2,
        "qform": 0,
        "sform": 1,
        "quaternion": (0.0,) * 6,
        "rows": (0.5, 0, 0, 1, 0, 0.75, 0, 2, 0, 0, 2, 3),
        "magic": b"n+1\0",
        "size": 348,
        **fields,
    }
    header = bytearray(352)
    struct.pack_into(f"{order}i", header, 0, given["size"])
    struct.pack_into(f"{order}8h", header, 40, *given["dim"])
    struct.pack_into(f"{order}hh", header, 70, given["code"], 8)
    struct.pack_into(f"{order}8f", header, 76, *given["pixdim"])
    struct.pack_into(f"{order}3f", header, 108, given["offset"], given["slope"], given["intercept"])
    header[123] = given["units"]
    struct.pack_into(f"{order}hh", header, 252, given["qform"], given["sform"])
    struct.pack_into(f"{order}6f", header, 256, *given["quaternion"])
    struct.pack_into(f"{order}12f", header, 280, *given["rows"])
    header[344:348] = given["magic"]
    stored = labels.astype(labels.dtype.newbyteorder(order)).tobytes() if data is None else data
    path.write_bytes(bytes(header) + bytes(max(0, int(given["offset"]) - 352)) * (data is None) + stored)
    return path


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u1", "i2", "i4", "f4", "f8", "i1", "u2", "u4", "i8", "u8"])
def test_each_type_of_nifti_is_read_in_both_byte_orders(tmp_path: Path, kind: str, order: str) -> None:
    found = read(nifti(tmp_path / "a.nii", LABELS.astype(kind), order))
    assert found.layers[0].tolist() == LABELS.tolist()
    assert (found.geometry.spacing, found.geometry.origin) == ((0.5, 0.75, 2.0), (-1.0, -2.0, 3.0))
    assert found.geometry.directions == ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0))


@pytest.mark.parametrize("offset", [352, 353, 1000])
def test_voxels_begin_where_the_header_says_packed_or_not(tmp_path: Path, offset: int) -> None:
    path = nifti(tmp_path / "a.nii", offset=float(offset))
    assert read(path).layers[0].tolist() == LABELS.tolist()
    packed = tmp_path / "a.nii.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed).layers[0].tolist() == LABELS.tolist()


@pytest.mark.parametrize(("units", "factor"), [(0, 1.0), (1, 1000.0), (2, 1.0), (3, 0.001), (5, 1.0), (2 | 8, 1.0), (1 | 16, 1000.0)])
def test_lengths_are_meters_millimeters_or_micrometers(tmp_path: Path, units: int, factor: float) -> None:
    assert read(nifti(tmp_path / "a.nii", units=units)).geometry.spacing == pytest.approx((0.5 * factor, 0.75 * factor, 2.0 * factor))


@pytest.mark.parametrize(
    ("slope", "intercept", "labels"),
    [(1.0, 0.0, [0, 1, 2]), (0.0, 5.0, [0, 1, 2]), (2.0, 0.0, [0, 2, 4]), (1.0, 3.0, [3, 4, 5]), (2.0, 1.0, [1, 3, 5]), (np.nan, 0.0, [0, 1, 2])],
)
def test_a_scale_is_applied_where_it_is_one(tmp_path: Path, slope: float, intercept: float, labels: list[int]) -> None:
    assert np.unique(read(nifti(tmp_path / "a.nii", slope=slope, intercept=intercept)).layers[0]).tolist() == labels


@pytest.mark.parametrize(
    ("quaternion", "handedness", "directions"),
    [
        ((0.0, 0.0, 0.0), 1.0, [[-1, 0, 0], [0, -1, 0], [0, 0, 1]]),
        ((0.0, 0.0, 0.0), -1.0, [[-1, 0, 0], [0, -1, 0], [0, 0, -1]]),
        ((0.0, 0.0, 0.0), 0.0, [[-1, 0, 0], [0, -1, 0], [0, 0, 1]]),
        # A half and a quarter turn about each axis.
        ((1.0, 0.0, 0.0), 1.0, [[-1, 0, 0], [0, 1, 0], [0, 0, -1]]),
        ((0.0, 1.0, 0.0), 1.0, [[1, 0, 0], [0, -1, 0], [0, 0, -1]]),
        ((0.0, 0.0, 1.0), 1.0, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        ((0.5**0.5, 0.0, 0.0), 1.0, [[-1, 0, 0], [0, 0, 1], [0, 1, 0]]),
        ((0.0, 0.5**0.5, 0.0), 1.0, [[0, 0, -1], [0, -1, 0], [-1, 0, 0]]),
        ((0.0, 0.0, 0.5**0.5), 1.0, [[0, -1, 0], [1, 0, 0], [0, 0, 1]]),
        ((0.5, 0.5, 0.5), 1.0, [[0, -1, 0], [0, 0, 1], [-1, 0, 0]]),
        # A half turn about a diagonal, a little longer than 1 by rounding.
        ((0.7071069, 0.7071069, 0.0), 1.0, [[0, -1, 0], [-1, 0, 0], [0, 0, -1]]),
    ],
)
def test_without_a_matrix_the_quaternion_places_the_voxels(
    tmp_path: Path, quaternion: tuple[float, ...], handedness: float, directions: list[list[int]]
) -> None:
    pixdim = (handedness, 0.5, 0.75, 2.0, 0, 0, 0, 0)
    geometry = read(nifti(tmp_path / "a.nii", sform=0, qform=1, quaternion=(*quaternion, 1.0, 2.0, 3.0), pixdim=pixdim)).geometry
    assert np.allclose(geometry.directions, directions, atol=1e-6)
    assert (geometry.spacing, geometry.origin) == (pytest.approx((0.5, 0.75, 2.0)), (-1.0, -2.0, 3.0))


def test_without_both_the_spacing_is_all_there_is(tmp_path: Path) -> None:
    geometry = read(nifti(tmp_path / "a.nii", sform=0)).geometry
    assert (geometry.spacing, geometry.origin) == ((0.5, 0.75, 2.0), (0.0, 0.0, 0.0))


@pytest.mark.parametrize("dim", [(3, 4, 3, 2, 0, 0, 0, 0), (4, 4, 3, 2, 1, 0, 0, 0), (7, 4, 3, 2, 1, 1, 1, 1)])
def test_further_axes_may_have_one_entry(tmp_path: Path, dim: tuple[int, ...]) -> None:
    assert read(nifti(tmp_path / "a.nii", dim=dim)).geometry.shape == (2, 3, 4)


def test_two_axes_are_a_volume_of_one_slice(tmp_path: Path) -> None:
    assert read(nifti(tmp_path / "a.nii", LABELS[:1], dim=(2, 4, 3, 9, 9, 9, 9, 9))).geometry.shape == (1, 3, 4)
    assert read(nifti(tmp_path / "a.nii", LABELS[:1, :1], dim=(1, 4, 9, 9, 9, 9, 9, 9))).geometry.shape == (1, 1, 4)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"dim": (4, 4, 3, 1, 2, 1, 1, 1)}, "is not a volume of labels"),
        ({"dim": (3, 4, 3, 0, 1, 1, 1, 1)}, "is not a volume of labels"),
        ({"dim": (0, 4, 3, 2, 1, 1, 1, 1)}, "is not a volume of labels"),
        ({"dim": (8, 4, 3, 2, 1, 1, 1, 1)}, "is not a volume of labels"),
        ({"code": 128}, "of the NIfTI type 128"),
        ({"offset": 347.0, "data": b""}, "said to begin at byte 347"),
        ({"offset": float(1 << 24), "data": b""}, "said to begin at byte"),
        ({"offset": float((1 << 24) - 1), "data": b""}, "promises 24 bytes"),
        ({"offset": np.nan, "data": b""}, "said to begin at byte nan"),
        ({"magic": b"ni1\0"}, "is not a NIfTI-1 file"),
        ({"size": 540}, "is not a NIfTI-1 file"),
        ({"rows": (0.0,) * 12}, "is damaged: its axes"),
        ({"data": b"\0" * 23}, "promises 24 bytes"),
    ],
)
def test_a_nifti_file_that_cannot_be_used_says_why(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    if np.isnan(fields.get("offset", 0.0)):
        path = nifti(tmp_path / "a.nii")
        content = bytearray(path.read_bytes())
        struct.pack_into("<f", content, 108, np.nan)
        path.write_bytes(content)
    else:
        path = nifti(tmp_path / "a.nii", **fields)
    refused(path, reason)


def test_a_cut_off_nifti_file_is_said(tmp_path: Path) -> None:
    whole = nifti(tmp_path / "a.nii").read_bytes()
    (tmp_path / "b.nii").write_bytes(whole[:347])
    refused(tmp_path / "b.nii", "is not a NIfTI-1 file")
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(whole)[:20])
    refused(tmp_path / "b.nii.gz", "is damaged|cannot be read")
    (tmp_path / "c.nii.gz").write_bytes(b"\x1f\x8b" + b"x" * 40)
    refused(tmp_path / "c.nii.gz", "it cannot be unpacked")


# Colors


@pytest.mark.parametrize(
    ("color", "lab"),
    [
        ((255, 255, 255), (65535, 32896, 32896)),
        ((0, 0, 0), (0, 32896, 32896)),
        ((255, 0, 0), (34878, 53477, 50157)),
        ((128, 128, 128), (35114, 32896, 32896)),
    ],
)
def test_known_colors_have_their_cielab_values(color: tuple[int, int, int], lab: tuple[int, int, int]) -> None:
    """Of sRGB and D65: L* 53.24, a* 80.09, b* 67.20 for red."""
    assert srgb_to_cielab(color) == pytest.approx(lab, abs=60)
    assert cielab_to_srgb(lab) == pytest.approx(color, abs=1)


def test_every_color_comes_back_from_cielab() -> None:
    levels = (0, 1, 5, 10, 11, 12, 30, 127, 200, 254, 255)
    for color in [(red, green, blue) for red in levels for green in levels for blue in levels]:
        assert cielab_to_srgb(srgb_to_cielab(color)) == color


def test_colors_outside_srgb_are_clipped() -> None:
    assert cielab_to_srgb((65535, 65535, 65535)) == (255, 70, 0)
    assert cielab_to_srgb((0, 0, 0)) == (0, 64, 194)
    assert srgb_to_cielab((255, 255, 255))[0] == 65535 and srgb_to_cielab((0, 0, 0))[0] == 0


def test_segments_without_a_color_get_hues_in_golden_steps() -> None:
    assert [distinct_color(number) for number in (0, 1, 2, 3, 9)] == [
        (242, 109, 109),
        (73, 122, 242),
        (157, 242, 36),
        (204, 92, 190),
        (109, 192, 242),
    ]
    assert len({distinct_color(number) for number in range(60)}) == 60
