"""Some segments of a SEG elsewhere: only its header and their frames are read, and the result is that of the whole file."""

import json
from dataclasses import dataclass, field

import numpy as np
import pytest
from helpers import seg_files as sf

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.errors import ConversionError, InputError, NotDicomError, NotFoundError, StorageError, TransferError
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg import some_segments
from IDCBrowserLib.labelmap.seg.some_segments import fetch_segments, ranges_of, read_seg_head
from IDCBrowserLib.task import Task


@dataclass
class Elsewhere:
    """A file in a bucket; ``asked`` are the parts that were read. ``short`` takes bytes off every part after the header."""

    data: bytes
    label: str = "seg.dcm"
    series_uid: str = ""
    short: int = 0
    asked: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self):
        return len(self.data)

    def read(self, start, stop):
        self.asked.append((start, stop))
        return self.data[start : stop - (self.short if start else 0)]


ROWS, COLUMNS, DEPTH = 120, 131, 30


@pytest.fixture(scope="module", params=["BINARY", "FRACTIONAL"])
def many(request, tmp_path_factory):
    """Six segments with holes and overlaps; frames whose bits do not end on bytes."""
    images = sf.images(DEPTH, ROWS, COLUMNS)
    random = np.random.default_rng(3)
    masks = np.zeros((DEPTH, ROWS, COLUMNS, 6), np.uint8)
    for number in range(6):
        masks[2 + number : 20 + number, 10 : 90 + number, 5 * number : 100 + number, number] = 1
    masks[random.random(masks.shape) < 0.05] = 0
    folder = tmp_path_factory.mktemp(request.param)
    files = sf.save_images(images, folder / "CT")
    kind = {"kind": request.param} if request.param != "BINARY" else {}
    return sf.save(sf.seg(images, masks, **kind), folder / "seg.dcm"), files


@pytest.mark.parametrize("numbers", [{1}, {2, 5}, {6, 1, 3}])
def test_the_voxels_are_those_of_the_whole_file(many, tmp_path, numbers):
    path, files = many
    item = Elsewhere(path.read_bytes())
    fetched = fetch_segments(read_seg_head(item), numbers, tmp_path / "some.dcm", Task())
    for images in (files, None):
        options = ConvertOptions(segments=frozenset(numbers))
        whole, some = convert(path, images, options), convert(fetched.path, images, options)
        assert [segment.to_json() for segment in whole.segments] == [segment.to_json() for segment in some.segments]
        assert all(np.array_equal(one, other) for one, other in zip(whole.layers, some.layers, strict=True))
        assert whole.warnings == some.warnings


def test_only_the_header_and_the_frames_of_the_segments_are_read(many, tmp_path):
    path, _ = many
    item = Elsewhere(path.read_bytes())
    head = read_seg_head(item)
    header = item.asked[-1][1]
    assert header < item.size
    item.asked.clear()
    fetched = fetch_segments(head, {2}, tmp_path / "some.dcm", Task())
    assert sorted(item.asked) == ranges_of(head, {2})
    read = sum(stop - start for start, stop in item.asked)
    assert fetched.bytes_read == header + read and fetched.size == item.size
    bits = 1 if head.seg.kind == "BINARY" else 8
    frames = int((head.frames.segment == 2).sum())
    assert frames * ROWS * COLUMNS * bits / 8 <= read <= frames * ROWS * COLUMNS * bits / 8 + 2
    assert head.bytes_of([2]) == read < item.size / 4


def test_long_parts_are_read_piece_by_piece(many, monkeypatch, tmp_path):
    monkeypatch.setattr(some_segments, "_LONGEST", 1500)
    path, _ = many
    item = Elsewhere(path.read_bytes())
    head = read_seg_head(item)
    item.asked.clear()
    fetched = fetch_segments(head, {2}, tmp_path / "some.dcm", Task())
    [(start, stop)] = ranges_of(head, {2})
    assert item.asked == [(at, min(at + 1500, stop)) for at in range(start, stop, 1500)]
    assert fetched.path.read_bytes()[start:stop] == item.data[start:stop]


@pytest.mark.parametrize(("most", "is_possible"), [(0, True), (-1, False)])
def test_frames_in_very_many_places_are_not_fetched(many, monkeypatch, tmp_path, most, is_possible):
    monkeypatch.setattr(some_segments, "_LONGEST", 5000)
    path, _ = many
    head = read_seg_head(Elsewhere(path.read_bytes()))
    count = sum(-(-(stop - start) // 5000) for start, stop in ranges_of(head, {2}))
    monkeypatch.setattr(some_segments, "_MOST_PARTS", count + most)
    if is_possible:
        assert fetch_segments(head, {2}, tmp_path / "some.dcm", Task()).path.is_file()
        return
    with pytest.raises(InputError, match=rf"^The frames of these segments lie in {count} places of seg\.dcm\. Download it, then choose segments\."):
        fetch_segments(head, {2}, tmp_path / "some.dcm", Task())
    assert not list(tmp_path.iterdir())


def test_the_progress_of_a_fetch_is_told_in_bytes(many, monkeypatch, tmp_path):
    monkeypatch.setattr(some_segments, "_LONGEST", 20000)
    path, _ = many
    head = read_seg_head(Elsewhere(path.read_bytes()))
    seen = []
    fetched = fetch_segments(head, {2}, tmp_path / "some.dcm", Task(lambda progress: seen.append((progress.done, progress.total, progress.unit))))
    total = head.bytes_of({2})
    assert seen == [(done, total, "B") for done in range(0, total, 20000)] and fetched.bytes_read == len(head.data) + total


def test_what_was_not_read_is_empty_and_a_segment_of_it_is_not_asked_for(many, tmp_path):
    path, _ = many
    fetched = fetch_segments(read_seg_head(Elsewhere(path.read_bytes())), {2}, tmp_path / "some.dcm", Task())
    assert fetched.path.stat().st_size == path.stat().st_size
    whole = convert(fetched.path)
    assert [segment.voxels > 0 for segment in whole.segments][1] and not whole.segments[4].voxels


def test_a_part_of_another_length_is_not_taken(many, tmp_path):
    path, _ = many
    head = read_seg_head(Elsewhere(path.read_bytes()))
    head.item.short = 1
    with pytest.raises(TransferError, match="were asked for"):
        fetch_segments(head, {2}, tmp_path / "some.dcm", Task())
    assert not list(tmp_path.iterdir())


def test_numbers_that_are_not_there_and_places_that_cannot_be_written_are_named(many, tmp_path):
    path, _ = many
    head = read_seg_head(Elsewhere(path.read_bytes()))
    with pytest.raises(NotFoundError, match="has no segment 9"):
        fetch_segments(head, {1, 9}, tmp_path / "some.dcm", Task())
    with pytest.raises(StorageError, match=r"some\.dcm cannot be written \(No such file or directory\)\. Free some disk space\."):
        fetch_segments(head, {1}, tmp_path / "nowhere" / "some.dcm", Task())
    assert not list(tmp_path.iterdir())


def test_label_maps_and_packed_deflated_or_big_endian_files_are_had_as_a_whole_only(tmp_path):
    images = sf.images()
    made = sf.save(sf.seg(images, sf.labels(), kind="LABELMAP"), tmp_path / "labelmap.dcm")
    head = read_seg_head(Elsewhere(made.read_bytes()))
    assert "label map" in head.why_whole and head.bytes_of([1]) == made.stat().st_size
    with pytest.raises(InputError, match="as a whole only"):
        fetch_segments(head, {1}, tmp_path / "some.dcm", Task())
    big_endian = sf.save_as(sf.seg(images, sf.labels()), tmp_path / "big.dcm", "1.2.840.10008.1.2.2")
    packed = sf.save(sf.seg(images, sf.labels(), kind="FRACTIONAL", transfer_syntax="1.2.840.10008.1.2.5"), tmp_path / "packed.dcm")
    for whole, why in ((big_endian, "It is written in Explicit VR Big Endian."), (packed, "It is compressed.")):
        head = read_seg_head(Elsewhere(whole.read_bytes()))
        assert (head.why_whole, head.bytes_of([1])) == (why, whole.stat().st_size)
    deflated = sf.save_as(sf.seg(images, sf.labels()), tmp_path / "deflated.dcm", "1.2.840.10008.1.2.1.99")
    with pytest.raises(ConversionError, match="deflated"):
        read_seg_head(Elsewhere(deflated.read_bytes()))


def test_a_segmentation_of_another_series_is_not_taken(many):
    path, _ = many
    with pytest.raises(TransferError, match=r"is of another series \(.*\) than the one asked for \(1.2.3\), and is not used"):
        read_seg_head(Elsewhere(path.read_bytes(), series_uid="1.2.3"))


@pytest.mark.parametrize("content", [b"", b"<html>", b"\0" * 200])
def test_what_is_not_dicom_is_a_sentence(content):
    with pytest.raises(NotDicomError):
        read_seg_head(Elsewhere(content))


def test_a_file_that_is_cut_off_is_not_read_for_ever(many):
    path, _ = many
    with pytest.raises(ConversionError, match="cut off"):
        read_seg_head(Elsewhere(path.read_bytes()[:3000]))


def test_the_command_takes_a_file_as_well(many, capsys):
    path, _ = many
    assert main(["segments", str(path)]) == 0
    assert "read of seg.dcm" in capsys.readouterr().out


@pytest.mark.parametrize("written", ["label map", "deflated"])
def test_a_file_here_gives_segments_also_where_one_elsewhere_could_be_had_as_a_whole_only(tmp_path, capsys, written):
    dataset = sf.seg(sf.images(), sf.labels(), **({"kind": "LABELMAP"} if written == "label map" else {}))
    path = tmp_path / "seg.dcm"
    if written == "deflated":
        sf.save_as(dataset, path, "1.2.840.10008.1.2.1.99")
    else:
        sf.save(dataset, path)
    assert main(["segments", str(path)]) == 0
    assert "as a whole only" not in capsys.readouterr().out
    assert main(["segments", str(path), "--segments", "2", "--out", str(tmp_path / "two.nrrd"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["number"], one["voxels"]) for one in told["segments"]] == [(2, int((sf.labels() == 2).sum()))]
    assert told["bytes_read"] == 0 and (tmp_path / "two.nrrd").is_file()
