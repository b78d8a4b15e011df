"""Listings of several pages, as a server answers them: where they go on, where they end, and which answers are asked for again."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import requests
from helpers.side_files import Answer, FileServer

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.transfer import listing
from IDCBrowserLib.transfer.listing import BucketClient, EndpointDownError

UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
FIRST = f"/b?list-type=2&prefix={UUID}%2F"


def _page(number: int, following: str = "", files: int = 1) -> Answer:
    entries = "".join(f"<Contents><Key>{UUID}/{number}-{n}.dcm</Key><Size>5</Size></Contents>" for n in range(files))
    rest = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{following}</NextContinuationToken>" if following else ""
    return 200, {}, f"<ListBucketResult>{rest}{entries}</ListBucketResult>".encode()


@pytest.fixture
def answers() -> dict[str, Answer]:
    return {}


@pytest.fixture
def server(answers: dict[str, Answer]) -> Iterator[FileServer]:
    with FileServer(answers) as running:
        yield running


def _client(server: FileServer, slept: list[float] | None = None) -> BucketClient:
    return BucketClient(server.url, Network("none"), attempts=3, first_wait_s=0.5, sleep=([] if slept is None else slept).append)


def test_each_page_is_asked_for_with_the_token_of_the_one_before(server: FileServer, answers: dict[str, Answer]) -> None:
    answers[FIRST] = _page(1, "a/b+c=")
    answers[f"{FIRST}&continuation-token=a%2Fb%2Bc%3D"] = _page(2, "d", files=2)
    answers[f"{FIRST}&continuation-token=d"] = _page(3)
    assert [item.name for item in _client(server).list_series("b", UUID)] == ["1-0.dcm", "2-0.dcm", "2-1.dcm", "3-0.dcm"]
    assert len(server.asked) == 3


def test_a_token_that_comes_back_ends_it(server: FileServer, answers: dict[str, Answer]) -> None:
    answers[FIRST] = _page(1, "a")
    answers[f"{FIRST}&continuation-token=a"] = _page(2, "b")
    answers[f"{FIRST}&continuation-token=b"] = _page(3, "a")
    with pytest.raises(TransferError, match=r"does not end \(3 objects so far\)"):
        _client(server).list_series("b", UUID)
    assert len(server.asked) == 3


def _endless(answers: dict[str, Answer], pages: int, files: int = 1) -> None:
    answers[FIRST] = _page(0, "1", files)
    for number in range(1, pages):
        answers[f"{FIRST}&continuation-token={number}"] = _page(number, str(number + 1) if number < pages - 1 else "", files)


@pytest.mark.parametrize(("pages", "fits"), [(5, True), (6, False)])
def test_a_listing_has_so_many_pages_and_no_more(
    server: FileServer, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch, pages: int, fits: bool
) -> None:
    monkeypatch.setattr(listing, "_MAX_PAGES", 4)
    _endless(answers, pages)
    if fits:
        assert len(_client(server).list_series("b", UUID)) == pages
    else:
        with pytest.raises(TransferError, match=r"does not end \(5 objects"):
            _client(server).list_series("b", UUID)


@pytest.mark.parametrize(("most", "fits"), [(6, True), (5, False)])
def test_a_listing_has_so_many_objects_and_no_more(
    server: FileServer, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch, most: int, fits: bool
) -> None:
    """What is counted when another page is said to come."""
    monkeypatch.setattr(listing, "_MAX_OBJECTS", most)
    _endless(answers, 3, files=3)
    if fits:
        assert len(_client(server).list_series("b", UUID)) == 9
    else:
        with pytest.raises(TransferError, match=r"does not end \(6 objects"):
            _client(server).list_series("b", UUID)


def test_the_limits_hold_the_largest_series_of_idc() -> None:
    assert listing._MAX_OBJECTS > 91_980 and listing._MAX_PAGES * 1000 >= listing._MAX_OBJECTS


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_for_again_with_longer_pauses(server: FileServer, answers: dict[str, Answer], status: int) -> None:
    slept: list[float] = []
    answers[FIRST] = (status, {}, b"")
    with pytest.raises(TransferError):
        _client(server, slept).list_series("b", UUID)
    assert (len(server.asked), slept) == (3, [0.5, 1.0])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 428, 430, 499, 501, 505])
def test_what_is_refused_for_good_is_asked_for_once(server: FileServer, answers: dict[str, Answer], status: int) -> None:
    answers[FIRST] = (status, {}, b"")
    with pytest.raises(TransferError):
        _client(server).list_series("b", UUID)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "There is no bucket b at"), (403, r"The bucket b at \S+ refuses to be listed"), (500, "answered 500 for the bucket b")],
)
def test_a_refusal_says_what_it_may_be(server: FileServer, answers: dict[str, Answer], status: int, said: str) -> None:
    answers[FIRST] = (status, {}, b"")
    with pytest.raises(TransferError, match=said):
        _client(server).list_series("b", UUID)


def test_a_server_that_nobody_reaches_is_asked_as_often_and_then_down() -> None:
    slept: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(EndpointDownError, match=f"The server {url} cannot be reached"):
        BucketClient(f"{url}/", Network("none"), attempts=3, first_wait_s=0.5, sleep=slept.append).list_series("b", UUID)
    assert slept == [0.5, 1.0]


def test_a_server_that_is_silent_is_down_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = BucketClient(f"http://127.0.0.1:{silent.getsockname()[1]}", Network("none"), stall_s=0.1)
        with pytest.raises(EndpointDownError, match=r"sends hardly anything \(0.1 s without progress\)"):
            client.list_series("b", UUID)
        assert client.etag_is_md5("b", "k")


@pytest.mark.parametrize(
    ("status", "headers", "is_md5"),
    [
        (200, {}, True),
        (200, {"x-amz-server-side-encryption": "AES256"}, True),
        (200, {"x-amz-server-side-encryption": "aws:kms"}, False),
        (200, {"x-amz-server-side-encryption": "aws:kms:dsse"}, False),
        (200, {"x-amz-server-side-encryption-customer-algorithm": "AES256"}, False),
        (403, {"x-amz-server-side-encryption": "aws:kms"}, True),
    ],
)
def test_an_etag_is_an_md5_unless_the_server_says_that_it_cannot_be(
    server: FileServer, answers: dict[str, Answer], status: int, headers: dict[str, str], is_md5: bool
) -> None:
    answers["/b/u/a%20b.dcm"] = (status, headers, b"")
    assert _client(server).etag_is_md5("b", "u/a b.dcm") is is_md5


def test_a_page_that_is_far_too_large_is_no_listing(server: FileServer, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    answers[FIRST] = _page(1)
    for most, fits in ((len(answers[FIRST][2]), True), (len(answers[FIRST][2]) - 1, False)):
        monkeypatch.setattr(listing, "_MAX_PAGE_BYTES", most)
        if fits:
            assert len(_client(server).list_series("b", UUID)) == 1
        else:
            with pytest.raises(TransferError, match="far larger than a listing"):
                _client(server).list_series("b", UUID)


def test_a_series_without_objects_is_not_there(server: FileServer, answers: dict[str, Answer]) -> None:
    answers[FIRST] = _page(1, files=0)
    with pytest.raises(TransferError, match="contains nothing for this series"):
        _client(server).list_series("b", UUID)


@pytest.mark.parametrize(("takes_s", "fits"), [(30.04, True), (30.07, False)])
def test_a_listing_may_take_half_a_minute_and_a_little_for_each_object(
    server: FileServer, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch, takes_s: float, fits: bool
) -> None:
    """Two objects are named when the next page is asked for: a fiftieth of a second for each."""
    now = iter([100.0, 100.0 + takes_s])
    monkeypatch.setattr(listing, "time", SimpleNamespace(monotonic=lambda: next(now)))
    answers[FIRST] = _page(1, "a", files=2)
    answers[f"{FIRST}&continuation-token=a"] = _page(2)
    if fits:
        assert len(_client(server).list_series("b", UUID)) == 3
    else:
        with pytest.raises(TransferError, match=r"does not end \(2 objects so far\)"):
            _client(server).list_series("b", UUID)


@pytest.mark.parametrize(("times", "follows"), [(3, True), (4, False)])
def test_a_listing_is_followed_to_other_addresses_three_times(server: FileServer, answers: dict[str, Answer], times: int, follows: bool) -> None:
    places = [FIRST, *(f"/elsewhere-{number}" for number in range(times))]
    for place, following in itertools.pairwise(places):
        answers[place] = (302, {"Location": following}, b"")
    answers[places[-1]] = _page(1)
    slept: list[float] = []
    if follows:
        assert len(_client(server, slept).list_series("b", UUID)) == 1
    else:
        with pytest.raises(EndpointDownError):
            _client(server, slept).list_series("b", UUID)
    assert slept == []


class Raising(Network):
    """A network whose sessions fail so."""

    def session(self, url: str) -> requests.Session:
        raise FAILURES[self.ca_bundle]


FAILURES: dict[str, Exception] = {
    "encryption": requests.exceptions.SSLError("untrusted"),
    "address": requests.exceptions.InvalidURL("odd"),
    "scheme": requests.exceptions.InvalidSchema("odd"),
    "no scheme": requests.exceptions.MissingSchema("odd"),
    "system": OSError("odd"),
    "name": UnicodeError("odd"),
    "connection": requests.exceptions.ConnectionError("refused"),
    "time": requests.exceptions.ReadTimeout("late"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_only_what_may_pass_is_asked_for_again_and_then_the_server_is_down(failure: str) -> None:
    slept: list[float] = []
    client = BucketClient("http://b.idc-browser.invalid", Raising("none", failure), attempts=3, first_wait_s=0.5, sleep=slept.append)
    with pytest.raises(EndpointDownError, match=r"b\.idc-browser\.invalid"):
        client.list_series("b", UUID)
    assert slept == ([0.5, 1.0] if failure in ("connection", "time") else [])
    # Who cannot be asked is believed.
    assert client.etag_is_md5("b", "k")


def test_each_thread_has_its_own_connection_and_one_that_stalled_is_not_used_again(server: FileServer, answers: dict[str, Answer]) -> None:
    made: list[str] = []

    class Counted(Network):
        def session(self, url: str) -> requests.Session:
            made.append(url)
            return super().session(url)

    answers[FIRST] = _page(1)
    client = BucketClient(server.url, Counted("none"), stall_s=5.0)
    for _ in range(3):
        client.list_series("b", UUID)
    assert made == [server.url]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        made.clear()
        client = BucketClient(f"http://127.0.0.1:{silent.getsockname()[1]}", Counted("none"), stall_s=0.05)
        for _ in range(2):
            with pytest.raises(EndpointDownError):
                client.list_series("b", UUID)
            assert client.etag_is_md5("b", "k")
    assert len(made) == 4
