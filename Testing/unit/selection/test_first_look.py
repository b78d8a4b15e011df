"""Long files that are no manifest are told by their start; long ones with a single good line are read whole."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.small_catalog import GONE_UUID, uuid, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection import text_file
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.selection.text_file import read_text

# What a first look takes in these tests, so that a long file need not be a huge one.
START_BYTES = 50_000
LONG = START_BYTES + 10_000
LOG = "12:03:44 worker {n} started to read 10.0.0.1/page, status 200, and took a while for it\n"


@pytest.fixture(autouse=True)
def whole_start(monkeypatch: pytest.MonkeyPatch) -> int:
    """What a first look takes in the program."""
    usual = text_file.START_BYTES
    monkeypatch.setattr(text_file, "START_BYTES", START_BYTES)
    return usual


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(sources=write_sources(tmp_path_factory.mktemp("index"))) as opened:
        yield opened


def filled(line: str, size: int = LONG) -> str:
    """Lines with their number in them, up to a length."""
    return "".join(line.replace("{n}", str(number)) for number in range(size // len(line) + 1))


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "some.txt"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (filled(LOG), "a text such as a log or a document"),
        (filled("Größe {n} der Stadt, wie sie im Buche steht; und weiter geht es hier\n").replace(",", "", 9), "a text such as a log"),
        (filled("{n},some text,0.25,yes\n"), "a table without a title that is known"),
        ("PatientID,age\n" + filled("nobody {n},7\n"), "a table of something else"),
        (filled("word ", LONG), "one very long line"),
        ("a" * LONG, "one very long line"),
        ("<!DOCTYPE html>\n" + filled("<p>Page {n}</p>\n"), "a web page or XML"),
        (filled("# comment {n}\n"), "empty, or comments only"),
        (" " * LONG, "empty, or comments only"),
        (json.dumps([{"name": f"thing {number}", "size": number / 7} for number in range(3_000)]), "JSON of another program"),
        ('{"text": "' + '\\"' * LONG, "JSON of another program"),
    ],
)
def test_a_long_file_that_names_nothing_is_refused_in_one_sentence(catalog: Catalog, tmp_path: Path, text: str, what: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=f"some.txt seems to be {what}") as caught:
        resolve(catalog, [str(path)])
    said = str(caught.value)
    assert "nothing at its start names a series, study, case or collection of IDC" in said
    assert "choose a manifest" in said or "call the column that names series SeriesInstanceUID" in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_start_that_ends_within_a_character_is_a_start_all_the_same(catalog: Catalog, tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "ä\n" + "x" * (START_BYTES % 3) + "äöü" * LONG, encoding)
    with pytest.raises(InputError, match=r"seems to be (?:one very long line|a text such as a log)"):
        resolve(catalog, [str(path)])


@pytest.mark.parametrize(
    ("line", "series"),
    [
        (f"cp s3://idc-open-data/{uuid(1)}/* .", {uuid(1)}),
        (uuid(2), {uuid(2)}),
        ("1.2.1.3", {uuid(3)}),
        ("brain_mr", {uuid(31)}),
        ("P10", {uuid(21)}),
        (f"dg.4DFC/{GONE_UUID}", {GONE_UUID}),
    ],
)
def test_one_good_line_among_bad_ones_has_all_of_them_read_and_told_by_number(
    catalog: Catalog,
    tmp_path: Path,
    line: str,
    series: set[str],
) -> None:
    bad = filled(LOG).splitlines()
    path = write(tmp_path, "\n".join([*bad[:400], line, *bad[400:]]))
    plan = resolve(catalog, [str(path)])
    assert {item.crdc_series_uuid for item in plan.series} == series
    assert [item.line for item in plan.unresolved] == [number for number in range(1, len(bad) + 2) if number != 401]


def test_long_lists_tables_and_json_of_identifiers_are_read_as_ever(catalog: Catalog, tmp_path: Path) -> None:
    unknown = [f"1.2.826.0.1.3680043.10.43.113619145199135.{number}" for number in range(2_000)]
    rows = [{"PatientID": "P2", "note": "x" * 50, "SeriesInstanceUID": uid} for uid in ("1.2.1.1", *unknown[:600])]
    for text in (
        ", ".join(["1.2.1.1", *unknown]),
        "\n".join(["1.2.1.1", *unknown]),
        "name\tSeriesInstanceUID\n" + "of no interest here, and longer than a UID\t1.2.1.1\n" * 1_500,
        json.dumps(rows),
        json.dumps(["1.2.1.1", *unknown]),
        json.dumps({"more": [{"series_aws_url": f"s3://idc-open-data/{uuid(1)}/*"}] * 1_000}),
        "# a comment\n" * 1_000 + f"{uuid(1)}\n" * 2_000,
    ):
        assert len(text) > START_BYTES
        assert {item.crdc_series_uuid for item in resolve(catalog, [str(write(tmp_path, text))]).series} == {uuid(1)}


def test_cases_of_a_json_table_may_be_the_only_thing_that_it_names(catalog: Catalog, tmp_path: Path) -> None:
    rows = [{"PatientID": "P10", "note": "x" * 50} for _ in range(1_000)]
    assert {item.crdc_series_uuid for item in resolve(catalog, [str(write(tmp_path, json.dumps(rows)))]).series} == {uuid(21)}


def test_no_more_than_the_start_of_a_huge_file_is_in_memory(
    catalog: Catalog, tmp_path: Path, whole_start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_file, "START_BYTES", whole_start)
    path = write(tmp_path, filled(LOG, whole_start + 10_000))
    with path.open("r+b") as file:
        file.truncate(900_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="a text such as a log"):
            resolve(catalog, [str(path)])
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (gzip.compress(b"1.2.1.1\n", mtime=0), r"compressed \(gzip\); unpack it first"),
        (b"PK\x03\x04\x14\x00\x06\x00", "a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV"),
        (b"\0" * 128 + b"DICM\x02\x00", r"a DICOM file; choose a manifest \(\.s5cmd"),
        ("1.2.1.1\n1.2.1.2\n".encode("utf-16-le"), "perhaps UTF-16 without a byte order mark; save it as UTF-8"),
        ("1.2.1.1\n1.2.1.2\n".encode("utf-16-be"), "perhaps UTF-16 without a byte order mark; save it as UTF-8"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0", "not a text file; choose a manifest"),
    ],
)
def test_what_is_no_text_says_what_it_is_and_what_to_do_however_long_it_is(catalog: Catalog, tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "some.bin"
    for end in (b"", b"\0" * LONG):
        path.write_bytes(data + end)
        with pytest.raises(InputError, match=what):
            read_text(path)
        with pytest.raises(InputError, match=what):
            resolve(catalog, [str(path)])
