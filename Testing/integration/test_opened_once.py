"""A file that is downloaded and loaded is opened as often as needed and no more."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.odd_objects import as_file, objects
from helpers.opened_files import counted_opens
from helpers.rtstruct_files import R, axial, box, flat, structure_set, write

from IDCBrowserLib.describe.describe import describe_file
from IDCBrowserLib.describe.reading import Read
from IDCBrowserLib.engine import answers
from IDCBrowserLib.engine.last_opened import LastOpened
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import DamagedError
from IDCBrowserLib.task import Task

Ask = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Requests to the methods of the engine, one after the other."""
    (tmp_path / "exchange").mkdir()
    state = EngineState({"exchange_folder": str(tmp_path / "exchange")})
    yield lambda method, **params: answers.load(answers.find(method))(state, params, Task())
    state.close()


def download_and_load(ask: Ask, folder: Path, file: Path, images: list[Path]) -> tuple[Counter[str], Any]:
    """What "Download and load" asks the engine once the files are there: how often each was opened, and the labelmap."""
    paths = [str(path) for path in images]
    with counted_opens() as opens:
        imported = ask("store.import", database=str(folder / "database"), files=[str(file), *paths])
        described = ask("labelmap.describe", input=str(file))
        needed = ask("volume.memory", files=[str(file)], images=paths)
        labelmap = ask("labelmap.convert", input=str(file), images=paths)
        if described["kind"] == "RTSTRUCT":
            assert ask("labelmap.contours", input=str(file))["rois"]
    assert imported["added"] == len(images) + 1
    assert needed["bytes"] > 0
    return opens, labelmap


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"])
def test_a_seg_is_opened_for_the_import_its_header_and_its_pixels(ask: Ask, tmp_path: Path, syntax: str) -> None:
    series = sf.images()
    images = [Path(path) for path in sf.save_images(series, tmp_path / "images")]
    file = sf.save_as(sf.seg(series, sf.channels()), tmp_path / "seg.dcm", syntax)
    opens, labelmap = download_and_load(ask, tmp_path, file, images)
    assert labelmap["segments"][0]["voxels"] > 0
    assert opens[str(file)] == 3


def test_an_rtstruct_is_opened_for_the_import_and_for_its_contours(ask: Ask, tmp_path: Path) -> None:
    stack = axial()
    (tmp_path / "images").mkdir()
    images = stack.write(tmp_path / "images")
    file = write(structure_set([R(1, [flat(stack, 1, box(2, 2, 6, 6))], "Liver")]), tmp_path / "rs.dcm")
    opens, labelmap = download_and_load(ask, tmp_path, file, images)
    assert labelmap["segments"][0]["voxels"] == 16
    assert opens[str(file)] == 2


def test_an_image_is_opened_for_the_import_and_for_its_place(ask: Ask, tmp_path: Path) -> None:
    series = sf.images()
    images = [Path(path) for path in sf.save_images(series, tmp_path / "images")]
    file = sf.save(sf.seg(series, sf.channels()), tmp_path / "seg.dcm")
    opens, _ = download_and_load(ask, tmp_path, file, images)
    # The first also tells how much memory the others take.
    assert [opens[str(path)] for path in images] == [3, *[2] * (len(images) - 1)]


def test_compressed_images_are_opened_once_by_the_import(ask: Ask, tmp_path: Path) -> None:
    seg = sf.seg(sf.images(), sf.labels(), kind="LABELMAP", transfer_syntax="1.2.840.10008.1.2.5")
    file = sf.save(seg, tmp_path / "seg.dcm")
    # Beyond the end of the pixels, so that the import has to look where they end.
    file.write_bytes(file.read_bytes() + b"\xfc\xff\xfc\xffOB\0\0\4\0\0\0\0\0\0\0")
    with counted_opens() as opens:
        assert ask("store.import", database=str(tmp_path / "database"), files=[str(file)])["added"] == 1
    assert opens[str(file)] == 1


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    opened, path = LastOpened(), tmp_path / "seg.dcm"
    sf.save(sf.seg(sf.images(), sf.channels()), path)
    first = opened.open(str(path))
    assert opened.open(str(path)) is first
    os.utime(path, (1, 1))
    second = opened.open(str(path))
    assert second is not first
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(DamagedError, match="changed while it was used"):
        second.pixel_bytes()
    path.unlink()
    assert opened.get(str(path)) is None


def test_a_file_that_was_let_go_can_be_replaced_and_still_says_what_it_said(tmp_path: Path) -> None:
    path = sf.save(sf.seg(sf.images(), np.ones((6, 16, 24, 1), np.uint8)), tmp_path / "seg.dcm")
    opened = LastOpened().open(str(path))
    path.write_bytes(b"")
    assert opened.pixel_size.rows == 16
    assert opened.root.text(0x00080060) == "SEG"


@pytest.mark.parametrize("name", [name for name, _dataset in objects() if name != "document"])
def test_a_description_opens_its_file_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / "one.dcm"
    path.write_bytes(as_file(dict(objects())[name]))
    with counted_opens() as opens:
        describe_file(str(path))
    assert opens[str(path)] == 1
    with counted_opens() as opens:
        Read().add(str(path))
    assert opens[str(path)] == 1, "also where its text is read"
