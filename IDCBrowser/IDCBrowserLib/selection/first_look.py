"""Decides from the start of a long file whether it can be a manifest, so that not every line of a log or a book is looked up."""

from __future__ import annotations

import re

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection import manifest, table
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.parsed_source import IDENTIFIER, SERIES_UUID, RequestedItem
from IDCBrowserLib.selection.text_file import WHAT_TO_CHOOSE

# So many different names are looked up; longer ones than IDC has are not.
_MAX_NAMES = 5_000
_MAX_LENGTH = 200
_TABLE_LINES = 20
_ADDRESS = re.compile(r"(?:s3|gs)://|https://[^\s/]*(?:amazonaws|googleapis)\.com/", re.IGNORECASE)
# The end may be missing: the start of a file ends anywhere.
_JSON_VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"?|([0-9]+)', re.DOTALL)


def check(start: str, source: str, lookup: Lookup) -> None:
    """Raise ``InputError`` when nothing in the ``start`` of a file names anything; one address, UID, UUID or identifier of IDC is enough."""
    if _ADDRESS.search(start):
        return
    wanted = _wanted_of_json(start, source) if _is_json(start) else manifest.parse(_whole_lines(start), source).wanted
    if any(map(_is_telling, wanted)):
        return
    names = dict.fromkeys(item.value for item in wanted if 0 < len(item.value) <= _MAX_LENGTH)
    if any(lookup.identify(list(names)[:_MAX_NAMES]).values()):
        return
    what, to_do = _seems(start)
    raise InputError(f"{source} seems to be {what}: nothing at its start names a series, study, case or collection of IDC; {to_do}.")


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _whole_lines(start: str) -> str:
    """Without the last line, which may be cut; of a single line, the words that are whole."""
    end = start.rfind("\n")
    return start[: end if end >= 0 else max(start.rfind(mark) for mark in " \t,;") + 1]


def _wanted_of_json(start: str, source: str) -> list[RequestedItem]:
    """Of the first values, names of objects as well; what is cut is not JSON any more."""
    values = dict.fromkeys(text or number for text, number in _JSON_VALUE.findall(start))
    return [wanted for value in list(values)[:_MAX_NAMES] for wanted in manifest.parse(value, source).wanted]


def _is_telling(wanted: RequestedItem) -> bool:
    """Whether its form alone says that something of IDC may be meant."""
    return wanted.kind == SERIES_UUID or manifest.identifier(wanted.value, "", None, "").kind != IDENTIFIER


def _seems(start: str) -> tuple[str, str]:
    """What the file is, and what to do."""
    lines = [line for line in start.split("\n") if line.strip()]
    if _is_json(start):
        what = "JSON of another program"
    elif start.lstrip().startswith("<"):
        what = "a web page or XML"
    elif all(line.lstrip().startswith(("#", "//")) for line in lines):
        what = "empty, or comments only"
    elif len(lines) == 1:
        what = "one very long line"
    elif table.find_header(lines) is not None:
        what = "a table of something else"
    elif _is_table(lines[:_TABLE_LINES]):
        return "a table without a title that is known", "call the column that names series SeriesInstanceUID"
    else:
        what = "a text such as a log or a document"
    return what, WHAT_TO_CHOOSE


def _is_table(lines: list[str]) -> bool:
    """Whether each line has as many cells; one comma, or one before a blank, is in many logs as well."""
    for mark, least in (("\t", 1), (";", 1), (",", 2)):
        numbers = {line.count(mark) for line in lines}
        if len(numbers) == 1 and min(numbers) >= least and not any(f"{mark} " in line for line in lines):
            return True
    return False
