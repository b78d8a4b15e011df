"""The first stage: which series are listed when and where, and what becomes of those that cannot be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.begun_transfer import BegunTransfer, remote

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.transfer import lister as module
from IDCBrowserLib.transfer.context import SeriesWork
from IDCBrowserLib.transfer.folders.series_lock import SeriesLocks
from IDCBrowserLib.transfer.lister import Lister
from IDCBrowserLib.transfer.listing import EndpointDownError, RemoteObject
from IDCBrowserLib.transfer.options import TransferOptions

BOTH = TransferOptions(provider="auto")


class Bucket:
    """A place that answers with ``holds``, or an error; ``asked`` lists the series that it was asked for, and ``go_on`` lets it answer."""

    def __init__(self, holds: Sequence[RemoteObject] | Exception) -> None:
        self.holds = holds
        self.asked: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def list_series(self, _bucket: str, series_uuid: str) -> list[RemoteObject]:
        self.asked.append(series_uuid)
        assert self.go_on.wait(60)
        if isinstance(self.holds, Exception):
            raise self.holds
        return list(self.holds)

    def etag_is_md5(self, _bucket: str, _key: str) -> bool:
        return True


class Listing(BegunTransfer):
    """A transfer whose series wait to be listed; ``told`` are those of which something is missing: (number, provider, names)."""

    def __init__(self, to: Path, options: TransferOptions = BOTH, count: int = 2, **values: object) -> None:
        super().__init__(to, options, count, **{"gcs_bucket": "of-google", **values})
        self.aws, self.gcs = Bucket([remote(0, "a.dcm")]), Bucket([remote(0, "a.dcm")])
        self.context.clients = {"aws": self.aws, "gcs": self.gcs}  # type: ignore[dict-item]
        self.told: list[tuple[int, str, list[str]]] = []
        self.lister = Lister(self.context, self.items, self._tell)

    def _tell(self, work: SeriesWork, provider: str, missing: Sequence[RemoteObject]) -> None:
        self.told.append((self.items.index(work.item), provider, [one.name for one in missing]))

    def list(self, until: Callable[[], object] | None = None) -> None:
        def started() -> object:
            self.lister.start()
            return until() if until is not None else self.lister.is_done

        self.take_events(started)

    def close(self) -> None:
        for bucket in (self.aws, self.gcs):
            bucket.go_on.set()
        self.lister.close()
        super().close()


@pytest.fixture
def listing(tmp_path: Path) -> Iterator[Listing]:
    found = Listing(tmp_path)
    yield found
    found.close()


def test_what_is_missing_of_a_series_is_told_with_the_place_where_it_is(listing: Listing) -> None:
    assert not listing.lister.is_done and not listing.lister.waits
    (listing.incoming.top.path / Path("CT_0")).mkdir()
    (listing.incoming.top.path / Path("CT_0", "a.dcm")).write_bytes(b"DICM")
    listing.aws.holds = [remote(0, "a.dcm", md5=""), remote(0, "b.dcm", b"1234567"), remote(0, "c.dcm", b"12", md5="")]
    listing.items[1].series = listing.items[1].series._replace(instances=("b", "x"))
    listing.list()
    assert sorted(listing.told) == [(0, "aws", ["b.dcm", "c.dcm"]), (1, "aws", ["b.dcm"])]
    first, second = (listing.context.works[item] for item in listing.items)
    assert (first.sizes, list(first.waiting), first.looked) == ({"a.dcm": 4, "b.dcm": 7, "c.dcm": 2}, ["b.dcm", "c.dcm"], False)
    assert (second.sizes, list(second.waiting)) == ({"b.dcm": 7}, ["x.dcm", "b.dcm"])
    assert [(one.remote.name, one.failure and one.failure.text) for one in second.failed] == [("x.dcm", "it is not in the bucket")]
    assert [(item.files_total, item.bytes_total, item.files_done, item.bytes_done, item.bytes_fetched) for item in listing.items] == [
        (3, 13, 1, 4, 0),
        (2, 7, 0, 0, 0),
    ]
    assert [item.size_only for item in listing.items] == [2, 0]
    assert listing.states() == ["transferring", "transferring"]


def test_a_series_that_lies_there_is_complete_without_another_look(listing: Listing) -> None:
    for number in range(2):
        (listing.incoming.top.path / Path(f"CT_{number}")).mkdir()
        (listing.incoming.top.path / Path(f"CT_{number}", "a.dcm")).write_bytes(b"DICM")
    listing.list()
    assert listing.told == [] and listing.states() == ["complete", "complete"]
    assert listing.items[0].files() == {"a.dcm": 4} and listing.context.works == {}
    assert listing.context.committed == 0


def test_what_one_place_does_not_have_is_listed_at_the_next_and_fails_with_the_reason_of_the_last(listing: Listing) -> None:
    listing.aws.holds = TransferError("It is not at Amazon.")
    listing.list()
    assert sorted(listing.told) == [(0, "gcs", ["a.dcm"]), (1, "gcs", ["a.dcm"])] and listing.context.down == {}
    assert sorted(listing.aws.asked) == sorted(listing.gcs.asked) == ["uuid-0", "uuid-1"]


def test_a_series_that_no_place_has_fails_with_the_reason_of_the_last_and_stops_nothing(listing: Listing) -> None:
    listing.aws.holds, listing.gcs.holds = TransferError("It is not at Amazon."), TransferError("It is not at Google.")
    listing.list()
    assert [item.error for item in listing.items] == ["It is not at Google."] * 2
    assert listing.context.stopped_because == ""
    assert sorted(listing.aws.asked) == sorted(listing.gcs.asked) == ["uuid-0", "uuid-1"]


def test_a_place_that_is_down_is_asked_no_more_and_the_transfer_goes_on_at_the_other(tmp_path: Path) -> None:
    listing = Listing(tmp_path, count=20)
    listing.aws.holds = EndpointDownError("Amazon does not answer.")
    listing.list()
    assert listing.context.down == {"aws": "Amazon does not answer."} and listing.context.stopped_because == ""
    # The first ones were asked for before it was known.
    assert len(listing.aws.asked) <= 16 and len(listing.gcs.asked) == 20
    assert {provider for _number, provider, _names in listing.told} == {"gcs"} and len(listing.told) == 20
    listing.close()


@pytest.mark.parametrize(
    ("aws", "gcs", "moves", "stops"),
    [
        (EndpointDownError, EndpointDownError, 0, True),
        (EndpointDownError, EndpointDownError, 1, False),
        (EndpointDownError, TransferError, 0, False),
        (TransferError, EndpointDownError, 0, False),
    ],
)
def test_only_when_every_place_is_down_and_nothing_moves_the_transfer_ends(
    aws: type[TransferError], gcs: type[TransferError], moves: int, stops: bool, tmp_path: Path
) -> None:
    listing = Listing(tmp_path, count=3)
    listing.aws.holds, listing.gcs.holds = aws("Amazon."), gcs("Google.")
    listing.context.cancel(listing.items[2])
    listing.context.works[listing.items[2]] = SeriesWork(listing.items[2], None, open=moves)  # type: ignore[arg-type]
    listing.list()
    assert listing.context.stopped_because == ("Google." if stops else "")
    assert [item.error for item in listing.items[:2]] == ["Google.", "Google."]
    listing.context.works.clear()
    listing.close()


def test_a_series_of_a_place_that_is_known_to_be_down_says_so(tmp_path: Path) -> None:
    listing = Listing(tmp_path, TransferOptions())
    listing.context.down["aws"] = "Amazon does not answer."
    listing.list()
    assert listing.aws.asked == [] and [item.error for item in listing.items] == ["Amazon does not answer."] * 2
    listing.close()


def test_a_series_without_a_bucket_at_the_chosen_place_is_asked_for_nowhere(tmp_path: Path) -> None:
    listing = Listing(tmp_path, TransferOptions(provider="gcs"), gcs_bucket=None)
    listing.list()
    assert [item.error for item in listing.items] == ["IDC has no bucket for this series at the chosen provider"] * 2
    assert listing.aws.asked == listing.gcs.asked == []
    listing.close()


def test_where_the_folder_of_a_series_cannot_be_used_no_other_place_is_asked(listing: Listing) -> None:
    (listing.incoming.top.path / Path("CT_0")).write_text("mine")
    listing.list()
    assert listing.states() == ["failed", "transferring"] and "CT_0 is a file where a folder is needed" in listing.items[0].error
    assert listing.gcs.asked == []


def test_sixteen_series_are_listed_ahead_and_the_next_when_one_is_through(tmp_path: Path) -> None:
    listing = Listing(tmp_path, count=18)
    listing.aws.go_on.clear()
    listing.lister.start()
    assert listing.states().count("listing") == 16
    listing.lister.start()
    assert listing.states().count("listing") == 16 and not listing.lister.is_done
    listing.aws.go_on.set()
    listing.take_events(lambda: listing.told)
    listing.lister.start()
    assert sum(state != "queued" for state in listing.states()) == 17
    listing.list()
    assert len(listing.told) == 18
    listing.close()


def test_what_has_ended_what_is_no_series_and_what_another_one_fetches_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    listing = Listing(tmp_path, count=4)
    other = SeriesLocks(listing.incoming.top)
    assert other.take("uuid-2")
    listing.context.cancel(listing.items[0])
    listing.items[1].series = listing.items[1].series._replace(crdc_series_uuid="../other")
    listing.list(lambda: listing.told)
    assert listing.told == [(3, "aws", ["a.dcm"])]
    assert listing.states() == ["cancelled", "failed", "queued", "transferring"]
    assert listing.lister.waits and not listing.lister.is_done
    listing.lister.start()
    other.release("uuid-2")
    now[0] += 0.4
    listing.lister.start()
    assert listing.states()[2] == "queued", "it is asked seldom"
    now[0] += 0.1
    listing.list()
    assert listing.told[1:] == [(2, "aws", ["a.dcm"])] and not listing.lister.waits
    other.close()
    listing.close()


@pytest.mark.parametrize("answer", [TransferError("It is not there."), EndpointDownError("It is down."), [remote(0, "a.dcm")]])
def test_what_is_canceled_while_it_is_listed_goes_no_further(answer: Sequence[RemoteObject] | Exception, listing: Listing) -> None:
    listing.aws.go_on.clear()
    listing.aws.holds = answer
    listing.lister.start()
    for item in listing.items:
        listing.context.cancel(item)
    assert not listing.lister.is_done
    listing.aws.go_on.set()
    listing.list()
    assert listing.told == [] and listing.gcs.asked == [] and listing.states() == ["cancelled"] * 2
    assert listing.context.down == {} and listing.context.stopped_because == ""
