"""What a bucket holds of a series: ListObjectsV2, read safely.

The listing, not the index, decides what a complete series is: names, sizes, and the ETag, which is the MD5 of the content for every object that
was not uploaded in parts (S3 API reference, "Object"; for Google's XML API the same).
"""

from __future__ import annotations

import re
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.network_failure import describe_failure, raise_for_proxy
from IDCBrowserLib.stall_timeout import Heartbeat, StalledError, small_answer, with_stall_timeout
from IDCBrowserLib.transfer.folders.layout import is_safe_file_name

if TYPE_CHECKING:
    import requests

_MAX_PAGE_BYTES = 32_000_000
# The largest series of IDC v25 has 91,980 objects; a page has up to 1,000.
_MAX_OBJECTS = 500_000
_MAX_PAGES = 2_000
# Besides the time limit for one page, a listing may take so long for each object that it has named.
_SECONDS_PER_OBJECT = 0.02
_MAX_REDIRECTS = 3
_MD5 = re.compile(r"[0-9a-f]{32}")
# S3 objects have up to 5 TB (5,000,000,000,000).
_SIZE = re.compile(r"[0-9]{1,13}")
_OK = 200
_ENCRYPTION, _CUSTOMERS_KEY = "x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm"
_RETRY_STATUS = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class RemoteObject:
    """An object of a series: its key, file name, size in bytes, and MD5 ("" when the ETag is none)."""

    key: str
    name: str
    size: int
    md5: str


class EndpointDownError(TransferError):
    """Nothing answers at the endpoint: it makes no sense to try the next series there."""


class BucketClient:
    """Lists series at one endpoint. Used from several threads; each has its own connection."""

    def __init__(
        self,
        endpoint_url: str,
        network: Network,
        attempts: int = 4,
        first_wait_s: float = 0.3,
        sleep: Callable[[float], object] = time.sleep,
        *,
        stall_s: float = 30.0,
        go_on: Callable[[], None] = lambda: None,
    ) -> None:
        """``stall_s`` without a sign of progress, and the server counts as down; ``go_on`` is called often and may raise to stop."""
        self.endpoint_url = endpoint_url.rstrip("/")
        self._network = network
        self._attempts = attempts
        self._first_wait_s = first_wait_s
        self._sleep = sleep
        self._stall_s = stall_s
        self._go_on = go_on
        self._local = threading.local()

    def list_series(self, bucket: str, series_uuid: str) -> list[RemoteObject]:
        """Every object below ``series_uuid/``, in the order of the bucket.

        Raises ``EndpointDownError`` when the endpoint cannot be reached, ``TransferError`` when the bucket or the series is not there or the
        answer is no listing, or names an object that cannot be a file of a series.
        """
        found: list[RemoteObject] = []
        token, tokens = "", set[str]()
        started = time.monotonic()
        while True:
            url = f"{self.endpoint_url}/{bucket}?list-type=2&prefix={quote(series_uuid)}%2F"
            page = self._get(url + (f"&continuation-token={quote(token, safe='')}" if token else ""), bucket)
            objects, token = parse_listing(page, series_uuid, bucket)
            found += objects
            if not token:
                break
            late = time.monotonic() - started > self._stall_s + _SECONDS_PER_OBJECT * len(found)
            if token in tokens or late or len(tokens) >= _MAX_PAGES or len(found) > _MAX_OBJECTS:
                raise TransferError(
                    f"The listing of {series_uuid} in the bucket {bucket} at {self.endpoint_url} does not end ({len(found):,} objects so far); "
                    "try again later or try another provider."
                )
            tokens.add(token)
        if not found:
            raise TransferError(
                f"The bucket {bucket} at {self.endpoint_url} contains nothing for this series ({series_uuid}); "
                "it may have been removed from IDC: update idc-index, or try another provider."
            )
        return found

    def etag_is_md5(self, bucket: str, key: str) -> bool:
        """Whether the ETag of an object is the MD5 of its content. It is not when the object is encrypted with a key of AWS KMS or of a customer
        (S3 API reference, "Object": ETag); True when the server does not say so.
        """
        import requests

        url = f"{self.endpoint_url}/{bucket}/{quote(key)}"
        try:
            session = self._session()
            headers = with_stall_timeout(lambda _heartbeat: _head(session, url), self._stall_s, self._go_on)
        except StalledError:
            self._local.session = None
            return True
        except (requests.exceptions.RequestException, OSError, ValueError):
            return True
        return not (headers.get(_ENCRYPTION, "").startswith("aws:kms") or _CUSTOMERS_KEY in headers)

    def _get(self, url: str, bucket: str) -> bytes:
        """A page; what may pass is tried again. Raises ``TransferError``."""
        wait = self._first_wait_s
        for attempt in range(1, self._attempts + 1):
            status, body = self._answer(url, bucket, attempt == self._attempts)
            if status == _OK:
                return body
            if status is not None and (attempt == self._attempts or status not in _RETRY_STATUS):
                raise TransferError(self._refusal(status, bucket))
            self._sleep(wait)
            wait *= 2
        raise AssertionError("unreachable")

    def _answer(self, url: str, bucket: str, is_last: bool) -> tuple[int | None, bytes]:
        """Status and body of an answer; None when none came and another attempt makes sense."""
        import requests

        hopeless = (
            requests.exceptions.SSLError,
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
            requests.exceptions.TooManyRedirects,
        )
        try:
            session = self._session()
            return with_stall_timeout(lambda heartbeat: _fetch(session, url, bucket, heartbeat), self._stall_s, self._go_on)
        except StalledError as error:
            # Its thread still has the session.
            self._local.session = None
            raise EndpointDownError(
                f"The server {self.endpoint_url} sends hardly anything ({self._stall_s:g} s without progress); "
                "try again later or try another provider."
            ) from error
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            if is_last or isinstance(error, hopeless) or not isinstance(error, requests.exceptions.RequestException):
                raise EndpointDownError(describe_failure(error, self.endpoint_url, self._network)) from error
        return None, b""

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._network.session(self.endpoint_url)
            session.max_redirects = _MAX_REDIRECTS
        return session

    def _refusal(self, status: int, bucket: str) -> str:
        if status == 404:
            return f"There is no bucket {bucket} at {self.endpoint_url}; check the address or try another provider."
        if status == 403:
            return f"The bucket {bucket} at {self.endpoint_url} refuses to be listed (403); check the address or try another provider."
        return f"The S3 server {self.endpoint_url} answered {status} for the bucket {bucket}; try again later or try another provider."


def parse_listing(page: bytes, series_uuid: str, bucket: str) -> tuple[list[RemoteObject], str]:
    """Objects of one page of ListObjectsV2, and the token of the next ("" at the end). Raises ``TransferError`` for anything else."""
    no_listing = f"The answer for the bucket {bucket} is not a listing; the address is not that of an S3 server."
    try:
        text = page.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TransferError(no_listing) from error
    # A listing has no document type; entities are how XML is made to explode or to read local files.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise TransferError(no_listing)
    try:
        # Of text the parser takes no other encoding, whatever it declares.
        root = ET.fromstring(text.lstrip("\ufeff"))
    except (ET.ParseError, ValueError) as error:
        raise TransferError(f"The answer for the bucket {bucket} is not a listing ({error}); the address is not that of an S3 server.") from error
    if _tag(root) != "ListBucketResult":
        raise TransferError(no_listing)
    objects, token, truncated = [], "", False
    for child in root:
        tag = _tag(child)
        if tag == "Contents":
            item = _object({_tag(part): part.text or "" for part in child}, series_uuid, bucket)
            objects += [item] if item is not None else []
        elif tag == "NextContinuationToken":
            token = child.text or ""
        elif tag == "IsTruncated":
            truncated = (child.text or "").strip().lower() == "true"
    if truncated and not token:
        raise TransferError(f"The listing of {series_uuid} in the bucket {bucket} stops in the middle; try again.")
    return objects, token if truncated else ""


def _object(fields: dict[str, str], series_uuid: str, bucket: str) -> RemoteObject | None:
    key = fields.get("Key", "")
    name = key[len(series_uuid) + 1 :]
    if not key.startswith(f"{series_uuid}/"):
        raise TransferError(f"The bucket {bucket} lists {key[:100]!r} for the series {series_uuid}; the address is not that of an S3 server.")
    if not name:
        return None
    size = fields.get("Size", "")
    if not is_safe_file_name(name) or not _SIZE.fullmatch(size):
        raise TransferError(f"The bucket {bucket} lists {key[:100]!r}, which cannot be a file of the series {series_uuid}; report it to IDC.")
    etag = fields.get("ETag", "").strip().strip('"').lower()
    return RemoteObject(key, name, int(size), etag if _MD5.fullmatch(etag) else "")


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _head(session: requests.Session, url: str) -> Mapping[str, str]:
    with session.head(url) as response:
        return response.headers if response.status_code == _OK else {}


def _fetch(session: requests.Session, url: str, bucket: str, heartbeat: Heartbeat) -> tuple[int, bytes]:
    """Status and body of an answer. Raises what ``requests`` raises, and ``TransferError``."""
    with session.get(url, stream=True) as response:
        heartbeat()
        if response.status_code != _OK:
            raise_for_proxy(response)
            return response.status_code, b""
        content = small_answer(response, _MAX_PAGE_BYTES, heartbeat)
        if content is None:
            raise TransferError(f"The answer for the bucket {bucket} is far larger than a listing; the address is not that of an S3 server.")
        return response.status_code, content
