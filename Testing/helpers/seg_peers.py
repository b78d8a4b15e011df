"""What highdicom and dcmqi read from a SEG, in the form of ours: {segment number: mask (k, j, i)} and the matrix from (i, j, k) to LPS."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import highdicom as hd
import nrrd
import numpy as np


def ours(labelmap) -> dict[int, np.ndarray]:
    """The masks of a ``Labelmap``."""
    return {segment.number: labelmap.layers[segment.layer] == segment.label_value for segment in labelmap.segments}


def by_highdicom(path: Path) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """``Segmentation.get_volume``; FRACTIONAL at half of the maximum."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = hd.seg.segread(path)
        numbers = [number for number in read.segment_numbers if number]
        volume = read.get_volume(segment_numbers=numbers, rescale_fractional=True)
    affine = volume.affine[:, [2, 1, 0, 3]]  # highdicom's columns are k, j, i
    array = volume.array >= 0.5 if read.segmentation_type == hd.seg.SegmentationTypeValues.FRACTIONAL else volume.array != 0
    return _ascending({number: array[..., position] for position, number in enumerate(numbers)}, affine)


def by_dcmqi(path: Path, at_least: int | None = None) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """``segimage2itkimage``, one file per segment. It keeps stored fractions as they are: ``at_least`` makes masks of them."""
    program = Path(sys.executable).with_name("segimage2itkimage")
    with tempfile.TemporaryDirectory() as folder:
        command = [str(program), "--inputDICOM", str(path), "--outputDirectory", folder, "--outputType", "nrrd", "--prefix", "s"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        files = sorted(Path(folder).glob("s-*.nrrd"))
        if done.returncode or not files:
            raise RuntimeError(done.stderr[-500:] + done.stdout[-500:])
        described = json.loads((Path(folder) / "s-meta.json").read_text())["segmentAttributes"]
        masks, affine = {}, np.eye(4)
        for position, group in enumerate(described):
            # One file for each group; it is named by a segment number, or by 1 for all of a label map.
            data, header = nrrd.read(str(_file_of(Path(folder), position, group)))
            affine[:3, :3] = np.asarray(header["space directions"]).T
            affine[:3, 3] = header["space origin"]
            volume = np.transpose(data, (2, 1, 0))
            for number in (attributes["labelID"] for attributes in group):
                masks[number] = volume == number if at_least is None else volume >= at_least
        masks.pop(0, None)
    return _ascending(masks, affine)


def _file_of(folder: Path, position: int, group: list[dict]) -> Path:
    named = folder / f"s-{group[0]['labelID']}.nrrd"
    return named if named.exists() else folder / f"s-{position + 1}.nrrd"


def _ascending(masks: dict[int, np.ndarray], affine: np.ndarray) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """With k along row x column, as ours."""
    if np.dot(np.cross(affine[:3, 0], affine[:3, 1]), affine[:3, 2]) > 0:
        return masks, affine
    count = next(iter(masks.values())).shape[0]
    turned = affine.copy()
    turned[:3, 3] += affine[:3, 2] * (count - 1)
    turned[:3, 2] *= -1
    return {number: mask[::-1] for number, mask in masks.items()}, turned


def assert_same(labelmap, peer: tuple[dict[int, np.ndarray], np.ndarray]) -> None:
    """Every voxel of every segment at the same place; slices that only one of the two has must be empty."""
    masks, affine = peer
    mine = ours(labelmap)
    assert mine.keys() == masks.keys()
    matrix = labelmap.geometry.index_to_lps()
    np.testing.assert_allclose(affine[:3, :3], matrix[:3, :3], atol=1e-4)
    offset = np.linalg.solve(matrix[:3, :3], affine[:3, 3] - matrix[:3, 3])
    np.testing.assert_allclose(offset, np.rint(offset), atol=1e-2)
    first = np.rint(offset).astype(int)[::-1]
    for number, mask in masks.items():
        theirs = np.argwhere(mask) + first
        assert np.array_equal(theirs, np.argwhere(mine[number])), f"segment {number}"
        assert next(segment.voxels for segment in labelmap.segments if segment.number == number) == len(theirs)
