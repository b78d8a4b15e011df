"""Structure sets with a few bytes changed: a labelmap or a typed error."""

import random

import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.rtstruct_files import FRAME, SERIES, C, R, axial, box, flat, structure_set, write
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.labelmap.options import ConvertOptions


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian], ids=lambda s: s.name)
def test_random_damage_gives_a_labelmap_or_a_typed_error(syntax, seed, tmp_path):
    """200 files with a few bytes changed each: no other exception, no hang, memory bounded."""
    stack = axial(rows=12, columns=12)
    closed = [flat(stack, k, box(1, 1, 7, 7), named=True) for k in range(3)]
    rois = [R(1, closed, "Ä", observation={"ROIObservationLabel": "x"}), R(2, [C([stack.at(1, 1, 1)], "POINT")])]
    data = write(structure_set(rois, [(FRAME, SERIES, [stack.uid(0)])]), tmp_path / "rs.dcm", syntax, undefined_length=bool(seed % 2)).read_bytes()
    chance = random.Random(seed)
    path = tmp_path / "damaged.dcm"
    outcomes = {"converted": 0, "refused": 0}
    for _ in range(200):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(132, len(damaged))] = chance.choice([0, 255, 92, chance.randrange(256)])
        path.write_bytes(damaged)
        try:
            convert_rtstruct(path, [stack.grid()])
            convert_rtstruct(path, None, ConvertOptions(grid="own"))
            outcomes["converted"] += 1
        except IDCBrowserError:
            outcomes["refused"] += 1
    assert outcomes["converted"]
    assert outcomes["refused"]
