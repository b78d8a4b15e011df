"""One S3 server for the tests of a folder."""

from collections.abc import Iterator

import pytest
from helpers.s3_server import S3Server, running_s3_server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with running_s3_server() as server:
        yield server
