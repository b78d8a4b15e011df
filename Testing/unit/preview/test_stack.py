"""The frames of a series in their order, one by one, and thumbnails."""

from pathlib import Path

import numpy as np
import pytest
from helpers.dicom_files import image
from helpers.preview_objects import InMemory, in_memory, read_png
from helpers.side_files import FileServer

from IDCBrowserLib.errors import ConversionError, TransferError
from IDCBrowserLib.preview import stack as stacks
from IDCBrowserLib.preview.picture import Picture, from_png, to_png, to_pnm
from IDCBrowserLib.preview.stack import SeriesStack, open_stack
from IDCBrowserLib.preview.thumbnails import thumbnail_of
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.options import TransferOptions

UUID = "0a0a0a0a-0000-4000-8000-000000000001"


def planned(modality: str = "CT") -> PlannedSeries:
    return PlannedSeries(
        "1.2.826.0.1.3680043.10.1234.1", UUID, "c", "p", "1.2", modality, None, 1, 1000, None, "idc-open-data", "idc-open-data", 25, None
    )


def slices(count: int, **more: object) -> list[InMemory]:
    """Slice n has the value n everywhere, in an order that their names do not tell."""
    random = np.random.default_rng(0)
    return [
        in_memory(image(pixels=np.full((8, 8), number, np.int16), number=int(number) + 1, **more), f"{random.integers(10**9)}.dcm")
        for number in random.permutation(count)
    ]


def order(stack: SeriesStack) -> list[str]:
    return [stack.picture(number, Task()).description for number in range(len(stack))]


def test_slices_come_in_the_order_of_their_places_whatever_their_names() -> None:
    assert order(SeriesStack(slices(40), Task())) == [f"CT, image {number}" for number in range(1, 41)]


def test_slices_without_a_number_go_by_their_place() -> None:
    made = [
        in_memory(
            image(InstanceNumber=None, pixels=np.full((4, 4), z, np.int16), ImagePositionPatient=[0, 0, z], WindowCenter=8, WindowWidth=16), f"{z}"
        )
        for z in (9, 2, 5)
    ]
    stack = SeriesStack(made, Task())
    grays = [int(stack.picture(number, Task()).pixels[0, 0]) for number in range(3)]
    assert grays == sorted(grays) and len(set(grays)) == 3


def test_several_images_at_one_place_go_by_their_number() -> None:
    made = [in_memory(image(number=number, ImagePositionPatient=[0, 0, number % 2]), f"{number}") for number in (4, 1, 3, 2)]
    assert order(SeriesStack(made, Task())) == [f"CT, image {number}" for number in (1, 2, 3, 4)]


def test_what_is_no_image_is_left_out_and_none_at_all_is_said() -> None:
    assert len(SeriesStack([*slices(3), InMemory(b"nothing", "text.dcm")], Task())) == 3
    with pytest.raises(ConversionError, match="None of the objects of this series is an image"):
        SeriesStack([InMemory(b"nothing", "text.dcm"), InMemory(b"else", "more.dcm")], Task())


def test_only_the_beginning_of_each_object_is_read_to_order_them() -> None:
    made = [in_memory(image(pixels=np.zeros((200, 200), np.int16), number=number), f"{number}") for number in range(1, 6)]
    stack = SeriesStack(made, Task())
    assert all(sum(stop - start for start, stop in item.reads) <= stacks._HEAD_BYTES for item in made)
    stack.picture(2, Task())
    assert sum(1 for item in made if len(item.reads) > 1) == 1


def test_no_more_is_fetched_than_a_preview_is_worth_and_what_is_here_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "MAX_FETCHED_BYTES", 12_000)
    made = [in_memory(image(pixels=np.zeros((60, 60), np.int16), number=number), f"{number}") for number in range(1, 4)]
    stack = SeriesStack(made[:1], Task())
    with pytest.raises(ConversionError, match="were fetched for the preview"):
        for _time in range(3):
            stack._reader = None
            stack.picture(0, Task())


def test_a_series_whose_order_costs_more_than_a_preview_says_so_instead_of_looking_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    made = slices(12)
    monkeypatch.setattr(stacks, "MAX_FETCHED_BYTES", sum(min(item.size, stacks._HEAD_BYTES) for item in made) - 1)
    with pytest.raises(ConversionError, match="were fetched for the preview"):
        SeriesStack(made, Task())


def test_an_object_that_cannot_be_fetched_is_not_left_out_without_a_word() -> None:
    class Gone(InMemory):
        def read(self, start: int, stop: int) -> bytes:
            raise TransferError("The bucket does not answer.")

    with pytest.raises(TransferError, match="does not answer"):
        SeriesStack([*slices(3), Gone(b"x" * 100, "gone.dcm")], Task())


@pytest.mark.parametrize("length", [20_000, 60_000])
def test_a_header_that_goes_on_behind_a_long_element_is_read_on_and_no_byte_twice(length: int) -> None:
    made = []
    for number in (1, 2):
        dataset = image(number=number)
        dataset.add_new(0x00090010, "LO", "LONG")
        dataset.add_new(0x00091001, "OB", bytes(length))
        made.append(in_memory(dataset, f"{number}"))
    assert len(SeriesStack(made, Task())) == 2
    for item in made:
        assert [start for start, _stop in item.reads] == [0, stacks._HEAD_BYTES]


def test_frames_of_one_object_are_read_by_range_and_are_the_very_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IDCBrowserLib.preview.image._WHOLE_BYTES", 1000)
    pixels = np.stack([np.full((64, 64), 10 * number, np.uint8) for number in range(12)])
    dataset = image(pixels=pixels[0].astype(np.uint8), WindowCenter=64, WindowWidth=128)
    dataset.NumberOfFrames, dataset.PixelData, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 12, pixels.tobytes(), 8, 8, 7
    dataset.PixelRepresentation, dataset.RescaleIntercept, dataset.RescaleSlope = 0, 0, 1
    item = in_memory(dataset)
    stack = SeriesStack([item], Task())
    assert len(stack) == 12
    shown = [int(stack.picture(number, Task()).pixels[5, 5]) for number in (0, 7, 3, 11)]
    expected = [min(255, round(255 * ((10 * number - 63.5) / 127 + 0.5))) for number in (0, 7, 3, 11)]
    assert np.abs(np.array(shown) - expected).max() <= 1
    assert stack.picture(7, Task()).description == "CT, frame 8 of 12"


def test_images_without_a_window_are_all_shown_with_that_of_the_first() -> None:
    made = [
        in_memory(
            image(
                pixels=np.array([[0, top], [top // 2, top]], np.int16),
                number=number,
                Modality="MR",
                WindowCenter=None,
                WindowWidth=None,
                RescaleIntercept=None,
                RescaleSlope=None,
            ),
            f"{number}",
        )
        for number, top in ((1, 100), (2, 1000))
    ]
    stack = SeriesStack(made, Task())
    first, second = stack.picture(0, Task()).pixels, stack.picture(1, Task()).pixels
    assert first[0, -1] >= 250 and second[1, 0] >= 250, "500 is above the window of the first image"


def test_a_series_of_more_than_one_page_of_a_listing_is_ordered_whole(tmp_path: Path) -> None:
    made = slices(3)
    keys = [f"{UUID}/0b0b0b0b-0000-4000-8000-00000000000{number}.dcm" for number in range(3)]

    def page(numbers: list[int], token: str) -> tuple[int, dict[str, str], bytes]:
        contents = "".join(f"<Contents><Key>{keys[number]}</Key><Size>{made[number].size}</Size></Contents>" for number in numbers)
        more = (
            f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>" if token else "<IsTruncated>false</IsTruncated>"
        )
        return 200, {}, f"<ListBucketResult>{contents}{more}</ListBucketResult>".encode()

    listing = f"/idc-open-data?list-type=2&prefix={UUID}%2F"
    answers = {
        listing: page([0, 1], "a/b+"),
        f"{listing}&continuation-token=a%2Fb%2B": page([2], ""),
        **{f"/idc-open-data/{key}": (200, {}, item.content) for key, item in zip(keys, made, strict=True)},
    }
    with FileServer(answers) as server:
        stack = open_stack(planned(), TransferOptions(endpoint_url=server.url), Task())
        assert order(stack) == ["CT, image 1", "CT, image 2", "CT, image 3"]


def test_files_that_are_here_are_read_without_any_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "MAX_FETCHED_BYTES", 0)
    files = []
    for item in slices(3):
        files.append(tmp_path / item.label)
        files[-1].write_bytes(item.content)
    assert len(order(open_stack(planned(), TransferOptions(), Task(), files))) == 3


@pytest.mark.parametrize("modality", ["SEG", "RTSTRUCT", "SM"])
def test_what_has_one_picture_is_not_leafed_through(modality: str) -> None:
    with pytest.raises(ConversionError, match="one picture"):
        open_stack(planned(modality), TransferOptions(), Task())


def test_a_png_of_ours_is_read_back_exactly(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    for shape in ((37, 50), (20, 31, 3)):
        made = Picture(random.integers(0, 256, shape, np.uint8), "Æ picture")
        again = from_png(to_png(made))
        assert np.array_equal(again.pixels, made.pixels) and again.description == "Æ picture"
    for damaged in (b"", b"\x89PNG\r\n\x1a\n", to_png(made)[:200], to_png(made)[:-60] + bytes(60)):
        try:
            from_png(damaged)
        except ValueError:
            continue


def test_a_pnm_is_what_qt_reads_whatever_its_name(tmp_path: Path) -> None:
    pixels = np.arange(12 * 7, dtype=np.uint8).reshape(12, 7)
    assert np.array_equal(read_png(to_pnm(Picture(pixels, "")))[..., 0], pixels)


def test_a_thumbnail_is_small_and_the_preview_it_was_made_of_is_kept(tmp_path: Path) -> None:
    big = tmp_path / "big.dcm"
    big.write_bytes(in_memory(image(pixels=np.full((400, 300), 40, np.int16))).content)
    made = thumbnail_of(planned(), TransferOptions(), tmp_path / "cache", Task(), [big])
    assert made.file is not None and max(read_png(made.file).shape) == 192
    assert made.description == "CT, image 1"
    big.unlink()
    assert thumbnail_of(planned(), TransferOptions(), tmp_path / "cache", Task()) == made
    assert len(list((tmp_path / "cache" / "previews").iterdir())) == 1


def test_a_thumbnail_is_not_worth_a_large_object(tmp_path: Path) -> None:
    key = f"{UUID}/0b0b0b0b-0000-4000-8000-000000000001.dcm"
    content = in_memory(image(pixels=np.zeros((20, 20), np.int16))).content
    listing = (
        f"<ListBucketResult><Contents><Key>{key}</Key><Size>30000000</Size></Contents><IsTruncated>false</IsTruncated></ListBucketResult>".encode()
    )
    answers = {
        f"/idc-open-data?list-type=2&prefix={UUID}%2F": (200, {}, listing),
        f"/idc-open-data/{key}": (206, {}, content + bytes((1 << 16) - len(content))),
    }
    with FileServer(answers) as server, pytest.raises(ConversionError, match="Too large for a preview"):
        thumbnail_of(planned(), TransferOptions(endpoint_url=server.url), tmp_path, Task())
