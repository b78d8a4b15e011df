"""What is asked for again, what is not, and what is said of files that did not come."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.fault_proxy import Fault, fault_proxy, is_listing
from helpers.planned import plan_of
from helpers.s3_server import S3Server

from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.failure import Failure, Kind, describe_missing, of_s5cmd
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.options import TransferOptions

# As s5cmd says it.
NOT_THERE = "NotFound: Not Found status code: 404, request id: , host id: "
NO_KEY = "NoSuchKey: injected status code: 404, request id: 1, host id: 2"
REFUSED = "AccessDenied: injected status code: 403, request id: , host id: "
FORBIDDEN = "Forbidden: Forbidden status code: 403, request id: , host id: "
NO_BUCKET = "NoSuchBucket: The specified bucket does not exist status code: 404"
FAILED = "InternalError: injected status code: 500, request id: , host id: "
OVERLOADED = "SlowDown: injected status code: 503, request id: , host id: "
RESET = "RequestError: send request failed caused by: read: connection reset by peer"


NO_TLS, NO_PROXY = "the server does not encrypt", "the proxy does not answer"
NOT_TRUSTED = "the server's certificate is not trusted: certificate has expired"
BY_NAME = ["NoSuchKey: gone", "NotFound: gone", "AccessDenied: no", "Forbidden: no", "NoSuchBucket: gone", "InvalidBucketName: odd"]
BY_NUMBER = ["odd status code: 404", "odd Status Code: 403"]


@pytest.mark.parametrize("error", [NOT_THERE, NO_KEY, REFUSED, FORBIDDEN, NO_BUCKET, *BY_NAME, *BY_NUMBER])
def test_what_a_server_answers_for_good_is_not_asked_for_again(error: str) -> None:
    assert of_s5cmd(error).is_final


@pytest.mark.parametrize(
    "error", [FAILED, OVERLOADED, RESET, "its content is not what the bucket states (MD5 differs)", "404 bytes instead of 403", "403", ""]
)
def test_what_may_be_better_the_next_time_is_asked_for_again(error: str) -> None:
    assert not of_s5cmd(error).is_final


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NO_KEY, "it is no longer in the bucket"),
        (NOT_THERE, "it is no longer in the bucket"),
        (REFUSED, "the server refuses access"),
        (FAILED, "the server failed"),
        (OVERLOADED, "the server is overloaded"),
        (RESET, "the connection broke off"),
        ("dial tcp: connection refused", "the server does not answer"),
        ("Odd: something new status code: 418, request id: a, host id: b", "Odd: something new"),
        ("status code: 418, request id: a, host id: b", "the server answers 418"),
        ("Odd: status code: 404, request id: a, host id: b status code: 500, request id: , host id:", "the server failed"),
        ("write ./404.dcm403: no space left on device", "the disk is full"),
        ("open ./a.dcm1: permission denied", "it cannot be written: permission denied"),
        ("open ./a.dcm3189730355: too many open files", of_s5cmd("too many open files").text),
        ('RequestError: send request failed caused by: Get "https://h:404/500": tls: first record does not look like a TLS handshake', NO_TLS),
        ('RequestError: send request failed caused by: Get "https://h/503": proxyconnect tcp: dial tcp: connect: connection refused', NO_PROXY),
        ('RequestError: send request failed caused by: Get "https://h": x509: certificate has expired', NOT_TRUSTED),
        ("1404 bytes came", "1404 bytes came"),
    ],
)
def test_reasons_are_said_in_words(error: str, said: str) -> None:
    assert describe_missing(_failed(1, error), 3) == f"1 of 3 files are missing ({said}): 0.dcm; download the series again to get only these"


@pytest.mark.parametrize(
    ("status", "said", "is_final"),
    [
        (301, "the bucket is in another region", True),
        (302, "the server answers 302", False),
        (403, "the server refuses access", True),
        (404, "it is no longer in the bucket", True),
        (405, "the server answers 405", False),
        (409, "the server answers 409", False),
        (410, "it is no longer in the bucket", True),
        (428, "the server answers 428", False),
        (429, "the server is overloaded", False),
        (430, "the server answers 430", False),
        (499, "the server answers 499", False),
        (500, "the server failed", False),
        (502, "a server in between does not answer", False),
        (503, "the server is overloaded", False),
        (504, "a server in between does not answer", False),
        (505, "the server failed", False),
    ],
)
def test_each_status_says_what_it_means_and_whether_it_is_for_good(status: int, said: str, is_final: bool) -> None:
    failure = of_s5cmd(f"status code: {status}, request id: a, host id: b")
    assert failure == Failure(said, Kind.SERVER, is_final, is_withheld=status in (403, 404, 410))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("write ./a.dcm1: no space left on device", Kind.DISK_FULL),
        ("write ./a.dcm1: disk quota exceeded", Kind.DISK_FULL),
        ("open ./a.dcm1: read-only file system", Kind.DISK),
        ("open ./a.dcm1: too many open files", Kind.OPEN_FILES),
        ("InternalError: no space left on device status code: 500, request id: , host id:", Kind.SERVER),
        ("NoSuchKey: disk quota exceeded", Kind.SERVER),
        (RESET, Kind.NETWORK),
    ],
)
def test_only_what_the_disk_says_is_the_disks_matter(error: str, kind: Kind) -> None:
    assert of_s5cmd(error).kind is kind


@pytest.mark.parametrize(
    ("code", "said", "is_withheld"),
    [
        ("NoSuchKey", "it is no longer in the bucket", True),
        ("NotFound", "it is no longer in the bucket", True),
        ("NoSuchBucket", "it is no longer in the bucket", True),
        ("InvalidBucketName", "it is no longer in the bucket", True),
        ("AccessDenied", "the server refuses access", True),
        ("Forbidden", "the server refuses access", True),
        ("SlowDown", "the server is overloaded", False),
    ],
)
def test_a_code_without_a_number_means_what_its_number_does(code: str, said: str, is_withheld: bool) -> None:
    assert of_s5cmd(f"{code}: injected") == Failure(said, Kind.SERVER, is_final=is_withheld, is_withheld=is_withheld)


@pytest.mark.parametrize(
    "error", ["Odd: {} status code: 418, request id: , host id: ", "{}", "RequestError: send request failed caused by: x509: {}"]
)
def test_of_what_nobody_knows_two_hundred_characters_are_said(error: str) -> None:
    said = of_s5cmd(error.format("x" * 300)).text
    assert len(said) == 200 and said.endswith("x")


def test_what_the_disk_says_without_a_reason_is_said_as_it_is() -> None:
    assert of_s5cmd("open ./a.dcm1: ").text == "open ./a.dcm1:"
    assert of_s5cmd("rename ./a.dcm1 ./a.dcm: is a directory").text == "it cannot be written: is a directory"


def test_five_names_are_said_and_of_more_that_there_are_more() -> None:
    assert ": 0.dcm, 1.dcm, 2.dcm, 3.dcm, 4.dcm;" in describe_missing(_failed(5, FAILED), 9)
    assert ": 0.dcm, 1.dcm, 2.dcm, 3.dcm, 4.dcm ...;" in describe_missing(_failed(6, FAILED), 9)


def test_the_reason_of_most_and_the_proxy_between_are_said() -> None:
    jobs = [*_failed(2, FAILED), *_failed(3, RESET)]
    assert "(the connection broke off, through the proxy http://proxy:1)" in describe_missing(jobs, 9, "http://proxy:1")


def test_what_idc_listed_and_holds_back_is_explained_as_withdrawn() -> None:
    said = describe_missing([*_failed(2, REFUSED), *_failed(1, NO_KEY)], 9, of_idc=True)
    assert "IDC has withdrawn these from public access" in said
    assert "again" not in said


@pytest.mark.parametrize(
    ("errors", "proxy", "of_idc"),
    [
        ((REFUSED, NO_KEY), "", False),
        ((REFUSED, RESET), "", True),
        ((REFUSED,), "http://proxy:1", True),
        ((FAILED,), "", True),
    ],
)
def test_nothing_else_is_called_withdrawn(errors: tuple[str, ...], proxy: str, of_idc: bool) -> None:
    said = describe_missing([job for error in errors for job in _failed(1, error)], 9, proxy, of_idc)
    assert "withdrawn" not in said
    assert "download the series again" in said


def _failed(count: int, error: str) -> list[tuple[str, Failure]]:
    return [(f"{n}.dcm", of_s5cmd(error)) for n in range(count)]


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (403, 1), (500, 3)])
def test_a_file_is_fetched_as_often_as_that_makes_sense(status: int, asked: int, s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files=3, seed=400)
    bad = min(s3_server.files_of(uuid))
    fetched: list[str] = []

    def refuse(method: str, path: str, count: int) -> Fault | None:
        if bad not in path:
            return None
        fetched.extend([path] if method == "GET" else [])
        return Fault(status=status)

    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = refuse
        options = TransferOptions(endpoint_url=proxy.url, jobs=2, retry_count=0, attempts=3, first_wait_s=0.01)
        report = download(plan_of(uuid), tmp_path, options, journal_path=None)
    assert report.items[0].state is TransferState.FAILED
    assert report.items[0].missing == [bad]
    assert len(fetched) == asked


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (403, 1), (503, 3)])
def test_a_listing_is_asked_for_as_often_as_that_makes_sense(status: int, asked: int, s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files=1, seed=401)
    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = lambda method, path, count: Fault(status=status) if is_listing(path) else None
        options = TransferOptions(endpoint_url=proxy.url, jobs=2, retry_count=0, list_attempts=3, first_wait_s=0.01)
        report = download(plan_of(uuid), tmp_path, options, journal_path=None)
    assert report.items[0].state is TransferState.FAILED
    assert sum(proxy.asked.values()) == asked
