"""A fault-injecting proxy per test."""

from collections.abc import Iterator

import pytest
from helpers.fault_proxy import FaultProxy, fault_proxy
from helpers.s3_server import S3Server


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    with fault_proxy(s3_server.url) as running:
        yield running
