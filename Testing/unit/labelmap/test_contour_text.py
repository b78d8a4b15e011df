"""Contour Data text to numbers."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from IDCBrowserLib.labelmap.contours.text import parse_texts

decimals = st.one_of(
    st.from_regex(r"\A[+-]?[0-9]{1,8}(\.[0-9]{0,7})?\Z"),
    st.from_regex(r"\A[+-]?[0-9]{1,3}\.[0-9]{8,11}\Z"),
    st.from_regex(r"\A[+-]?\.[0-9]{1,9}\Z"),
    st.from_regex(r"\A[+-]?[0-9](\.[0-9]{1,5})?[eE][+-]?[0-9]{1,2}\Z"),
    st.from_regex(r"\A {0,2}-?[0-9]{1,4}(\.[0-9]{1,3})? {0,2}\Z"),
)


@given(st.lists(st.lists(decimals, min_size=1, max_size=9), max_size=5))
def test_every_decimal_string_reads_as_float_reads_it(texts):
    numbers = parse_texts(["\\".join(words).encode() for words in texts])

    assert numbers.problems == {}
    assert numbers.counts.tolist() == [len(words) for words in texts]
    assert numbers.values.tolist() == [float(word) for words in texts for word in words]


def test_sixteen_character_numbers_are_exact():
    chance = random.Random(1)
    words = [repr(chance.uniform(-900, 900))[:16] for _ in range(20000)]

    numbers = parse_texts(["\\".join(words).encode()])

    assert np.array_equal(numbers.values, np.array([float(word) for word in words]))


def test_a_text_that_is_no_numbers_is_named_and_the_others_are_read():
    numbers = parse_texts([b"1\\2\\3", b"4\\x\\6", b"", b"1,5\\2\\3", b"nan\\1\\2", b"1..2\\0\\0", b"\\1\\2", b"1_0\\2\\3", b"7\\8\\-9.5"])

    assert numbers.values.tolist() == [1, 2, 3, 7, 8, -9.5]
    assert numbers.counts.tolist() == [3, 0, 0, 0, 0, 0, 0, 0, 3]
    assert sorted(numbers.problems) == [1, 2, 3, 4, 5, 6, 7]
    assert "'x' is not a number" in numbers.problems[1]
    assert "no coordinates" in numbers.problems[2]
    assert "finite" in numbers.problems[4]


@given(st.binary(max_size=40))
def test_any_bytes_give_numbers_or_a_reason(text):
    numbers = parse_texts([text])

    assert len(numbers.values) == numbers.counts[0]
    assert (numbers.counts[0] == 0) == (0 in numbers.problems)
    assert np.isfinite(numbers.values).all()


def test_padding_by_space_and_zero_byte_is_no_part_of_a_number():
    assert parse_texts([b"1\\2\\3 ", b"4\\5\\6\0", b" 7\\8 \\9"]).values.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_many_texts_are_read_in_portions(monkeypatch):
    monkeypatch.setattr("IDCBrowserLib.labelmap.contours.text._PIECE", 8)

    numbers = parse_texts([b"1\\2", b"", b"3\\4\\5\\6\\7\\8", b"9"])

    assert numbers.values.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert numbers.counts.tolist() == [2, 0, 6, 1]
    assert list(numbers.problems) == [1]
