"""Why a file did not come: what s5cmd answers, read by its form, and said for people.

The AWS library writes ``Code: message status code: 404, request id: ..., host id: ...``; for a request that got no answer
``RequestError: send request failed caused by: Get "address": reason``; Go writes ``open ./name: reason`` for what the disk refuses. Numbers anywhere
else in a text mean nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

_MAX_NAMES = 5
_MAX_TEXT = 200


class Kind(Enum):
    """Who has to do something about it."""

    SERVER = "server"
    NETWORK = "network"
    CONTENT = "content"
    DISK = "disk"
    DISK_FULL = "disk full"
    OPEN_FILES = "open files"


@dataclass(frozen=True)
class Failure:
    """``text`` completes "is missing (...)". ``is_final``: asking the same server again makes no sense; ``is_withheld``: it has nothing to give."""

    text: str
    kind: Kind = Kind.CONTENT
    is_final: bool = False
    is_withheld: bool = False


_ANSWER = re.compile(
    r"(?:(?P<code>[A-Za-z]+): )?(?P<message>.*?)\s*(?i:status code): (?P<status>[0-9]{3})(?:, request id: \S*, host id:\s*\S*)?\s*", re.DOTALL
)
_NO_ANSWER = re.compile(r"RequestError: send request failed\s+caused by: (?:\w+ \"[^\"]*\": )?(?P<reason>.*)", re.DOTALL)
_OF_DISK = re.compile(r"(?:open|write|rename|mkdir|close|sync|chmod|stat|lstat|remove) .*: (?P<reason>[^:]*)", re.DOTALL)
_CODES = {"NoSuchKey": 404, "NotFound": 404, "AccessDenied": 403, "Forbidden": 403, "NoSuchBucket": 404, "InvalidBucketName": 404, "SlowDown": 503}
_WITHHELD = frozenset({403, 404, 410})
_FINAL = _WITHHELD | {301}
_MEANINGS = {
    301: "the bucket is in another region",
    403: "the server refuses access",
    404: "it is no longer in the bucket",
    410: "it is no longer in the bucket",
    429: "the server is overloaded",
    502: "a server in between does not answer",
    503: "the server is overloaded",
    504: "a server in between does not answer",
}
_REASONS = (
    ("connection refused", "the server does not answer"),
    ("connection reset by peer", "the connection broke off"),
    ("broken pipe", "the connection broke off"),
    ("EOF", "the connection broke off"),
    ("no such host", "the server's name is not known"),
    ("timeout", "the server did not answer in time"),
    ("deadline exceeded", "the server did not answer in time"),
    ("network is unreachable", "the network is unreachable"),
    ("no route to host", "the network is unreachable"),
    ("does not look like a TLS handshake", "the server does not encrypt"),
    ("server gave HTTP response to HTTPS client", "the server does not encrypt"),
    ("Bad Gateway", "a server in between does not answer"),
    ("Proxy Authentication Required", "the proxy asks for a name and password"),
    ("Forbidden", "the proxy refuses this address"),
)
_AGAIN = "download the series again to get only these"
_WITHDRAWN = "if others come from this server, IDC has withdrawn these from public access; look for a newer release of the series, or leave it out"
_FULL = ("no space left on device", "disk quota exceeded", "There is not enough space on the disk.")
_OPEN_FILES = "too many open files"


def of_s5cmd(error: str) -> Failure:
    """What an error that s5cmd tells of a file means."""
    error = error.strip()
    if _OPEN_FILES in error.rpartition(": ")[2]:
        return too_many_open_files()
    if (found := _OF_DISK.fullmatch(error)) is not None:
        return _of_disk(found["reason"], error)
    if (found := _NO_ANSWER.fullmatch(error)) is not None:
        return _of_network(found["reason"])
    found = _ANSWER.fullmatch(error)
    if found is not None:
        return _of_status(int(found["status"]), found["code"] or "", found["message"])
    code = error.partition(": ")[0]
    if code in _CODES:
        return _of_status(_CODES[code], code, error)
    return _of_network(error)


def too_many_open_files() -> Failure:
    """The system lets a program open only so many."""
    return Failure("too many files are open at once; raise the limit (ulimit -n) or move fewer files at once (--jobs)", Kind.OPEN_FILES)


def _of_status(status: int, code: str, message: str) -> Failure:
    meant = {status, _CODES.get(code, status)}
    known = _MEANINGS.get(status) or ("the server failed" if status >= 500 else "")
    text = known or f"{code}: {message}".strip(": ")[:_MAX_TEXT] or f"the server answers {status}"
    return Failure(text, Kind.SERVER, is_final=bool(meant & _FINAL), is_withheld=bool(meant & _WITHHELD))


def _of_network(reason: str) -> Failure:
    if reason.startswith("proxyconnect"):
        return Failure("the proxy does not answer", Kind.NETWORK)
    if "x509: " in reason:
        return Failure(f"the server's certificate is not trusted: {reason.rpartition('x509: ')[2]}"[:_MAX_TEXT], Kind.NETWORK)
    known = next((meaning for sign, meaning in _REASONS if reason.endswith(sign)), "")
    return Failure(known or reason[:_MAX_TEXT] or "no reason given", Kind.NETWORK)


def _of_disk(reason: str, error: str) -> Failure:
    if reason in _FULL:
        return Failure("the disk is full", Kind.DISK_FULL)
    return Failure(f"it cannot be written: {reason}" if reason else error[:_MAX_TEXT], Kind.DISK)


def describe_missing(failed: Sequence[tuple[str, Failure]], total: int, proxy: str = "", of_idc: bool = False) -> str:
    """Which files of a series are missing, by name, why, and what to do; ``proxy`` is what stood between, ``of_idc``: from a public bucket of IDC.

    IDC lists some objects that are no longer public (IDC User Guide, "Limited access content").
    """
    reason = Counter(failure.text for _, failure in failed).most_common(1)[0][0]
    through = f", through the proxy {proxy}" if proxy else ""
    names = some_names([name for name, _ in failed])
    is_withdrawn = of_idc and not proxy and all(failure.is_withheld for _, failure in failed)
    return f"{len(failed)} of {total} files are missing ({reason}{through}): {names}; {_WITHDRAWN if is_withdrawn else _AGAIN}"


def some_names(names: Sequence[str]) -> str:
    """At most five."""
    return ", ".join(names[:_MAX_NAMES]) + (" ..." if len(names) > _MAX_NAMES else "")
