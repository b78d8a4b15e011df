"""Where a rule of manifests ends: the last that is still taken, and the first that is not."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection import first_look, json_manifest, manifest, table
from IDCBrowserLib.selection.parsed_source import IDENTIFIER, SERIES_UID, SERIES_UUID, UID, Parsed, RequestedItem
from IDCBrowserLib.selection.text_file import read_start, read_text

UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
SERIES = "1.3.6.1.4.1.14519.5.2.1.7"


def wanted(text: str) -> list[tuple[str, str, int | None]]:
    return [(item.kind, item.value, item.line) for item in manifest.parse(text, "s").wanted]


def nested(depth: int) -> str:
    """A text ``depth`` lists deep."""
    return "[" * depth + json.dumps(SERIES) + "]" * depth


class Asked:
    """A catalog that knows some names, and remembers what it was asked."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.names: list[str] = []

    def identify(self, texts: list[str]) -> dict[str, list[tuple[str, str]]]:
        self.names = list(texts)
        return {text: [("cases", text)] for text in texts if text in self.known}


def refusal(start: str) -> str:
    with pytest.raises(InputError) as caught:
        first_look.check(start, "s", Asked())  # type: ignore[arg-type]
    return str(caught.value)


# Files


@pytest.mark.parametrize(("size", "message"), [(1_000_000_000, "it is not a text|not a text"), (1_000_000_001, "more than any manifest of IDC")])
def test_a_gigabyte_is_looked_into_and_a_byte_more_is_not(tmp_path: Path, size: int, message: str) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(size)
    with pytest.raises(InputError, match=message):
        read_start(path)


@pytest.mark.parametrize(("size", "is_all"), [(999_999, True), (1_000_000, True), (1_000_001, False)])
def test_the_start_of_a_file_is_a_million_bytes(tmp_path: Path, size: int, is_all: bool) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"a" * size)
    text, whole = read_start(path)
    assert (len(text), whole) == (min(size, 1_000_000), is_all)
    assert len(read_text(path)) == size


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\0" * 128 + b"DICM", "a DICOM file"),
        (b"\0" * 127 + b"DICM\0", "not a text file;"),
        (b"\0" * 129 + b"DICM", "not a text file;"),
        (b"\0a" * 40, "UTF-16 without a byte order mark"),
        (b"a\0" * 40, "UTF-16 without a byte order mark"),
        (b"a\0\0a" * 40, "not a text file;"),
        (b"\0" * 40, "not a text file;"),
        (b"PK\x03\x04\0", "a ZIP archive or a spreadsheet"),
    ],
)
def test_what_is_no_text_is_told_by_its_first_bytes(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "some"
    path.write_bytes(data)
    with pytest.raises(InputError, match=what):
        read_text(path)


def test_line_ends_of_every_system_are_one(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"a\r\nb\rc\n")
    assert read_text(path) == "a\nb\nc\n"


# Tables


@pytest.mark.parametrize(("above", "found"), [(0, True), (99, True), (100, False)])
def test_the_header_of_a_table_stands_within_the_first_hundred_lines(above: int, found: bool) -> None:
    header = table.find_header(["free text"] * above + ["PatientID,age", "a,7"])
    assert (header is not None) == found
    assert header is None or (header.row, header.delimiter, header.columns) == (above, ",", {"patientid": 0})


@pytest.mark.parametrize(
    ("line", "is_header"),
    [
        ("PatientID,age", True),
        ("case id,age", False),
        ("case id,collection", True),
        ("case id,patient id", False),
        ("case id,collection,series uid", True),
        ("idc_version,source_doi", False),
        ("# PatientID,collection_id", False),
        ("s3://x,PatientID", False),
        ('"SeriesInstanceUID"', True),
    ],
)
def test_one_name_of_idc_or_two_of_others_make_a_header_and_comments_and_addresses_none(line: str, is_header: bool) -> None:
    assert (table.find_header([line]) is not None) == is_header


def test_a_row_that_cannot_be_read_is_named_by_its_line_and_the_next_one_is_read() -> None:
    # The reader of tables takes no cell of more characters.
    longest = csv.field_size_limit()
    parsed = manifest.parse(
        f"about\nSeriesInstanceUID,note\n1.2.3.4.5,a\n1.2.3.4.7,{'y' * (longest + 1)}\n1.2.3.4.6,{'x' * longest}\n1.2.3.4.8,b\n", "s"
    )
    assert [(item.value, item.line) for item in parsed.wanted] == [("1.2.3.4.5", 3), ("1.2.3.4.6", 5), ("1.2.3.4.8", 6)]
    (item,) = parsed.unresolved
    assert item.line == 4 and item.text.startswith("1.2.3.4.7,y") and "the row cannot be read" in item.reason


@pytest.mark.parametrize(
    ("folder", "refused"),
    [
        ("con", True),
        ("x/NUL.txt", True),
        ("com1", True),
        ("COM9", True),
        ("lpt1", True),
        ("lpt9.dcm", True),
        ("com0", False),
        ("com10", False),
        ("lpt", False),
    ],
)
def test_names_of_windows_devices_are_refused_as_folders(folder: str, refused: bool) -> None:
    parsed = manifest.parse(f"cp s3://idc-open-data/{UUID}/* {folder}\n", "s")
    assert [("device name" in item.reason) for item in parsed.unresolved] == [True] * refused
    assert len(parsed.wanted) == (not refused)


def test_rows_are_counted_in_lines_of_the_file_and_comments_and_blank_ones_are_nothing() -> None:
    parsed = manifest.parse("about\nSeriesInstanceUID,note\n\n# x,y\n1.2.3.4.5,a\n,\n1.2.3.4.6\n", "s")
    assert [(item.value, item.line, item.text) for item in parsed.wanted] == [("1.2.3.4.5", 5, "1.2.3.4.5,a"), ("1.2.3.4.6", 7, "1.2.3.4.6")]
    assert parsed.unresolved == []


def test_the_first_of_two_columns_of_one_name_counts_and_the_most_exact_of_all() -> None:
    parsed = manifest.parse(f"PatientID,series_uid,SeriesInstanceUID,crdc_series_uuid\np,1.2,1.3,{UUID.upper()}\np,1.2,1.3,\np,,,\n", "s")
    assert [(item.kind, item.value) for item in parsed.wanted] == [(SERIES_UUID, UUID), (SERIES_UID, "1.2"), (IDENTIFIER, "p")]


@pytest.mark.parametrize(("text", "version"), [("17", 17), ("17, 18", 18), ("[9, 17]", 17), ("", None), ("newest", None)])
def test_of_several_releases_the_newest_counts(text: str, version: int | None) -> None:
    parsed = manifest.parse(f'SeriesInstanceUID\tidc_version\n1.2.3\t"{text}"\n', "s")
    assert [item.version for item in parsed.wanted] == [version]


def test_a_case_is_named_with_its_collection_where_there_is_one() -> None:
    parsed = manifest.parse("PatientID,collection_id\na,col\nb,\n,col\n", "s")
    assert [item.value for item in parsed.wanted] == ["col/a", "b", "col"]


def test_a_row_that_is_no_uuid_or_has_invisible_characters_is_listed_with_its_line() -> None:
    parsed = manifest.parse("crdc_series_uuid,x\nnot one,1\nab\x07,1\n", "s")
    assert [(item.line, item.reason) for item in parsed.unresolved] == [
        (2, "'not one' is not a crdc_series_uuid"),
        (3, "it contains control characters"),
    ]
    assert parsed.unresolved[1].text == "ab\\x07,1"


# JSON


@pytest.mark.parametrize(("depth", "count"), [(1, 1), (20, 1), (21, 0), (40, 0)])
def test_json_is_looked_through_twenty_levels_deep(depth: int, count: int) -> None:
    assert len(manifest.parse(nested(depth), "s").wanted) == count


def test_objects_count_as_levels_as_lists_do() -> None:
    def within(depth: int) -> str:
        return '{"a":' * depth + json.dumps([SERIES]) + "}" * depth

    assert len(manifest.parse(within(19), "s").wanted) == 1
    assert len(manifest.parse(within(20), "s").wanted) == 0


def test_of_json_that_is_none_or_names_nothing_eighty_characters_are_shown() -> None:
    for text in ("[" + "x" * 200, json.dumps({"a": ["", 5], "b" * 200: 1})):
        [item] = manifest.parse(text, "s").unresolved
        assert (len(item.text), item.source) == (80, "s")
    assert manifest.parse('[\n"a",\nb]', "s").unresolved[0].line == 3


def test_entries_are_numbered_from_one_and_shown_to_three_hundred_characters() -> None:
    parsed = manifest.parse(json.dumps([{"PatientID": "a"}, SERIES, {"PatientID": "b", "note": "n" * 400}]), "s")
    assert [(item.value, item.line) for item in parsed.wanted] == [("a", 1), (SERIES, 2), ("b", 3)]
    assert len(parsed.wanted[2].text) == 300


def test_a_row_of_ours_names_its_instances_and_one_that_is_none_costs_the_row_nothing_else() -> None:
    other = UUID.replace("2", "3")
    good = manifest.parse(json.dumps([{"crdc_series_uuid": UUID.upper(), "instances": [UUID.upper(), other]}]), "s")
    assert [(item.value, item.instance, item.line, item.text) for item in good.wanted] == [
        (UUID, UUID, 1, f"{UUID.upper()}/{UUID}.dcm"),
        (UUID, other, 1, f"{UUID.upper()}/{other}.dcm"),
    ]
    for instances in ([], {}, None, 5):
        [item] = manifest.parse(json.dumps([{"crdc_series_uuid": UUID, "instances": instances}]), "s").wanted
        assert item.instance == ""
    some = manifest.parse(json.dumps([{"crdc_series_uuid": UUID, "instances": [UUID, "x"]}]), "s").wanted
    assert [item.instance for item in some] == [UUID, ""]


def test_parts_of_our_own_documents_that_name_no_series_are_left_alone() -> None:
    document = {"unresolved": [SERIES], "warnings": [SERIES], "licenses": {"a": [SERIES]}, "source_DOIs": [SERIES], "series": [SERIES]}
    assert len(manifest.parse(json.dumps(document), "s").wanted) == 1


@pytest.mark.parametrize(("value", "text"), [(None, ""), (True, ""), ({"a": 1}, ""), ([17, 18], "17, 18"), (5, "5"), ("a", "a")])
def test_cells_of_json_are_texts(value: object, text: str) -> None:
    assert json_manifest._cell(value) == text


# Lines


@pytest.mark.parametrize(("above", "settings"), [(29, 0), (30, 1)])
def test_a_manifest_of_nbia_says_so_within_thirty_lines(above: int, settings: int) -> None:
    lines = ["# x"] * above + ["ListOfSeriesToDownload=", SERIES]
    assert [item.value for item in manifest.parse("\n".join(lines), "s").wanted] == ["ListOfSeriesToDownload="] * settings + [SERIES]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("1.2.3.4.5", UID),
        ("1.2.3.4", IDENTIFIER),
        ("1." * 31 + "22", UID),
        ("1." * 31 + "222", IDENTIFIER),
        ("3.2.3.4.5", IDENTIFIER),
        ("1.02.3.4.5", IDENTIFIER),
        (UUID.upper(), SERIES_UUID),
        (f"dg.4DFC:{UUID}", SERIES_UUID),
        (f"drs://dg.4dfc/{UUID}", SERIES_UUID),
    ],
)
def test_an_identifier_is_told_by_its_form(word: str, kind: str) -> None:
    item = manifest.identifier(word, "s", 7, "t")
    assert (item.kind, item.source, item.line, item.text) == (kind, "s", 7, "t")
    assert item.value == (UUID if kind == SERIES_UUID else word)


def test_several_uids_may_stand_on_a_line_and_names_may_have_blanks() -> None:
    assert [value for _, value, _ in wanted(f"{SERIES}, {UUID};1.2.3\n")] == [SERIES, UUID, "1.2.3"]
    assert [value for _, value, _ in wanted("Jane, 7;\n'a b'\n")] == ["Jane, 7", "a b"]


def test_a_last_line_with_a_backslash_goes_on_with_nothing() -> None:
    assert [value for _, value, _ in wanted("a \\")] == ["a \\"]
    assert wanted("a \\\nb") == [(IDENTIFIER, "a b", 2)]


def test_a_title_of_commands_is_one_at_the_top_only() -> None:
    assert wanted("study_manifest_cp_command\na1") == [(IDENTIFIER, "a1", 2)]
    assert [value for _, value, _ in wanted("a1\nstudy_manifest_cp_command")] == ["a1", "study_manifest_cp_command"]


@pytest.mark.parametrize("line", ["rm s3://b/" + "x" * 400, "cp s3://idc-open-data/" + "x" * 400 + " ."])
def test_a_line_that_cannot_be_used_is_shown_to_two_hundred_characters(line: str) -> None:
    [item] = manifest.parse(f"# a\n{line}\n", "s").unresolved
    assert (item.line, len(item.text), item.refused) == (2, 200, line.startswith("rm"))


@pytest.mark.parametrize(
    ("lines", "said"),
    [([None], "names a folder of its own: '/a'"), ([4], " on line 4: "), ([4, 9], " on 2 lines (the first is line 4): ")],
)
def test_folders_of_its_own_are_said_with_their_lines(lines: list[int | None], said: str) -> None:
    [warning] = Parsed("s", ignored_folders=[(line, "/a") for line in lines]).warnings()
    assert said in warning and warning.startswith("s names")


def test_commands_as_wanted_things_are_those_that_are_asked_for() -> None:
    parsed = manifest.parse(f"cp s3://idc-open-data/{UUID}/* .\n\ncp s3://idc-open-data/{UUID.replace('2', '3')}/* .\n", "s")
    assert parsed.names_something() and not Parsed("s").names_something()
    assert [(item.value, item.line) for item in parsed.ordinary_as_wanted([UUID])] == [(UUID, 1)]
    assert parsed.ordinary_as_wanted()[1] == RequestedItem(
        SERIES_UUID, UUID.replace("2", "3"), "s", 3, f"cp s3://idc-open-data/{UUID.replace('2', '3')}/* .", "idc-open-data"
    )


# The first look at a long file


def test_of_a_long_file_five_thousand_names_are_looked_up() -> None:
    text = "".join(f"name-{number}\n" for number in range(1, 6001))
    asked = Asked("name-5000")
    first_look.check(text, "s", asked)  # type: ignore[arg-type]
    assert (len(asked.names), asked.names[-1]) == (5000, "name-5000")
    assert "seems to be" in refusal(text)


def test_of_a_long_json_file_the_first_five_thousand_values_are_looked_at() -> None:
    text = json.dumps([f"name {number}" for number in range(1, 6001)])
    asked = Asked("name 5000")
    first_look.check(text, "s", asked)  # type: ignore[arg-type]
    assert asked.names[-1] == "name 5000"


@pytest.mark.parametrize(("length", "is_asked"), [(200, True), (201, False)])
def test_a_name_of_more_than_two_hundred_characters_is_none(length: int, is_asked: bool) -> None:
    name = "n" * length
    asked = Asked(name, "other")
    first_look.check(f"{name}\nother\n", "s", asked)  # type: ignore[arg-type]
    assert (name in asked.names) == is_asked


def test_the_last_line_of_a_start_may_be_cut_and_is_not_looked_at() -> None:
    asked = Asked("a")
    first_look.check("a\nb", "s", asked)  # type: ignore[arg-type]
    assert asked.names == ["a"]
    first_look.check("a,b;cut", "s", Asked("a,b"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "what"),
    [
        ("a,1,x\nb,2,y\n", "a table without a title that is known"),
        ("a,1\nb,2\n", "a text such as"),
        ("a, 1, x\nb, 2, y\n", "a text such as"),
        ("a\t1\nb\t2\n", "a table without a title"),
        ("a;1\nb;2\n", "a table without a title"),
        ("a;1\nb;2;3\n", "a text such as"),
        ("a\t1\n" * 20 + "end of the table\nx", "a table without a title"),
        ("a\t1\n" * 19 + "end of the table\nx", "a text such as"),
        ("word\nword\nw", "a text such as"),
        ("one line only, of words", "one very long line"),
        ("# a\n// b\n", "empty, or comments only"),
        ("  <html>\n<p>\n", "a web page or XML"),
        ('  {"a": 1}', "JSON of another program"),
        ("PatientID,x\nnobody,1\n", "a table of something else"),
    ],
)
def test_what_a_long_file_seems_to_be(start: str, what: str) -> None:
    assert f"s seems to be {what}" in refusal(start)


@pytest.mark.parametrize("telling", [f"s3://idc-open-data/{UUID}/*", "https://s3.amazonaws.com/b/", f"x\n{UUID}\n", f"x\n{SERIES}\n", f'["{SERIES}'])
def test_one_address_or_uid_is_enough_to_read_all(telling: str) -> None:
    asked = Asked()
    first_look.check(telling, "s", asked)  # type: ignore[arg-type]
    assert asked.names == []
