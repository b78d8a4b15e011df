"""A series in a bucket: the first page of its listing, and parts of its objects by range. No account is needed.

Nothing is tried twice and every wait is short: a picture that does not come quickly is not worth waiting for.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.network_failure import describe_failure
from IDCBrowserLib.preview.limits import MAX_OBJECT_BYTES
from IDCBrowserLib.stall_timeout import Heartbeat, StalledError, blocks_of, with_stall_timeout
from IDCBrowserLib.transfer.listing import parse_listing

if TYPE_CHECKING:
    import requests

_TIMEOUT_S = (4, 6)
_MAX_LISTING_BYTES = 4_000_000
_BLOCK = 1 << 13
# Of an object, in the answer to a question for a part of it.
_TOTAL = re.compile(r"/([0-9]{1,15})$")
_MOST_ETAGS = 100_000
_STALL_S = 10.0


class BucketReader:
    """Reads at one endpoint; from several threads, each with a connection of its own."""

    def __init__(self, endpoint_url: str, network: Network) -> None:
        self._endpoint_url = endpoint_url.rstrip("/")
        self._network = network
        self._local = threading.local()
        self._lock = threading.Lock()
        self._wasted = 0
        self._etags: dict[str, str] = {}

    def list_series(self, bucket: str, series_uuid: str, series_uid: str = "") -> list[RemoteFile]:
        """The first 1,000 objects of a series; their names are random, so they are as good as any others.

        ``series_uid`` is what they have to state as their SeriesInstanceUID. Raises ``TransferError``; also when there are none.
        """
        return self._list(bucket, series_uuid, series_uid, "")[0]

    def list_all(self, bucket: str, series_uuid: str, most: int, series_uid: str = "") -> list[RemoteFile]:
        """The objects of a series, at most ``most`` and those of the page that exceeds it. Raises as ``list_series``."""
        files, token = self._list(bucket, series_uuid, series_uid, "")
        while token and len(files) <= most:
            more, token = self._list(bucket, series_uuid, series_uid, token)
            files += more
        return files

    def _list(self, bucket: str, series_uuid: str, series_uid: str, token: str) -> tuple[list[RemoteFile], str]:
        """A page, and the token of the next."""
        address = f"{self._endpoint_url}/{bucket}?list-type=2&prefix={quote(series_uuid)}%2F"
        if token:
            address += f"&continuation-token={quote(token, safe='')}"
        page = self._get(address, None, _MAX_LISTING_BYTES)
        objects, more = parse_listing(page, series_uuid, bucket)
        if not objects:
            raise TransferError(f"The bucket {bucket} at {self._endpoint_url} contains nothing for this series.")
        return [self.object_at(bucket, item.key, item.name, item.size, series_uid) for item in objects], more

    def object_at(self, bucket: str, key: str, name: str, size: int, series_uid: str = "") -> RemoteFile:
        """An object that is known."""
        return RemoteFile(self, f"{self._endpoint_url}/{bucket}/{quote(key)}", name, size, series_uid)

    def read(self, address: str, start: int, stop: int, size: int) -> bytes:
        """A part of an object of ``size`` bytes. Raises ``TransferError``, also for fewer bytes, and for parts of an object that is another one."""
        content = self._get(address, start, stop - start, size)
        if len(content) < stop - start:
            raise TransferError(f"{self._endpoint_url} sent {len(content):,} of {stop - start:,} bytes of the object; try again later.")
        return content

    def _get(self, address: str, start: int | None, limit: int, size: int = -1) -> bytes:
        """``limit`` bytes from ``start`` on; all of it, at most so many, where that is None."""
        session = self._session()
        try:
            return with_stall_timeout(lambda heartbeat: self._fetch(session, address, start, limit, size, heartbeat), _STALL_S, lambda: None)
        except StalledError as error:
            # Its thread still has the session.
            self._local.session = None
            raise TransferError(f"{self._endpoint_url} sends hardly anything ({_STALL_S:g} s without progress); try again later.") from error
        except (OSError, ValueError) as error:
            raise TransferError(describe_failure(error, self._endpoint_url, self._network)) from error

    def _fetch(self, session: requests.Session, address: str, start: int | None, limit: int, size: int, heartbeat: Heartbeat) -> bytes:
        headers = {} if start is None else {"Range": f"bytes={start}-{start + limit - 1}"}
        with session.get(address, headers=headers, timeout=_TIMEOUT_S, stream=True) as response:
            heartbeat()
            if response.status_code not in (200, 206):
                raise TransferError(f"{self._endpoint_url} refused it (HTTP {response.status_code}).")
            if start is not None:
                self._check_same(address, response, size)
            return _body(response, self._passed_over(response, start, limit), limit, start is not None, heartbeat)

    def _check_same(self, address: str, response: requests.Response, size: int) -> None:
        """Parts of two objects make no sense together: each answer has to be of the size that is known, and of the version of the first one."""
        stated = _TOTAL.search(response.headers.get("Content-Range", ""))
        if stated and int(stated[1]) != size:
            raise TransferError(f"{self._endpoint_url} has {int(stated[1]):,} bytes of the object, and {size:,} are listed; try again later.")
        etag = response.headers.get("ETag", "")
        with self._lock:
            if len(self._etags) > _MOST_ETAGS:
                self._etags.clear()
            if etag and self._etags.setdefault(address, etag) != etag:
                del self._etags[address]
                raise TransferError(f"{self._endpoint_url} sent parts of two versions of the object; try again.")

    def _passed_over(self, response: requests.Response, start: int | None, limit: int) -> int:
        """Bytes of the answer before those that were asked for."""
        if start is None:
            return 0
        if response.status_code == 206:
            stated = response.headers.get("Content-Range", "")
            if not stated.startswith(f"bytes {start}-"):
                raise TransferError(
                    f"{self._endpoint_url} sent another part of the object than was asked for ({stated[:80] or 'it does not say which'})."
                )
            return 0
        # The server does not know ranges and sends the whole object, each time from its beginning.
        with self._lock:
            self._wasted += start
            if start + limit > MAX_OBJECT_BYTES or self._wasted > MAX_OBJECT_BYTES:
                raise TransferError(
                    f"{self._endpoint_url} sends objects only as a whole, which takes too long for parts of them. Download the series."
                )
        return start

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._network.session(self._endpoint_url)
        return session


@dataclass(frozen=True)
class RemoteFile:
    """An object in a bucket."""

    reader: BucketReader
    address: str
    label: str
    size: int
    series_uid: str = ""

    def read(self, start: int, stop: int) -> bytes:
        """See ``SeriesObject``."""
        stop = min(stop, self.size)
        return self.reader.read(self.address, start, stop, self.size) if stop > start else b""


def _body(response: requests.Response, first: int, limit: int, is_part: bool, heartbeat: Heartbeat) -> bytes:
    """At most ``limit`` bytes from ``first`` on; a longer answer is cut where a part was asked for, else refused."""
    content, passed = bytearray(), 0
    for block in blocks_of(response, _BLOCK, heartbeat):
        # What comes before it is not kept: an object may be larger than the memory.
        content += block[max(0, first - passed) :]
        passed += len(block)
        if len(content) >= limit:
            if is_part:
                break
            raise TransferError("The answer is far larger than a listing; the address is not that of an S3 server.")
    return bytes(content[:limit])
