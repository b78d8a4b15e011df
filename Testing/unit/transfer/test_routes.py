"""How s5cmd reaches a server with and without a limit, and how many files it moves at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from IDCBrowserLib.network import Network
from IDCBrowserLib.transfer.options import Endpoint, TransferOptions
from IDCBrowserLib.transfer.s5cmd.routes import Routes

HERE, FAR = Endpoint("aws", "http://127.0.0.1:9"), Endpoint("gcs", "https://storage.idc-browser.invalid")


def _routes(rate: float = 0.0, jobs: int = 64) -> Routes:
    return Routes(TransferOptions(jobs=jobs, limit_rate=rate, network=Network("none")))


@pytest.fixture
def limited() -> Iterator[Routes]:
    routes = _routes(1e6)
    yield routes
    routes.close()


def test_without_a_limit_it_goes_straight_to_the_server() -> None:
    route = _routes().to(FAR)
    assert (route.endpoint_url, route.jobs, "HTTPS_PROXY" in route.environment) == (FAR.endpoint_url, 64, False)


def test_under_a_limit_a_relay_stands_between_the_same_at_each_start(limited: Routes) -> None:
    here, far = limited.to(HERE), limited.to(FAR)
    assert here.endpoint_url.startswith("http://127.0.0.1:") and here.endpoint_url != HERE.endpoint_url
    assert far.endpoint_url == FAR.endpoint_url and far.environment["HTTPS_PROXY"].startswith("http://127.0.0.1:")
    assert _routes().to(FAR).environment.items() <= far.environment.items()
    assert (limited.to(HERE), limited.to(FAR)) == (here, far)
    limited.close()
    assert limited.to(HERE).endpoint_url != here.endpoint_url


@pytest.mark.parametrize(
    ("rate", "jobs", "files"),
    [(0.0, 64, 64), (50_000.0, 64, 4), (1_249_999.0, 64, 4), (1_250_000.0, 64, 5), (15_999_999.0, 64, 63), (1e9, 64, 64), (50_000.0, 3, 3)],
)
def test_a_slow_line_is_shared_by_few_files(rate: float, jobs: int, files: int) -> None:
    routes = _routes(rate, jobs)
    try:
        assert routes.to(HERE).jobs == files
    finally:
        routes.close()


@pytest.mark.parametrize(
    ("before", "after", "anew"),
    [(0.0, 0.0, False), (0.0, 1e9, True), (1e9, 0.0, True), (1e9, 2e9, False), (1_000_000.0, 1_249_999.0, False), (1_000_000.0, 1_250_000.0, True)],
)
def test_s5cmd_starts_anew_where_a_limit_changes_its_way_or_its_files(before: float, after: float, anew: bool) -> None:
    routes = _routes(before)
    assert routes.limit(after) is anew
    assert routes.limit(after) is False
