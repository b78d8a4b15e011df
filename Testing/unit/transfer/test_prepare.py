"""What of a listed series has to come: what lies there is believed by its record, else compared."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.planned import planned

from IDCBrowserLib.errors import StorageError, TransferError
from IDCBrowserLib.transfer import prepare as module
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.folders.series_folder import SeriesFolder
from IDCBrowserLib.transfer.listing import BucketClient, RemoteObject
from IDCBrowserLib.transfer.prepare import PreparedSeries, prepare

CONTENT, OTHER = b"as listed", b"otherwise"


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _object(name: str, content: bytes = CONTENT, md5: str | None = None) -> RemoteObject:
    return RemoteObject(f"u/{name}", name, len(content), _md5(content) if md5 is None else md5)


class Bucket:
    """Answers with these listings, one after the other, and the last again; ``etag_is_md5`` as the server says of its encryption."""

    def __init__(self, *listings: list[RemoteObject]) -> None:
        self.listings = list(listings)
        self.listed = 0
        self.says_md5 = True

    def list_series(self, bucket: str, series_uuid: str) -> list[RemoteObject]:
        self.listed += 1
        return self.listings[min(self.listed, len(self.listings)) - 1]

    def etag_is_md5(self, bucket: str, key: str) -> bool:
        return self.says_md5


class Place:
    """The folder of a series, which is there, and the journal of this user."""

    def __init__(self, to: Path) -> None:
        self.folder = to / "series"
        self.folder.mkdir()
        self._path = to / "journal.sqlite"
        self.journal = Journal(self._path, "monday", lambda: 50.0)
        self._top = Folder.at(to)
        self.read = 0

    def put(self, name: str, content: bytes = CONTENT) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def start_again(self) -> None:
        self.journal.close()
        self.journal = Journal(self._path, "tuesday", lambda: 50.0)

    def prepare(self, bucket: Bucket, **changes: object) -> PreparedSeries:
        def go_on() -> None:
            self.read += 1

        self.read = -1
        client: BucketClient = bucket  # type: ignore[assignment]
        return prepare(planned("u", **changes), client, "b", SeriesFolder(self._top, "series"), journal=self.journal, go_on=go_on)

    def close(self) -> None:
        self.journal.close()
        self._top.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.close()


def _names(objects: tuple[RemoteObject, ...]) -> list[str]:
    return [one.name for one in objects]


def test_what_is_there_is_read_once_and_then_believed_by_its_record(place: Place) -> None:
    bucket = Bucket([_object("a.dcm"), _object("b.dcm"), _object("c.dcm")])
    place.put("a.dcm")
    place.put("b.dcm", OTHER)
    found = place.prepare(bucket)
    assert (_names(found.objects), _names(found.present), _names(found.missing)) == (["a.dcm", "b.dcm", "c.dcm"], ["a.dcm"], ["b.dcm", "c.dcm"])
    assert (place.read, found.by_size, found.absent) == (2, 0, ())
    # What is to come is ours from now on, whatever happens on the way.
    assert set(place.journal.owned(place.folder)) == {"a.dcm", "b.dcm", "c.dcm"}
    assert _names(place.prepare(bucket).present) == ["a.dcm"] and place.read == 1


@pytest.mark.parametrize("change", ["size", "time", "listing"])
def test_what_has_changed_since_is_read_again(change: str, place: Place) -> None:
    path = place.put("a.dcm")
    place.prepare(Bucket([_object("a.dcm")]))
    if change == "size":
        path.write_bytes(CONTENT + b"!")
    elif change == "time":
        os.utime(path, ns=(1, 1))
    content = OTHER if change == "listing" else CONTENT
    found = place.prepare(Bucket([_object("a.dcm", content)]))
    assert _names(found.present) == (["a.dcm"] if change == "time" else [])
    assert place.read == (0 if change == "size" else 1)


@pytest.mark.parametrize(("md5", "says_md5", "by_size"), [("", True, 0), (_md5(OTHER), False, 1)])
def test_what_can_only_be_compared_by_size_is_counted_and_not_believed_after_a_start(md5: str, says_md5: bool, by_size: int, place: Place) -> None:
    bucket = Bucket([_object("a.dcm", md5=md5)])
    bucket.says_md5 = says_md5
    place.put("a.dcm")
    for _ in range(2):
        found = place.prepare(bucket)
        assert (_names(found.present), found.by_size) == (["a.dcm"], by_size)
    place.start_again()
    assert _names(place.prepare(bucket).missing) == ["a.dcm"]


def test_what_has_its_md5_is_believed_after_a_start_when_it_was_read_again(place: Place) -> None:
    bucket = Bucket([_object("a.dcm")])
    place.put("a.dcm")
    place.prepare(bucket)
    place.start_again()
    assert (_names(place.prepare(bucket).present), place.read) == (["a.dcm"], 1)
    assert (_names(place.prepare(bucket).present), place.read) == (["a.dcm"], 0)


@pytest.mark.parametrize(("expected", "asked", "found"), [(None, 1, 1), (0, 1, 1), (1, 1, 1), (2, 2, 2), (3, 2, 2)])
def test_a_listing_shorter_than_the_index_states_is_asked_for_once_more(expected: int | None, asked: int, found: int, place: Place) -> None:
    bucket = Bucket([_object("a.dcm")], [_object("a.dcm"), _object("b.dcm")])
    assert len(place.prepare(bucket, instance_count=expected).objects) == found
    assert bucket.listed == asked


def test_the_longer_of_two_listings_counts(place: Place) -> None:
    bucket = Bucket([_object("a.dcm"), _object("b.dcm")], [_object("a.dcm")])
    assert len(place.prepare(bucket, instance_count=3).objects) == 2


def test_single_instances_are_those_that_were_asked_for(place: Place) -> None:
    found = place.prepare(Bucket([_object("a.dcm"), _object("b.dcm"), _object("c.dcm")]), instances=("c", "x", "a"))
    assert (_names(found.missing), found.absent) == (["c.dcm", "a.dcm"], ("x.dcm",))


def test_two_names_that_some_disks_take_for_one_are_refused(place: Place) -> None:
    with pytest.raises(TransferError, match="differ in letter case only"):
        place.prepare(Bucket([_object("a.dcm"), _object("A.dcm")]))


def test_without_a_folder_all_of_it_has_to_come(place: Place) -> None:
    place.folder.rmdir()
    assert _names(place.prepare(Bucket([_object("a.dcm")])).missing) == ["a.dcm"]


@pytest.mark.parametrize("what", ["link", "folder"])
def test_what_stands_in_the_place_of_a_file_is_not_replaced(what: str, place: Place, tmp_path: Path) -> None:
    (place.folder / "a.dcm").symlink_to(tmp_path) if what == "link" else (place.folder / "a.dcm").mkdir()
    with pytest.raises(StorageError, match=r"a\.dcm is not a file but a link or folder"):
        place.prepare(Bucket([_object("a.dcm")]))


def test_what_cannot_be_read_is_fetched_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    place.put("a.dcm")
    monkeypatch.setattr(module, "compare", fail)
    assert _names(place.prepare(Bucket([_object("a.dcm")])).missing) == ["a.dcm"]


@pytest.mark.parametrize("way", ["status", "names"])
def test_a_folder_that_the_disk_refuses_is_said(way: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    place.put("a.dcm")
    if way == "status":
        monkeypatch.setattr(Folder, "status", fail)
    else:
        monkeypatch.setattr(SeriesFolder, "open", fail)
    with pytest.raises(StorageError, match=r"cannot be written \(Input/output error\)"):
        place.prepare(Bucket([_object("a.dcm")]))
