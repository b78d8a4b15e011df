"""The process of a local S3 server (moto); started by ``bucket.serve``.

Reads one JSON line ``{"buckets": {name: [folder, ...]}}`` from standard input, answers one line ``{"endpoint_url": ..., "objects": n}`` on
standard output, and ends when its standard input closes: with the ``with`` block, or when the parent dies for whatever reason.
Each folder holds ``<series uuid>/<instance uuid>.dcm``; the objects lie in memory under these keys.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TextIO

_REGION = "us-east-1"


def main() -> int:
    """Serve until standard input closes."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Whatever a library prints must not be taken for the answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    question = json.loads(sys.stdin.readline())
    count = sum(_fill(bucket, [Path(folder) for folder in folders]) for bucket, folders in question["buckets"].items())
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    _answer(answers, {"endpoint_url": f"http://{host}:{port}", "objects": count})
    sys.stdin.read()
    server.stop()
    return 0


def _fill(bucket: str, folders: list[Path]) -> int:
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.s3.models import get_canned_acl, s3_backends

    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_bucket(bucket, _REGION)
    count = 0
    for folder in folders:
        for path in sorted(folder.glob("*/*.dcm")):
            stored = backend.put_object(bucket, f"{path.parent.name}/{path.name}", path.read_bytes())
            # As in IDC's buckets: everyone may read without signing.
            stored.set_acl(get_canned_acl("public-read"))
            count += 1
    return count


def _answer(stream: TextIO, document: dict[str, object]) -> None:
    stream.write(json.dumps(document) + "\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
