"""The options of a transfer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.network import Network, is_address
from IDCBrowserLib.selection.buckets import AWS_ENDPOINT, GCS_ENDPOINT
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.transfer.folders.template import Template

PROVIDERS = ("aws", "gcs", "auto")
MAX_PARALLEL_FILES = 1024
MAX_RETRIES = 100
# Bytes per second. Below this the parts of files that servers send in one go make no even flow.
MIN_RATE = 50_000.0


@dataclass(frozen=True)
class Endpoint:
    """An endpoint and how buckets are called there."""

    provider: str
    endpoint_url: str

    def bucket_of(self, series: PlannedSeries) -> str | None:
        """The bucket of a series here; None when this provider does not hold it."""
        return series.gcs_bucket if self.provider == "gcs" else series.aws_bucket


@dataclass(frozen=True)
class TransferOptions:
    """``provider``: "aws", "gcs", or "auto" (AWS first, Google for what AWS does not give). ``jobs``: files moved at the same time.

    ``endpoint_url`` replaces the endpoint of AWS (or of Google with provider "gcs"), ``gcs_endpoint_url`` that of Google.
    ``wait_for_room``: a full disk pauses the transfer until there is room again, instead of ending it.
    ``retry_count`` is s5cmd's own number of retries per request; ``attempts`` how often a file is fetched before it counts as failed.
    After ``stall_s`` seconds in which nothing arrived, what is under way is begun again.
    ``layout`` is a ``Template`` for the folders of series, "" for the default (``layout``).
    ``keep_free`` is how many bytes of the disk stay free, whatever comes.
    ``limit_rate`` is how many bytes per second may arrive, 0 for as many as come (Resources/Decisions/0010-limits.md).
    """

    provider: str = "aws"
    jobs: int = 64
    endpoint_url: str | None = None
    gcs_endpoint_url: str | None = None
    wait_for_room: bool = False
    retry_count: int = 5
    attempts: int = 3
    list_attempts: int = 4
    first_wait_s: float = 0.3
    stall_s: float = 30.0
    limit_rate: float = 0.0
    layout: str = ""
    keep_free: int = 0
    network: Network = field(default_factory=Network)

    def checked(self) -> TransferOptions:
        """Itself; raises ``InputError`` for values that make no sense."""
        if self.provider not in PROVIDERS:
            raise InputError(f"There is no provider {self.provider!r}; use one of: {', '.join(PROVIDERS)}.")
        if not 1 <= self.jobs <= MAX_PARALLEL_FILES:
            raise InputError(f"{self.jobs} parallel files are not possible; use a number from 1 to {MAX_PARALLEL_FILES}.")
        if not 0 <= self.retry_count <= MAX_RETRIES:
            raise InputError(f"{self.retry_count} retries are not possible; use a number from 0 to {MAX_RETRIES}.")
        check_rate(self.limit_rate)
        if self.keep_free < 0:
            raise InputError("The disk space that stays free is 0 or more.")
        self.network.checked()
        if self.layout:
            Template.parse(self.layout)
        if not self.stall_s > 0:
            raise InputError("The time without data after which a transfer is restarted must be more than 0 seconds.")
        for url in (self.endpoint_url, self.gcs_endpoint_url):
            if url is not None:
                check_endpoint(url)
        return replace(self, attempts=max(1, self.attempts))

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where to look for a series, in this order."""
        if self.provider == "gcs":
            return (Endpoint("gcs", self.endpoint_url or self.gcs_endpoint_url or GCS_ENDPOINT),)
        aws = Endpoint("aws", self.endpoint_url or AWS_ENDPOINT)
        if self.provider == "aws" or (self.endpoint_url is not None and self.gcs_endpoint_url is None):
            return (aws,)
        return (aws, Endpoint("gcs", self.gcs_endpoint_url or GCS_ENDPOINT))


def check_endpoint(url: str) -> None:
    """Raises ``InputError`` for what is not an address of a server."""
    if not is_address(url) or urlsplit(url).query:
        raise InputError(f"{url!r} is not an address of an S3 server; write it as https://host[:port].")


def check_rate(rate: float) -> None:
    """Raises ``InputError`` for a limit that cannot be kept."""
    if rate != 0 and not MIN_RATE <= rate < float("inf"):
        raise InputError(f"A limit of {rate / 1e6:g} MB/s is not possible; use {MIN_RATE / 1e6:g} MB/s or more, or 0 for none.")


def bytes_kept_free(gigabytes: float) -> int:
    """Of disk space; raises ``InputError`` for what is no amount."""
    if not 0 <= gigabytes * 1e9 < float("inf"):
        raise InputError(f"{gigabytes:g} GB of disk space cannot stay free; use a number of 0 or more.")
    return int(gigabytes * 1e9)
