"""Servers that do what no server should, as rules for ``FaultProxy``: ``LISTINGS`` and ``OBJECTS`` by what they do."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from typing import BinaryIO

from helpers.fault_proxy import Fault, Rule, is_listing, is_object

# What "hangs" means; what is tested ends much sooner.
HANGS_S = 60
# Of the objects, in bytes, where they are made for these servers.
SIZE = 20_000


def _listing(change: Callable[[str], str], encoding: str = "utf-8") -> Rule:
    return _listings(Fault(change=lambda body: change(body.decode()).encode(encoding)))


def _listings(fault: Fault) -> Rule:
    return lambda method, path, count: fault if is_listing(path) else None


def _objects(fault: Fault, method: str = "GET") -> Rule:
    return lambda asked, path, count: fault if is_object(path) and asked == method else None


def _first_object(fault: Fault) -> Rule:
    """Of each series: the rules are there for all tests."""
    first: dict[str, str] = {}

    def rule(method: str, path: str, count: int) -> Fault | None:
        asked = is_object(path) and method == "GET"
        return fault if asked and first.setdefault(path.rpartition("/")[0], path) == path else None

    return rule


def _raw(*parts: bytes, pause_s: float = 0.0, again: int = 1) -> Fault:
    """Parts of an answer, one after the other, with pauses."""

    def write(stream: BinaryIO) -> None:
        for part in parts * again:
            stream.write(part)
            stream.flush()
            time.sleep(pause_s)

    return Fault(raw=write)


def _drip(head: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n") -> Fault:
    def write(stream: BinaryIO) -> None:
        stream.write(head)
        for _ in range(4 * HANGS_S):
            stream.write(b"<")
            stream.flush()
            time.sleep(0.5)

    return Fault(raw=write)


def _redirect(to: str) -> Fault:
    return Fault(status=302, headers={"Location": to})


def _key(name: str) -> Rule:
    """The first object is called that below its series."""

    def change(text: str) -> str:
        head, _, rest = text.partition("<Key>")
        key, _, tail = rest.partition("</Key>")
        return f"{head}<Key>{key.partition('/')[0]}/{name}</Key>{tail}"

    return _listing(change)


def _field(name: str, value: str) -> Rule:
    """The first object has that as its size, ETag..."""

    def change(text: str) -> str:
        head, _, rest = text.partition(f"<{name}>")
        return f"{head}<{name}>{value}</{name}>{rest.partition(f'</{name}>')[2]}"

    return _listing(change)


def _pages(token: Callable[[int], str], with_objects: bool = True) -> Rule:
    """Each page says that another one follows."""
    asked: list[str] = []

    def rule(method: str, path: str, count: int) -> Fault | None:
        if not is_listing(path):
            return None
        asked.append(path)
        follows = f"<NextContinuationToken>{token(len(asked))}</NextContinuationToken>"

        def change(body: bytes) -> bytes:
            text = body.decode().replace("<IsTruncated>false</IsTruncated>", f"<IsTruncated>true</IsTruncated>{follows}")
            return (text if with_objects else text.partition("<Contents>")[0] + "</ListBucketResult>").encode()

        return Fault(change=change)

    return rule


def _counting() -> Callable[[int], Fault]:
    return lambda number: Fault(change=lambda body: bytes((value + number) % 256 for value in body))


def _always_other(method: str, path: str, count: int) -> Fault | None:
    return _counting()(count + 1) if is_object(path) and method == "GET" else None


def _bomb(stream: BinaryIO) -> None:
    body = gzip.compress(bytes(200_000_000), 9)
    stream.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _endless(stream: BinaryIO) -> None:
    stream.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    block = b"10000\r\n" + b" " * 65536 + b"\r\n"
    for _ in range(100_000):
        stream.write(block)


def _escaping(method: str, path: str, count: int) -> Fault | None:
    """A first listing that is right, and further ones whose keys lead out of the folder: who lists twice is lost."""
    if not is_listing(path) or not count:
        return None
    return Fault(change=lambda body: body.replace(b"/", b"/../../../escaped-", 1) if b"<Key>" in body else body)


def _twice(text: str) -> str:
    first = text[text.index("<Contents>") : text.index("</Contents>") + len("</Contents>")]
    return text.replace("<Contents>", first + "<Contents>", 1)


_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 9))
    + "]><ListBucketResult>&a8;</ListBucketResult>"
)
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNFINISHED = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<ListBucketResult>"
LISTINGS: dict[str, Rule] = {
    **{f"answers {status}": _listings(Fault(status=status)) for status in (204, 301, 400, 401, 403, 404, 418, 429, 500, 503)},
    "says nothing": _listings(Fault(stall_s=HANGS_S)),
    "closes at once": _listings(_raw()),
    "resets": _listings(Fault(reset=True)),
    "drips": _listings(_drip()),
    "drips in chunks": _listings(_raw(_CHUNKED, *[b"1\r\n<\r\n"] * 4 * HANGS_S, pause_s=0.5)),
    "drips headers": _listings(_drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")),
    "drips the status line": _listings(_drip(b"HTTP/1.1 20")),
    "continues without end": _listings(_raw(b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.01, again=100 * HANGS_S)),
    "stops in the middle": _listings(_raw(UNFINISHED)),
    "stops and stays": _listings(_raw(UNFINISHED, pause_s=HANGS_S)),
    "speaks another protocol": _listings(_raw(b"220 mail.example.org ESMTP\r\n")),
    "sends a thousand headers": _listings(_raw(b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 1000 + b"\r\n")),
    "sends a header of a megabyte": _listings(_raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n")),
    "has a length of 5,000 digits": _listings(_raw(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n<a/>")),
    "has a negative length": _listings(_raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n<a/>")),
    "has chunks of nonsense": _listings(_raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<a/>\r\n0\r\n\r\n")),
    "says gzip and means nothing": _listings(_raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n<a/>")),
    "sends a gzip bomb": _listings(Fault(raw=_bomb)),
    "never ends": _listings(Fault(raw=_endless)),
    "redirects to nonsense": _listings(_redirect("http://ex..ample/")),
    "redirects to a file": _listings(_redirect("file:///etc/passwd")),
    "redirects to another protocol": _listings(_redirect("gopher://127.0.0.1/")),
    "redirects to an IPv6 that is none": _listings(_redirect("http://[::1/")),
    "redirects to itself": lambda method, path, count: _redirect(path) if is_listing(path) else None,
    "redirects to a port of 5,000 digits": _listings(_redirect(f"http://127.0.0.1:{'9' * 5000}/")),
    "is empty": _listing(lambda text: ""),
    "is a page for people": _listing(lambda text: "<html><body>Hotel Wi-Fi</body></html>"),
    "is UTF-16": _listing(lambda text: text, "utf-16"),
    "declares another encoding": _listing(lambda text: text.replace('"UTF-8"', '"cp037"').replace("'utf-8'", "'cp037'")),
    "holds zeros": _listing(lambda text: text.replace("<Key>", "<Key>\0")),
    "is nested a million deep": _listing(lambda text: "<a>" * 1_000_000),
    "explodes": _listing(lambda text: _LAUGHS),
    "reads a local file": _listing(lambda text: '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ListBucketResult>&a;</ListBucketResult>'),
    "is cut": _listing(lambda text: text[:-30]),
    "repeats its token": _pages(lambda number: "again"),
    "has ever new tokens": _pages(lambda number: f"token-{number}"),
    "has ever new tokens and no objects": _pages(lambda number: f"token-{number}", with_objects=False),
    "has a token of a megabyte": _pages(lambda number: "x" * 1_000_000),
    "is truncated without a token": _listing(lambda text: text.replace("<IsTruncated>false", "<IsTruncated>true")),
    **{
        f"names {name!r}"[:60]: _key(name)
        for name in (
            "../../escaped.dcm",
            "../escaped.dcm",
            "/tmp/escaped.dcm",
            "..\\escaped.dcm",
            "C:escaped.dcm",
            "con.dcm",
            "a\nrm.dcm",
            "'; touch escaped; '.dcm",
            "*.dcm",
            "",
            ".",
            "..",
            ".hidden.dcm",
            "x" * 300,
            "ü.dcm",
            "a/b.dcm",
        )
    },
    "names another series": _listing(lambda text: text.replace("<Key>", "<Key>x", 1)),
    "names one object twice": _listing(_twice),
    **{f"has the size {value[:20]!r}": _field("Size", value) for value in ("9" * 5000, "-1", "1e3", "", "4000000000000", "0", str(SIZE + 1))},
    **{f"has the ETag {value!r}": _field("ETag", value) for value in ("", "&quot;nonsense&quot;", f"&quot;{'0' * 32}&quot;")},
    "lists other keys the second time": _escaping,
}
OBJECTS: dict[str, Rule] = {
    **{f"answers {status}": _objects(Fault(status=status)) for status in (301, 400, 403, 404, 418, 429, 500, 503)},
    "says nothing": _objects(Fault(stall_s=HANGS_S)),
    "closes at once": _objects(_raw()),
    "resets": _objects(Fault(reset=True)),
    "drips": _first_object(_drip(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)),
    "drips without a length": _first_object(_drip(b"HTTP/1.1 200 OK\r\n\r\n")),
    "stops in the middle": _objects(Fault(keep_bytes=100)),
    "stops and stays": _first_object(_raw(b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\n\r\nabc" % SIZE, pause_s=HANGS_S)),
    "speaks another protocol": _objects(_raw(b"220 mail.example.org ESMTP\r\n")),
    "never ends": _first_object(Fault(raw=_endless)),
    "is longer": _objects(Fault(change=lambda body: body + b"more")),
    "is shorter": _objects(Fault(change=lambda body: body[:-1])),
    "is empty": _objects(Fault(change=lambda body: b"")),
    "has another content": _objects(Fault(change=lambda body: body[::-1])),
    "has another content each time": _always_other,
    "says gzip": _objects(Fault(headers={"Content-Encoding": "gzip"})),
    "states another range": _objects(Fault(headers={"Content-Range": "bytes 5-10/4000000000000"})),
    "states a range of nonsense": _objects(Fault(headers={"Content-Range": "bytes ../../escaped"})),
    "redirects to nonsense": _objects(_redirect("http://ex..ample/")),
    "redirects to itself": lambda method, path, count: _redirect(path) if is_object(path) else None,
    "HEAD answers 500": _objects(Fault(status=500), "HEAD"),
    "HEAD says nothing": _objects(Fault(stall_s=HANGS_S), "HEAD"),
    "HEAD states another size": _objects(Fault(headers={"Content-Length": "4000000000000"}), "HEAD"),
}
