"""What is told of a file by its first kilobytes: whether it can become a labelmap."""

import os

import pytest
from helpers import seg_files as sf
from helpers.rtstruct_files import R, axial, box, flat, structure_set, write

from IDCBrowserLib.labelmap.convert import is_drawn_on_images


def test_segmentations_and_structure_sets_are_and_their_images_are_not(tmp_path):
    stack = axial()
    images = sf.images()
    drawn = [
        sf.save(sf.seg(images, sf.labels()), tmp_path / "seg.dcm"),
        sf.save(sf.seg(images, sf.labels(), kind="LABELMAP"), tmp_path / "labelmap.dcm"),
        write(structure_set([R(1, [flat(stack, 1, box(2, 2, 6, 6))])]), tmp_path / "rs.dcm"),
    ]
    assert [is_drawn_on_images(path) for path in drawn] == [True] * 3
    assert not any(is_drawn_on_images(path) for path in sf.save_images(images, tmp_path / "images"))


@pytest.mark.parametrize("content", [b"", b"<html>", b"\0" * 128 + b"DICM"])
def test_what_cannot_be_read_is_not(tmp_path, content):
    path = tmp_path / "x.dcm"
    path.write_bytes(content)
    assert not is_drawn_on_images(path)
    assert not is_drawn_on_images(tmp_path / "missing.dcm")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert not is_drawn_on_images(tmp_path / "pipe")
