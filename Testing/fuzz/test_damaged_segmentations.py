"""Thousands of damaged files of every kind: nothing but typed errors, or a result that is consistent in itself."""

import numpy as np
import pytest
from helpers.seg_fuzz import damaged_bytes, damaged_elements, valid_files

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.labelmap.convert import convert, describe

_KINDS = ["binary", "odd", "labelmap", "fractional", "labelmap16", "implicit", "deflated", "big", "j2k", "rle", "jls", "slide"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    found = valid_files(tmp_path_factory.mktemp("valid"))
    assert sorted(found) == sorted(_KINDS)
    return found


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize(("damage", "count"), [(damaged_bytes, 250), (damaged_elements, 40)])
def test_damaged_files_end_in_typed_errors_or_consistent_results(files, tmp_path, kind, damage, count):
    path = tmp_path / "damaged.dcm"
    refused = 0
    for data in damage(files[kind], count, seed=11):
        path.write_bytes(data)
        try:
            found = convert(path)
        except IDCBrowserError as error:
            assert "damaged.dcm" in str(error)
            refused += 1
            continue
        assert all(layer.shape == found.geometry.shape for layer in found.layers)
        for segment in found.segments:
            assert segment.voxels == int(np.count_nonzero(found.layers[segment.layer] == segment.label_value))
        assert np.isfinite(found.geometry.index_to_lps()).all()
    assert 0 < refused < count


@pytest.mark.parametrize("kind", ["binary", "deflated", "jls"])
def test_describing_damaged_files_ends_in_typed_errors(files, tmp_path, kind):
    path = tmp_path / "damaged.dcm"
    for data in damaged_bytes(files[kind], 100, seed=12):
        path.write_bytes(data)
        try:
            told = describe(path)
        except IDCBrowserError as error:
            assert "damaged.dcm" in str(error)
        else:
            assert told["segments"] and told["kind"] == "SEG"


@pytest.mark.parametrize("kind", _KINDS)
def test_every_truncation_is_refused(files, tmp_path, kind):
    path = tmp_path / "damaged.dcm"
    data = files[kind]
    for size in np.linspace(0, len(data) - 4, 40).astype(int).tolist():
        path.write_bytes(data[:size])
        with pytest.raises(IDCBrowserError, match=r"damaged\.dcm"):
            convert(path)
