"""Getting clinical tables from IDC's bucket of metadata: each is a folder of parquet files, which appears whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import quote

from IDCBrowserLib.catalog.files.side_indices import looks_whole
from IDCBrowserLib.errors import StorageError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.network_failure import describe_failure
from IDCBrowserLib.selection.buckets import AWS_ENDPOINT
from IDCBrowserLib.stall_timeout import STALL_S, Heartbeat, StalledError, blocks_of, with_stall_timeout
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.folders.layout import is_safe_file_name
from IDCBrowserLib.transfer.listing import BucketClient, RemoteObject
from IDCBrowserLib.whole_file import part_folder

BUCKET = "idc-open-metadata"
_PREFIX = "bigquery_export/idc_v{release}_clinical/{table}"
_BLOCK = 1 << 14
_MOST_ASKED = 60
# All tables of a release together are some megabytes.
_MOST_BYTES = 1_000_000_000
_TEMPORARY = ".fetching-"


def fetch_tables(
    names: Sequence[str], release: str, folder: Path, task: Task, network: Network, endpoint_url: str = "", again: Collection[str] = ()
) -> int:
    """Put those tables of a release into ``folder``; gives the bytes that came. What is there and looks whole is not fetched again, except ``again``.

    Raises ``TransferError``, ``StorageError`` or ``CancelledError``.
    """
    bucket = BucketClient(endpoint_url or AWS_ENDPOINT, network, go_on=task.raise_if_cancelled)
    fetched = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for table in names:
            task.raise_if_cancelled()
            if is_safe_file_name(table) and (table in again or not _is_there(folder / table)):
                fetched += _Table(bucket, table, _PREFIX.format(release=release, table=table), task, network).fetch(folder)
    except OSError as error:
        raise StorageError(f"The clinical tables cannot be written to {folder} ({error.strerror}); check the space and permissions there.") from error
    return fetched


def table_bytes(names: Sequence[str], release: str, task: Task, network: Network, endpoint_url: str = "") -> int | None:
    """How large those tables are together, asked of the bucket one by one; None for more than it would answer soon.

    Raises ``TransferError`` or ``CancelledError``.
    """
    if len(names) > _MOST_ASKED:
        return None
    bucket = BucketClient(endpoint_url or AWS_ENDPOINT, network, go_on=task.raise_if_cancelled)
    return sum(
        item.size
        for table in names
        if is_safe_file_name(table)
        for item in bucket.list_series(BUCKET, _PREFIX.format(release=release, table=table))
        if item.name.endswith(".parquet")
    )


def _is_there(folder: Path) -> bool:
    files = list(folder.glob("*.parquet"))
    return bool(files) and all(map(looks_whole, files))


class _Table:
    def __init__(self, bucket: BucketClient, name: str, prefix: str, task: Task, network: Network) -> None:
        self._bucket, self._name, self._prefix, self._task, self._network = bucket, name, prefix, task, network

    def fetch(self, folder: Path) -> int:
        """Its bytes."""
        objects = [item for item in self._bucket.list_series(BUCKET, self._prefix) if item.name.endswith(".parquet")]
        total = sum(item.size for item in objects)
        if not objects or total > _MOST_BYTES:
            raise TransferError(f"The bucket {BUCKET} contains no usable table {self._name}; report it to IDC.")
        with part_folder(_TEMPORARY, folder) as made:
            part = made / self._name
            part.mkdir()
            done = 0
            for item in objects:
                self._fetch_file(item, part / item.name, done, total)
                done += item.size
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(folder / self._name)
            os.replace(part, folder / self._name)
        return total

    def _fetch_file(self, item: RemoteObject, path: Path, before: int, total: int) -> None:
        import requests

        address = f"{self._bucket.endpoint_url}/{BUCKET}/{quote(item.key)}"
        not_fetched = f"The clinical table {self._name} was not fetched."
        try:
            size, md5 = with_stall_timeout(
                lambda heartbeat: self._download(address, item, path, before, total, heartbeat), STALL_S, self._task.raise_if_cancelled
            )
        except StalledError as error:
            raise TransferError(f"{not_fetched} The server sends hardly anything ({STALL_S:g} s without progress); try again later.") from error
        except requests.exceptions.RequestException as error:
            raise TransferError(f"{not_fetched} {describe_failure(error, address, self._network)}") from error
        if size != item.size or (item.md5 and md5 != item.md5) or not looks_whole(path):
            raise TransferError(f"The clinical table {self._name} was changed or truncated during the transfer. Try again.")

    def _download(self, address: str, item: RemoteObject, path: Path, before: int, total: int, heartbeat: Heartbeat) -> tuple[int, str]:
        """Bytes and MD5 of what came."""
        size, digest = 0, hashlib.md5(usedforsecurity=False)
        with (
            self._network.session(address) as session,
            session.get(address, stream=True, headers={"Accept-Encoding": "identity"}) as response,
            path.open("wb") as file,
        ):
            if response.status_code != 200:
                raise TransferError(f"{address} was refused (HTTP {response.status_code}); try again later.")
            for block in blocks_of(response, _BLOCK, heartbeat):
                size += len(block)
                if size > item.size:
                    break
                digest.update(block)
                file.write(block)
                self._task.report(Progress(f"Fetching {self._name}", before + size, total, "B"))
        return size, digest.hexdigest()
