"""Options of a transfer: which values make sense, from both sides, and where series are looked for."""

from __future__ import annotations

import math
from typing import Any

import pytest
from helpers.planned import planned

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.buckets import AWS_ENDPOINT, GCS_ENDPOINT
from IDCBrowserLib.transfer.options import Endpoint, TransferOptions, bytes_kept_free, check_rate

HERE, THERE = "http://127.0.0.1:9000", "http://127.0.0.1:9001"


@pytest.mark.parametrize(
    "values",
    [
        {"jobs": 1},
        {"jobs": 1024},
        {"retry_count": 0},
        {"retry_count": 100},
        {"limit_rate": 0.0},
        {"limit_rate": 50_000.0},
        {"keep_free": 0},
        {"stall_s": 0.001},
        {"provider": "auto"},
        {"layout": "%PatientID"},
        {"endpoint_url": HERE, "gcs_endpoint_url": THERE},
    ],
)
def test_values_up_to_their_limits_are_taken_as_they_are(values: dict[str, Any]) -> None:
    options = TransferOptions(**values)
    assert options.checked() == options


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"jobs": 0}, "0 parallel files are not possible; use a number from 1 to 1024"),
        ({"jobs": 1025}, "1025 parallel files are not possible"),
        ({"retry_count": -1}, "-1 retries are not possible; use a number from 0 to 100"),
        ({"retry_count": 101}, "101 retries are not possible"),
        ({"limit_rate": 49_999.0}, "A limit of 0.049999 MB/s is not possible; use 0.05 MB/s or more"),
        ({"limit_rate": -1e6}, "A limit of -1 MB/s is not possible"),
        ({"limit_rate": math.inf}, "A limit of inf MB/s is not possible"),
        ({"keep_free": -1}, "The disk space that stays free is 0 or more"),
        ({"stall_s": 0.0}, "must be more than 0 seconds"),
        ({"stall_s": math.nan}, "must be more than 0 seconds"),
        ({"provider": "azure"}, "There is no provider 'azure'; use one of: aws, gcs, auto"),
        ({"layout": "series"}, "It has no word"),
        ({"endpoint_url": "s3.example.org"}, "is not an address of an S3 server"),
        ({"gcs_endpoint_url": f"{HERE}?x=1"}, "is not an address of an S3 server"),
    ],
)
def test_values_beyond_their_limits_are_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("?", r"\?")):
        TransferOptions(**values).checked()


def test_without_choices_it_is_as_the_help_of_the_command_says() -> None:
    options = TransferOptions()
    assert (options.provider, options.jobs, options.retry_count, options.keep_free, options.limit_rate) == ("aws", 64, 5, 0, 0)
    assert not options.wait_for_room
    assert (options.attempts, options.list_attempts, options.first_wait_s, options.stall_s, options.layout) == (3, 4, 0.3, 30.0, "")


def test_a_limit_that_cannot_be_kept_is_said_in_megabytes() -> None:
    with pytest.raises(InputError) as caught:
        check_rate(40_000.0)
    assert str(caught.value) == "A limit of 0.04 MB/s is not possible; use 0.05 MB/s or more, or 0 for none."
    for rate in (1.0, -1.0, 49_999.0):
        with pytest.raises(InputError):
            check_rate(rate)
    for rate in (0.0, 50_000.0, 50_001.0, 1e12):
        check_rate(rate)


@pytest.mark.parametrize(("attempts", "taken"), [(0, 1), (1, 1), (2, 2)])
def test_a_file_is_tried_at_least_once(attempts: int, taken: int) -> None:
    assert TransferOptions(attempts=attempts).checked().attempts == taken


@pytest.mark.parametrize(
    ("values", "endpoints"),
    [
        ({}, [("aws", AWS_ENDPOINT)]),
        ({"endpoint_url": HERE, "gcs_endpoint_url": THERE}, [("aws", HERE)]),
        ({"provider": "gcs"}, [("gcs", GCS_ENDPOINT)]),
        ({"provider": "gcs", "gcs_endpoint_url": THERE}, [("gcs", THERE)]),
        ({"provider": "gcs", "endpoint_url": HERE, "gcs_endpoint_url": THERE}, [("gcs", HERE)]),
        ({"provider": "auto"}, [("aws", AWS_ENDPOINT), ("gcs", GCS_ENDPOINT)]),
        ({"provider": "auto", "gcs_endpoint_url": THERE}, [("aws", AWS_ENDPOINT), ("gcs", THERE)]),
        ({"provider": "auto", "endpoint_url": HERE, "gcs_endpoint_url": THERE}, [("aws", HERE), ("gcs", THERE)]),
        # One server in place of all.
        ({"provider": "auto", "endpoint_url": HERE}, [("aws", HERE)]),
    ],
)
def test_series_are_looked_for_at_the_chosen_places_in_their_order(values: dict[str, Any], endpoints: list[tuple[str, str]]) -> None:
    assert [(one.provider, one.endpoint_url) for one in TransferOptions(**values).endpoints()] == endpoints


def test_each_provider_has_its_own_name_for_a_bucket() -> None:
    series = planned("a" * 8, aws_bucket="of-aws", gcs_bucket=None)
    assert [Endpoint(name, HERE).bucket_of(series) for name in ("aws", "gcs")] == ["of-aws", None]


@pytest.mark.parametrize(("gigabytes", "kept"), [(0.0, 0), (1.5, 1_500_000_000)])
def test_space_that_stays_free_is_given_in_gigabytes(gigabytes: float, kept: int) -> None:
    assert bytes_kept_free(gigabytes) == kept


@pytest.mark.parametrize("gigabytes", [-0.1, math.inf, math.nan])
def test_space_that_is_no_amount_is_refused(gigabytes: float) -> None:
    with pytest.raises(InputError, match="GB of disk space cannot stay free"):
        bytes_kept_free(gigabytes)
    with pytest.raises(InputError, match="is not possible"):
        check_rate(gigabytes)
