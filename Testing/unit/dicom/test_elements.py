"""The element reader: every way of writing a data set gives the same values, and what makes no sense is told where it stands."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from IDCBrowserLib.dicom.elements import MAX_ELEMENTS, Element, Elements, Stream, read_element
from IDCBrowserLib.dicom.problems import ShortError
from IDCBrowserLib.dicom.scan import TagSelection, scan
from IDCBrowserLib.dicom.vr import KNOWN, LONG, SHORT
from IDCBrowserLib.errors import ConversionError, DamagedError, IDCBrowserError

UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class Way:
    """How a data set or the items of a sequence are written."""

    implicit: bool = False
    big_endian: bool = False


def number(value: int, size: int, way: Way) -> bytes:
    return value.to_bytes(size, "big" if way.big_endian else "little")


def header(tag: int, vr: bytes, length: int, way: Way) -> bytes:
    start = number(tag >> 16, 2, way) + number(tag & 0xFFFF, 2, way)
    if way.implicit or tag >> 16 == 0xFFFE:
        return start + number(length, 4, way)
    if vr in LONG:
        return start + vr + b"\0\0" + number(length, 4, way)
    return start + vr + number(length, 2, way)


def written(content: dict[int, Any], way: Way) -> bytes:
    """tag -> (VR, bytes) or (``undefined``, way of the items, items)."""
    data = b""
    for tag, value in sorted(content.items()):
        if isinstance(value[0], bytes):
            vr, raw = value
            data += header(tag, vr, len(raw), way) + raw
            continue
        is_undefined, inner, vr, items = value
        body = b"".join(item(entry, inner, is_undefined) for entry in items)
        if is_undefined:
            body += header(0xFFFEE0DD, b"", 0, inner)
        data += header(tag, vr, UNDEFINED if is_undefined else len(body), way) + body
    return data


def item(content: dict[int, Any], way: Way, is_undefined: bool) -> bytes:
    body = written(content, way)
    if is_undefined:
        return header(0xFFFEE000, b"", UNDEFINED, way) + body + header(0xFFFEE00D, b"", 0, way)
    return header(0xFFFEE000, b"", len(body), way) + body


def read_back(elements: Elements, content: dict[int, Any]) -> None:
    assert set(content) <= elements.table.keys()
    for tag, value in content.items():
        if isinstance(value[0], bytes):
            assert elements.raw(tag) == value[1]
            continue
        items = elements.items(tag)
        assert len(items) == len(value[3])
        for found, expected in zip(items, value[3], strict=True):
            read_back(found, expected)


values = st.tuples(st.sampled_from(sorted(KNOWN - {b"SQ", b"UN"})), st.binary(max_size=40).map(lambda raw: raw + b" " * (len(raw) % 2)))
tags = st.integers(0x0008, 0x0040).flatmap(lambda group: st.integers(0x0010, 0x00F0).map(lambda element: group << 16 | element))


def contents(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(tags, inner, min_size=1, max_size=4)


def sequences(way: Way, inners: list[tuple[Way, bytes]]) -> st.SearchStrategy[Any]:
    def sequence(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.tuples(st.booleans(), st.sampled_from(inners), st.lists(contents(inner), max_size=3)).map(
            lambda parts: (parts[0], parts[1][0], parts[1][1], parts[2])
        )

    return contents(st.recursive(values, lambda inner: st.one_of(values, sequence(inner)), max_leaves=8))


EVERY_WAY = [Way(), Way(implicit=True), Way(big_endian=True)]


@pytest.mark.parametrize("way", EVERY_WAY)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back(way: Way, data: st.DataObject) -> None:
    content = data.draw(sequences(way, [(way, b"SQ")]))
    raw = written(content, way)
    stream = Stream("a.dcm", raw, way.implicit, way.big_endian)
    read_back(Elements.parse(stream, 0, len(raw)), content)
    wanted = {tag: value[1] for tag, value in content.items() if isinstance(value[0], bytes)}
    assert scan(stream, 0, TagSelection(frozenset(wanted), max(content))) == (wanted, len(raw))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_sequences_that_are_implicit_within_an_explicit_data_set_are_read(data: st.DataObject) -> None:
    """Those of VR UN as the standard says (PS3.5 6.2.2), and private ones that writers left as they came."""
    implicit = Way(implicit=True)
    content = data.draw(sequences(Way(), [(implicit, b"UN"), (implicit, b"SQ")]))
    # Within what is implicit no VR is written any more.
    raw = written(content, Way())
    read_back(Elements.parse(Stream("a.dcm", raw), 0, len(raw)), content)


def test_a_sequence_that_is_explicit_within_an_implicit_data_set_is_read() -> None:
    inner = {0x00091001: (b"LO", b"abcd"), 0x00091002: (b"OB", b"123456"), 0x00091003: (b"SQ", b"")}
    for is_undefined in (True, False):
        content = {0x00091000: (is_undefined, Way(), b"SQ", [inner, inner]), 0x00100010: (b"PN", b"Doe^Jane")}
        raw = written(content, Way(implicit=True))
        found = Elements.parse(Stream("a.dcm", raw, True), 0, len(raw))
        read_back(found, content)
        assert found.text(0x00100010) == "Doe^Jane"


def test_one_element_without_vr_within_an_explicit_data_set_is_read() -> None:
    raw = header(0x00091001, b"", 4, Way(implicit=True)) + b"abcd" + header(0x00100010, b"PN", 8, Way()) + b"Doe^Jane"
    found = Elements.parse(Stream("a.dcm", raw), 0, len(raw))
    assert (found.raw(0x00091001), found.text(0x00100010)) == (b"abcd", "Doe^Jane")
    assert scan(Stream("a.dcm", raw), 0, TagSelection(frozenset({0x00100010}), 0x00280100))[0] == {0x00100010: b"Doe^Jane"}


@pytest.mark.parametrize("raw", [b"\x09\0\1\x10ZZ\0\0\4\0\0\0abcd", b"\x09\0\1\x10ZZ\4\0abcd"])
def test_a_vr_of_the_future_is_passed_in_the_long_or_the_short_form(raw: bytes) -> None:
    data = raw + header(0x00100010, b"PN", 8, Way()) + b"Doe^Jane"
    found = Elements.parse(Stream("a.dcm", data), 0, len(data))
    assert (found.raw(0x00091001), found.text(0x00100010)) == (b"abcd", "Doe^Jane")


@pytest.mark.parametrize("way", EVERY_WAY)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_of_a_part_of_a_data_set_more_is_asked_for_or_the_same_is_read(way: Way, data: st.DataObject) -> None:
    content = data.draw(sequences(way, [(way, b"SQ")]))
    raw = written(content, way)
    size = data.draw(st.integers(0, len(raw)))
    part = Stream("a.dcm", raw[:size], way.implicit, way.big_endian, size=len(raw))
    try:
        found = Elements.parse(part, 0, len(raw))
        read_back(found, content)
    except ShortError:
        assert size < len(raw)


@pytest.mark.parametrize("way", EVERY_WAY)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_data_set_that_is_cut_gives_what_is_there_or_says_so(way: Way, data: st.DataObject) -> None:
    content = data.draw(sequences(way, [(way, b"SQ")]))
    raw = written(content, way)
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    try:
        found = Elements.parse(Stream("a.dcm", raw, way.implicit, way.big_endian), 0, len(raw))
    except DamagedError as error:
        assert str(error).startswith("a.dcm is ")
    else:
        assert found.table.keys() <= content.keys()


@pytest.mark.parametrize("way", EVERY_WAY)
@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=200))
def test_any_bytes_end_in_a_table_or_a_typed_error(way: Way, raw: bytes) -> None:
    try:
        found = Elements.parse(Stream("a.dcm", raw, way.implicit, way.big_endian), 0, len(raw))
        for tag, element in found.table.items():
            assert 0 <= element.start <= element.stop <= len(raw)
            for read in (found.text, found.integer, found.unsigned, found.unsigneds, found.items, found.holds_items):
                with_typed_errors(read, tag)
    except DamagedError as error:
        assert error.reason


def with_typed_errors(read: Any, tag: int) -> None:
    try:
        read(tag)
    except IDCBrowserError as error:
        assert "a.dcm" in str(error)


@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("depth", [1, 16, 150])
def test_sequences_may_be_nested_to_any_depth(way: Way, depth: int) -> None:
    content: dict[int, Any] = {0x00080060: (b"CS", b"CT")}
    for _ in range(depth):
        content = {0x00081115: (True, way, b"SQ", [content])}
    raw = written(content, way)
    read_back(Elements.parse(Stream("deep.dcm", raw, way.implicit, way.big_endian), 0, len(raw)), content)


@pytest.mark.parametrize("way", EVERY_WAY)
def test_what_stands_behind_ten_thousand_open_sequences_is_found(way: Way) -> None:
    """They are passed without a call for each, whose number Python limits."""
    opening = header(0x00081115, b"SQ", UNDEFINED, way) + header(0xFFFEE000, b"", UNDEFINED, way)
    closing = header(0xFFFEE00D, b"", 0, way) + header(0xFFFEE0DD, b"", 0, way)
    inner = opening * 10_000 + closing * 10_000
    raw = inner + header(0x00280010, b"US", 2, way) + b"\4\0"
    found = Elements.parse(Stream("deep.dcm", raw, way.implicit, way.big_endian), 0, len(raw))
    assert found.raw(0x00280010) == b"\4\0" and len(list(found.iterate_items(0x00081115))) == 1
    for cut in (len(inner) // 2, len(inner) - 9):
        with pytest.raises(DamagedError, match="cut off"):
            Elements.parse(Stream("deep.dcm", raw[:cut], way.implicit, way.big_endian), 0, cut)


def test_elements_beside_each_other_are_read_to_a_limit() -> None:
    one = header(0x00091001, b"LO", 0, Way())
    assert Elements.parse(Stream("a.dcm", one * (MAX_ELEMENTS - 1)), 0, len(one) * (MAX_ELEMENTS - 1)).table
    with pytest.raises(DamagedError, match="more than 100,000 elements beside each other"):
        Elements.parse(Stream("a.dcm", one * (MAX_ELEMENTS + 1)), 0, len(one) * (MAX_ELEMENTS + 1))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\x10\0\x10\0PN\x08\0Doe", "cut off: element (0010,0010) claims 8 bytes where 3 are left"),
        (b"\x10\0\x10\0PN", "cut off: it ends within an element"),
        (b"\x10\0\x10\0OB\0\0\x08\0", "cut off: it ends within an element"),
        (b"\x10\0\x10\0\1\2\3\4abcd", "damaged: element (0010,0010) has no value representation"),
        (bytes(16), "damaged: zeros stand where an element must begin"),
        (b"\x08\0\x15\x11SQ\0\0\xff\xff\xff\xff\x10\0\x10\0PN\0\0", "damaged: (0010,0010) stands where an item of a sequence must begin"),
        (b"\x08\0\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\x09\0\0\0abcd", "cut off: an item of a sequence claims 9 bytes where 4 are left"),
        (b"\x08\0\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff", "cut off: it ends within an element"),
        (b"\x08\0\x15\x11SQ\0\0\xff\xff\xff\xff", "cut off: it ends within a sequence"),
    ],
)
def test_what_makes_no_sense_is_told(raw: bytes, reason: str) -> None:
    with pytest.raises(DamagedError) as caught:
        Elements.parse(Stream("a.dcm", raw), 0, len(raw))
    assert caught.value.reason == reason
    assert str(caught.value).startswith(f"a.dcm is {reason}. ")


def test_a_value_that_is_no_number_is_told_with_its_element() -> None:
    raw = header(0x00200013, b"IS", 4, Way()) + b"abc " + header(0x00280030, b"DS", 4, Way()) + b"1\\2 " + header(0x00280010, b"US", 1, Way()) + b"\1"
    found = Elements.parse(Stream("a.dcm", raw), 0, len(raw))
    with pytest.raises(ConversionError, match=r'a\.dcm: Element \(0020,0013\) holds "abc" instead of a whole number'):
        found.integer(0x00200013)
    with pytest.raises(ConversionError, match=r"\(0028,0030\) holds .* where 3 numbers are required"):
        found.floats(0x00280030, 3)
    with pytest.raises(ConversionError, match=r"\(0028,0010\) is too short for a number"):
        found.unsigned(0x00280010)


def test_an_element_reaches_no_further_than_what_holds_it() -> None:
    raw = struct.pack("<HH2sH", 0x0010, 0x0010, b"PN", 8) + b"Doe^Jane" + b"more"
    assert read_element(Stream("a.dcm", raw), 0, 16) == Element(0x00100010, b"PN", 8, 16, 16)
    with pytest.raises(DamagedError, match=r"damaged: element \(0010,0010\) claims 8 bytes where 7 are left"):
        read_element(Stream("a.dcm", raw), 0, 15)


def test_every_vr_stands_in_one_table_only() -> None:
    from pydicom.valuerep import VR

    assert not LONG & SHORT
    assert {name.decode() for name in KNOWN} == {name.value for name in VR if len(name.value) == 2}
