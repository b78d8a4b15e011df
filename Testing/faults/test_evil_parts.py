"""Servers that do what no server should to those who read parts of an object: attributes, some segments of a SEG, tiles of a slide. Each ends soon,
with what is right or with a sentence, and leaves no file.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import seg_files
from helpers.evil_servers import HANGS_S, LISTINGS, OBJECTS
from helpers.fault_proxy import Fault, FaultProxy, Rule, is_object
from helpers.planned import planned
from helpers.s3_server import S3Server
from helpers.slide_files import saved_slide

from IDCBrowserLib.cohort.attributes import first_object, read_attributes
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.some_segments import fetch_segments, read_seg_head
from IDCBrowserLib.preview.bucket_tiles import BucketTiles
from IDCBrowserLib.preview.objects import LocalObject, SeriesObject
from IDCBrowserLib.slide.tiles import Tiles
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.options import TransferOptions

UUID, SLIDE_UUID = "5f3f0ccb-0000-4000-8000-000000000001", "5f3f0ccb-0000-4000-8000-000000000002"
CHOSEN = frozenset({2})


def _shifted(method: str, path: str, count: int) -> Fault | None:
    other = Fault(headers={"Content-Range": "bytes 1-9/99999999"}, change=lambda body: body[::-1])
    return other if is_object(path) and method == "GET" and count > 1 else None


def _another_object(method: str, path: str, count: int) -> Fault | None:
    """The same length of another file: that of the other series."""
    if not is_object(path) or method != "GET":
        return None
    other = next(content for key, content in _SERVED.items() if key not in path)
    return Fault(change=lambda body: (other * (1 + len(body) // len(other)))[: len(body)])


def _other_versions(method: str, path: str, count: int) -> Fault | None:
    return Fault(headers={"ETag": f'"{count}"'}, change=lambda body: bytes(len(body)) if count else body) if is_object(path) else None


_SERVED: dict[str, bytes] = {}
EVIL: dict[str, Rule] = {
    **{f"listing {name}": rule for name, rule in LISTINGS.items()},
    # Nobody can tell other bytes of the same length in a part, whose checksum nothing states.
    **{f"object {name}": rule for name, rule in OBJECTS.items() if "content" not in name and not name.startswith("HEAD")},
    "object is another part": _shifted,
    "object is that of another series": _another_object,
    "object is another version each time": _other_versions,
}


@pytest.fixture(scope="module")
def seg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments in frames that are not compressed, larger than what is read at once."""
    images = seg_files.images(30, 200, 200)
    masks = np.zeros((30, 200, 200, 3), np.uint8)
    for number in range(3):
        masks[:, 20 * number + 5 : 20 * number + 90, 10:150, number] = 1
    return Path(seg_files.save(seg_files.seg(images, masks), tmp_path_factory.mktemp("seg") / "a.dcm"))


@pytest.fixture(scope="module")
def slide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The level of full size."""
    return Path(saved_slide(str(tmp_path_factory.mktemp("slide")))[0])


@pytest.fixture(scope="module")
def served(s3_server: S3Server, seg: Path, slide: Path) -> S3Server:
    for uuid, path in ((UUID, seg), (SLIDE_UUID, slide)):
        _SERVED[uuid] = path.read_bytes()
        s3_server.put(f"{uuid}/a.dcm", _SERVED[uuid])
    return s3_server


def _within(seconds: float, call: Any) -> Any:
    """What it gives or raises; in a thread, so that one that hangs fails its test instead of all."""
    ends: list[Any] = []

    def run() -> None:
        try:
            ends.append(call())
        except IDCBrowserError as error:
            ends.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert ends, "it hangs, or ended with an error that nobody foresaw"
    return ends[0]


def _item(proxy: FaultProxy, path: Path, uuid: str) -> SeriesObject:
    from pydicom import dcmread

    series_uid = str(dcmread(path, stop_before_pixels=True).SeriesInstanceUID)
    return first_object(planned(uuid, instance_count=1, series_uid=series_uid), TransferOptions(endpoint_url=proxy.url))


def _attributes(proxy: FaultProxy, seg: Path) -> tuple[str, int]:
    dataset, _ = read_attributes(_item(proxy, seg, UUID))
    return str(dataset.SOPInstanceUID), len(dataset.SegmentSequence)


def _some(proxy: FaultProxy, seg: Path, path: Path) -> list[np.ndarray[Any, Any]]:
    fetched = fetch_segments(read_seg_head(_item(proxy, seg, UUID)), CHOSEN, path, Task())
    return _voxels(fetched.path)


def _voxels(path: Path) -> list[np.ndarray[Any, Any]]:
    return list(convert(path, None, ConvertOptions(segments=CHOSEN)).layers)


@pytest.mark.parametrize("name", EVIL)
def test_parts_from_an_evil_server_are_right_or_a_sentence(name: str, served: S3Server, proxy: FaultProxy, seg: Path, tmp_path: Path) -> None:
    from pydicom import dcmread

    whole = dcmread(seg)
    proxy.rule = EVIL[name]
    told = _within(HANGS_S, lambda: _attributes(proxy, seg))
    if isinstance(told, IDCBrowserError):
        assert str(told) and "internal error" not in str(told)
    else:
        assert told == (str(whole.SOPInstanceUID), len(whole.SegmentSequence))
    proxy.rule = EVIL[name]
    told = _within(HANGS_S, lambda: _some(proxy, seg, tmp_path / "some.dcm"))
    if isinstance(told, IDCBrowserError):
        assert str(told) and "internal error" not in str(told)
        assert list(tmp_path.iterdir()) == []
    else:
        for found, expected in zip(told, _voxels(seg), strict=True):
            np.testing.assert_array_equal(found, expected)


def _tiles(item: SeriesObject) -> np.ndarray[Any, Any]:
    source = BucketTiles(item)
    return Tiles(source.image, source).region((0, 600), (200, 700), Task())


@pytest.mark.parametrize("name", EVIL)
def test_tiles_of_a_slide_from_an_evil_server_are_right_or_a_sentence(name: str, served: S3Server, proxy: FaultProxy, slide: Path) -> None:
    proxy.rule = EVIL[name]
    told = _within(HANGS_S, lambda: _tiles(_item(proxy, slide, SLIDE_UUID)))
    if isinstance(told, IDCBrowserError):
        assert str(told) and "internal error" not in str(told)
    else:
        np.testing.assert_array_equal(told, _tiles(LocalObject(slide, slide.stat().st_size)))
