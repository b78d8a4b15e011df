"""Answers of buckets, honest and hostile."""

from __future__ import annotations

import pytest

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.transfer.listing import RemoteObject, parse_listing

UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
MD5 = "398533d48111e9f664b1f64cb10c4b63"
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def _entry(key: str, size: object = 10, etag: str = MD5) -> str:
    return f"<Contents><Key>{key}</Key><Size>{size}</Size><ETag>&quot;{etag}&quot;</ETag></Contents>"


def _page(*entries: str, rest: str = "<IsTruncated>false</IsTruncated>", namespace: str = NAMESPACE) -> bytes:
    return f'<?xml version="1.0"?><ListBucketResult {namespace}>{rest}{"".join(entries)}</ListBucketResult>'.encode()


@pytest.mark.parametrize("namespace", [NAMESPACE, 'xmlns="http://doc.s3.amazonaws.com/2006-03-01"', ""])
def test_objects_with_size_and_md5(namespace: str) -> None:
    objects, token = parse_listing(_page(_entry(f"{UUID}/a.dcm"), namespace=namespace), UUID, "b")
    assert objects == [RemoteObject(f"{UUID}/a.dcm", "a.dcm", 10, MD5)]
    assert token == ""


def test_the_etag_of_an_upload_in_parts_is_no_md5() -> None:
    objects, _ = parse_listing(_page(_entry(f"{UUID}/a.dcm", etag=f"{MD5}-4")), UUID, "b")
    assert objects[0].md5 == ""


def test_the_folder_itself_is_no_file_and_pages_go_on() -> None:
    rest = "<IsTruncated>true</IsTruncated><NextContinuationToken>a/b+c=</NextContinuationToken>"
    objects, token = parse_listing(_page(_entry(f"{UUID}/", 0), _entry(f"{UUID}/a.dcm"), rest=rest), UUID, "b")
    assert [item.name for item in objects] == ["a.dcm"]
    assert token == "a/b+c="


@pytest.mark.parametrize(
    "key",
    [
        f"{UUID}/../../etc/passwd",
        f"{UUID}/a/b.dcm",
        f"{UUID}/a b.dcm",
        f"{UUID}/'; rm.dcm",
        f"{UUID}/con.dcm",
        "elsewhere/a.dcm",
        f"{UUID}x/a.dcm",
    ],
)
def test_keys_that_are_no_file_of_the_series_are_refused(key: str) -> None:
    with pytest.raises(TransferError, match="bucket b lists"):
        parse_listing(_page(_entry(key)), UUID, "b")


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html><body>Hotel Wi-Fi</body></html>",
        b"not xml",
        _page()[:-5],
        b"<Error><Code>X</Code></Error>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><ListBucketResult>&a;</ListBucketResult>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><ListBucketResult></ListBucketResult>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "aaaa">]><ListBucketResult>&a;</ListBucketResult>'.encode("utf-16"),
        _page(_entry("x")).decode().encode("utf-16"),
        "ListBucketResult \u00e9".encode("latin-1"),
        b'<?xml version="1.0" encoding="cp037"?>' + _page()[21:].decode().encode("cp037"),
        b"<a>" * 200_000,
    ],
)
def test_what_is_no_listing_is_not_believed(page: bytes) -> None:
    with pytest.raises(TransferError, match="not a listing"):
        parse_listing(page, UUID, "b")


def test_a_listing_that_stops_in_the_middle_is_not_believed() -> None:
    with pytest.raises(TransferError, match="stops in the middle"):
        parse_listing(_page(rest="<IsTruncated>true</IsTruncated>"), UUID, "b")


@pytest.mark.parametrize("size", ["", "-1", "ten", "1" * 14, "9" * 5000, "\u0661", "1e3"])
def test_a_size_that_is_no_number_is_refused(size: str) -> None:
    with pytest.raises(TransferError, match="cannot be a file"):
        parse_listing(_page(_entry(f"{UUID}/a.dcm", size)), UUID, "b")


@pytest.mark.parametrize("declared", ["utf-8", "UTF-16", "latin-1", "cp037", "nonsense", "idna"])
def test_whatever_encoding_a_listing_declares_it_is_read_as_utf_8(declared: str) -> None:
    page = _page(_entry(f"{UUID}/a.dcm")).replace(b'version="1.0"', f'version="1.0" encoding="{declared}"'.encode())
    objects, _ = parse_listing(page, UUID, "b")
    assert [item.name for item in objects] == ["a.dcm"]


@pytest.mark.parametrize(
    ("rest", "token"),
    [
        ("", ""),
        ("<NextContinuationToken>a</NextContinuationToken>", ""),
        ("<IsTruncated>false</IsTruncated><NextContinuationToken>a</NextContinuationToken>", ""),
        ("<IsTruncated> True\n</IsTruncated><NextContinuationToken>a</NextContinuationToken>", "a"),
        ("<IsTruncated/><NextContinuationToken/>", ""),
        ("<Zzz>1</Zzz><Aaa>1</Aaa><IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken>", "a"),
    ],
)
def test_a_page_goes_on_only_where_it_says_so(rest: str, token: str) -> None:
    objects, found = parse_listing(_page(_entry(f"{UUID}/a.dcm"), rest=rest), UUID, "b")
    assert (len(objects), found) == (1, token)


@pytest.mark.parametrize("prefix", ["elsewhere/", f"{UUID}/x/"])
def test_of_a_long_key_that_is_refused_a_hundred_characters_are_said(prefix: str) -> None:
    key = prefix.ljust(300, "k")
    with pytest.raises(TransferError) as caught:
        parse_listing(_page(_entry(key)), UUID, "b")
    assert f"lists {key[:100]!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "md5"), [("", ""), ("<ETag/>", ""), (f"<ETag> &quot;{MD5.upper()}&quot; </ETag>", MD5), (f"<ETag>{MD5}0</ETag>", "")]
)
def test_an_etag_is_taken_for_an_md5_only_when_it_has_its_form(entry: str, md5: str) -> None:
    page = _page(f"<Contents><Key>{UUID}/a.dcm</Key><Size>10</Size>{entry}</Contents>")
    assert parse_listing(page, UUID, "b")[0][0].md5 == md5
