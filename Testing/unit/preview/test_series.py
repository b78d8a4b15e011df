"""Which object of a series is shown, and what comes of servers that misbehave."""

from pathlib import Path

import numpy as np
import pytest
from helpers.dicom_files import image
from helpers.preview_objects import InMemory, in_memory
from helpers.side_files import Answer, FileServer

from IDCBrowserLib.errors import ConversionError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.preview.cache import PictureCache
from IDCBrowserLib.preview.choosing import middle, thumbnail
from IDCBrowserLib.preview.remote import BucketReader
from IDCBrowserLib.preview.series import Preview, preview
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.options import TransferOptions

UUID = "0a0a0a0a-0000-4000-8000-000000000001"
# Of the images that are made.
SERIES_UID = "1.2.826.0.1.3680043.10.1234.1"
KEY = f"{UUID}/0b0b0b0b-0000-4000-8000-000000000001.dcm"
LISTING = f"/idc-open-data?list-type=2&prefix={UUID}%2F"


def planned(modality: str = "CT") -> PlannedSeries:
    return PlannedSeries(SERIES_UID, UUID, "c", "p", "1.2", modality, None, 1, 1000, None, "idc-open-data", "idc-open-data", 25, None)


def listing(*objects: tuple[str, int]) -> Answer:
    contents = "".join(f"<Contents><Key>{key}</Key><Size>{size}</Size></Contents>" for key, size in objects)
    return 200, {}, f"<ListBucketResult>{contents}<IsTruncated>false</IsTruncated></ListBucketResult>".encode()


def asked(server: FileServer, cache: Path, modality: str = "CT") -> Preview:
    return preview(planned(modality), TransferOptions(endpoint_url=server.url), PictureCache(cache), Task())


def slices(count: int) -> list[InMemory]:
    random = np.random.default_rng(0)
    return [in_memory(image(number=int(number) + 1), f"{number}.dcm") for number in random.permutation(count)]


def test_the_slice_in_the_middle_is_chosen_whatever_the_names() -> None:
    assert middle(slices(15), Task()).label == "7.dcm"
    many = slices(101)
    assert abs(int(middle(many, Task()).label[:-4]) - 50) <= 15
    assert sum(len(item.reads) for item in many) == 16, "of many only some are looked at"


def test_a_localizer_among_the_slices_is_not_chosen() -> None:
    scout = in_memory(image(number=99, ImagePositionPatient=[0, 0, 16], ImageOrientationPatient=[0, 1, 0, 0, 0, -1]), "scout.dcm")
    assert middle([scout, *slices(9)], Task()).label == "4.dcm"


def test_images_without_a_place_go_by_their_number() -> None:
    made = [in_memory(image(number=n, ImagePositionPatient=None, ImageOrientationPatient=None), f"{n}.dcm") for n in (3, 1, 2)]
    assert middle(made, Task()).label == "2.dcm"
    broken = [InMemory(b"nothing", f"{n}.dcm") for n in range(3)]
    assert middle(broken, Task()) in broken


def test_of_a_slide_the_thumbnail_is_chosen_and_never_the_label() -> None:
    kinds = {"label.dcm": ["LABEL", 10], "level.dcm": ["VOLUME", 200], "thumb.dcm": ["THUMBNAIL", 100], "over.dcm": ["OVERVIEW", 20]}
    made = {
        name: in_memory(image(pixels=np.zeros((size, 4), np.int16), ImageType=["ORIGINAL", "PRIMARY", kind, "NONE"]), name)
        for name, (kind, size) in kinds.items()
    }
    assert thumbnail(list(made.values()), Task()).label == "thumb.dcm"
    assert thumbnail([made["label.dcm"], made["over.dcm"], made["level.dcm"]], Task()).label == "level.dcm"
    assert thumbnail([made["label.dcm"], made["over.dcm"]], Task()).label == "over.dcm"


def test_reports_have_no_picture_and_nothing_is_asked_for(tmp_path: Path) -> None:
    with FileServer({}) as server:
        assert asked(server, tmp_path, "SR") == Preview(None, "Structured reports do not contain images.")
        assert server.asked == []


def test_a_server_that_knows_no_ranges_is_read_as_well(tmp_path: Path) -> None:
    content = in_memory(image(pixels=np.full((200, 300), 40, np.int16))).content
    with FileServer({LISTING: listing((KEY, len(content))), f"/idc-open-data/{KEY}": (200, {}, content)}) as server:
        assert asked(server, tmp_path).description == "CT, image 1"


def test_a_segmentation_that_is_too_large_is_not_fetched(tmp_path: Path) -> None:
    with FileServer({LISTING: listing((KEY, 112_000_000))}) as server:
        with pytest.raises(ConversionError, match=r"^Too large for a preview \(112 MB\)\.$"):
            asked(server, tmp_path, "SEG")
        assert server.asked == [LISTING]


@pytest.mark.parametrize("modality", ["SEG", "RTSTRUCT", "CT"])
def test_a_damaged_object_is_named_without_a_temporary_folder(tmp_path: Path, modality: str) -> None:
    with FileServer({LISTING: listing((KEY, 300)), f"/idc-open-data/{KEY}": (206, {}, b"x" * 300)}) as server:
        with pytest.raises(ConversionError) as caught:
            asked(server, tmp_path, modality)
        assert "0b0b0b0b" in str(caught.value) and "/tmp" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "answer",
    [
        (403, {}, b"denied"),
        (200, {}, b"<html>sign in</html>"),
        listing(),
        (200, {}, b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"),
        listing(("other/x.dcm", 5)),
    ],
)
def test_a_bucket_that_answers_badly_is_a_failed_transfer(tmp_path: Path, answer: Answer) -> None:
    with FileServer({LISTING: answer}) as server, pytest.raises(TransferError):
        asked(server, tmp_path)


def test_of_a_server_that_sends_objects_only_whole_nothing_far_inside_a_large_one_is_asked() -> None:
    content = bytes(range(256))
    with FileServer({"/bucket/a.dcm": (200, {}, content)}) as server:
        item = BucketReader(server.url, Network()).object_at("bucket", "a.dcm", "a.dcm", 2_000_000_000)
        assert item.read(100, 104) == content[100:104]
        with pytest.raises(TransferError, match="only as a whole"):
            item.read(1_500_000_000, 1_500_000_100)


def test_a_server_that_is_not_there_is_a_failed_transfer(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="cannot be reached"):
        preview(planned(), TransferOptions(endpoint_url="http://127.0.0.1:9"), PictureCache(tmp_path), Task())


def test_the_next_provider_is_asked_when_the_first_does_not_have_it(tmp_path: Path) -> None:
    content = in_memory(image(pixels=np.full((20, 30), 40, np.int16))).content
    with FileServer({}) as first, FileServer({LISTING: listing((KEY, len(content))), f"/idc-open-data/{KEY}": (206, {}, content)}) as second:
        options = TransferOptions("auto", endpoint_url=first.url, gcs_endpoint_url=second.url)
        assert preview(planned(), options, PictureCache(tmp_path), Task()).file is not None
