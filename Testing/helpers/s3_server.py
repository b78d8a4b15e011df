"""A real S3 server on loopback (moto's), in a process of its own, filled with series in the bucket layout of IDC.

Also readable from Python as ``S3Server.objects``, so that a test can compare what arrived with what was put there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from typing import Any

BUCKET = "idc-open-data"

# Takes what is put through its input, as lines of JSON, each followed by the content: a hundred times faster than one request for each object.
_SCRIPT = """
import json, logging, sys
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import get_canned_acl, s3_backends
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
for line in sys.stdin.buffer:
    put = json.loads(line)
    if "key" in put:
        backend.put_object(put["bucket"], put["key"], sys.stdin.buffer.read(put["size"]))
        backend.put_object_acl(put["bucket"], put["key"], get_canned_acl("public-read"))
    else:
        print("done", flush=True)
"""


class S3Server:
    """``url`` is its endpoint; ``objects`` what was put: {(bucket, key): bytes}."""

    def __init__(self) -> None:
        environment = {**os.environ, "MOTO_ALLOW_NONEXISTENT_REGION": "true"}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        assert self._process.stdout is not None
        port = ""
        for line in self._process.stdout:
            if line.strip().isdigit():
                port = line.strip().decode()
                break
        if not port:
            raise RuntimeError("moto's server did not start")
        self.url = f"http://127.0.0.1:{port}"
        self.objects: dict[tuple[str, str], bytes] = {}
        self._buckets: set[str] = set()
        self._client: Any = None
        self._lock = threading.Lock()

    def client(self) -> Any:
        """A boto3 client with made-up credentials."""
        import boto3

        if self._client is None:
            self._client = boto3.client(
                "s3",
                endpoint_url=self.url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                region_name="us-east-1",
            )
        return self._client

    def make_bucket(self, bucket: str) -> None:
        """An empty bucket that anybody may list."""
        if bucket not in self._buckets:
            self.client().create_bucket(Bucket=bucket)
            self._buckets.add(bucket)

    def put(self, key: str, content: bytes, bucket: str = BUCKET) -> None:
        """An object that anybody may read."""
        self.make_bucket(bucket)
        with self._lock:
            self._send(key, content, bucket)
            self._settle()

    def _send(self, key: str, content: bytes, bucket: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"bucket": bucket, "key": key, "size": len(content)}).encode() + b"\n" + content)
        self.objects[bucket, key] = content

    def _settle(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(b"{}\n")
        self._process.stdin.flush()
        if b"done" not in self._process.stdout.readline():
            raise RuntimeError("moto's server took nothing")

    def delete(self, key: str, bucket: str = BUCKET) -> None:
        """Remove an object."""
        self.client().delete_object(Bucket=bucket, Key=key)
        self.objects.pop((bucket, key), None)

    def put_series(self, files: int = 3, size: int = 2000, bucket: str = BUCKET, seed: int = 0) -> str:
        """A series of random files ``<series uuid>/<instance uuid>.dcm``; the same for the same seed. Returns the series uuid."""
        made = random.Random(seed)
        series = str(uuid.UUID(int=made.getrandbits(128)))
        self._put_many(series, files, size, bucket, made)
        return series

    def put_many(self, series: str, files: int, size: int, bucket: str = BUCKET) -> None:
        """The same for a series uuid that is given."""
        self._put_many(series, files, size, bucket, random.Random(series))

    def _put_many(self, series: str, files: int, size: int, bucket: str, made: random.Random) -> None:
        self.make_bucket(bucket)
        with self._lock:
            for _ in range(files):
                self._send(f"{series}/{uuid.UUID(int=made.getrandbits(128))}.dcm", made.randbytes(size), bucket)
            self._settle()

    def files_of(self, series: str, bucket: str = BUCKET) -> dict[str, bytes]:
        """File name -> content of a series."""
        return {key.split("/", 1)[1]: content for (where, key), content in self.objects.items() if where == bucket and key.startswith(f"{series}/")}

    def stop(self) -> None:
        """End it."""
        if self._client is not None:
            self._client.close()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


@contextlib.contextmanager
def running_s3_server() -> Iterator[S3Server]:
    """A server for the duration of a block."""
    server = S3Server()
    try:
        yield server
    finally:
        server.stop()


def md5(content: bytes) -> str:
    """As an ETag states it."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
