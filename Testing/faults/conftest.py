"""One S3 server, and a fault-injecting proxy per test."""

from collections.abc import Iterator

import pytest
from helpers.fault_proxy import FaultProxy, fault_proxy
from helpers.s3_server import S3Server, running_s3_server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with running_s3_server() as server:
        yield server


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    with fault_proxy(s3_server.url) as running:
        yield running
