"""What s5cmd says about a file that did not come, for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from IDCBrowserLib.transfer.mover import FileTransfer

_FINAL = ("nosuchkey", "notfound", "status code: 404", "accessdenied", "forbidden", "status code: 403", "nosuchbucket", "invalidbucketname")
_MAX_NAMES = 5
_MEANINGS = (
    ("nosuchkey", "the bucket no longer holds it"),
    ("404", "the bucket no longer holds it"),
    ("403", "the server refuses access"),
    ("forbidden", "the server refuses access"),
    ("accessdenied", "the server refuses access"),
    ("proxyconnect", "the proxy does not answer"),
    ("bad gateway", "a server on the way does not answer"),
    ("connection refused", "the server does not answer"),
    ("connection reset", "the connection broke off"),
    ("unexpected eof", "the connection broke off"),
    ("no such host", "the server's name is not known"),
    ("500", "the server failed"),
    ("503", "the server is overloaded"),
    ("slowdown", "the server is overloaded"),
    ("timeout", "the server did not answer in time"),
)


def is_final(error: str) -> bool:
    """Whether asking the same server again makes no sense."""
    lowered = error.lower()
    return any(sign in lowered for sign in _FINAL)


def describe_missing(failed: Sequence[FileTransfer], total: int, proxy: str = "") -> str:
    """Which files of a series are missing and why; ``proxy`` is what stood between."""
    names = ", ".join(file.remote.name for file in failed[:_MAX_NAMES]) + (" ..." if len(failed) > _MAX_NAMES else "")
    reason = Counter(_plain(file.error) for file in failed).most_common(1)[0][0]
    through = f", through the proxy {proxy}" if proxy else ""
    return f"{len(failed)} of {total} files are missing ({reason}{through}): {names}; download it again to fetch only these"


def _plain(error: str) -> str:
    lowered = error.lower()
    for sign, meaning in _MEANINGS:
        if sign in lowered:
            return meaning
    return re.sub(r"(?:,? ?(?:status code|request id|host id):[^,]*)+$", "", error).strip()[:200]
