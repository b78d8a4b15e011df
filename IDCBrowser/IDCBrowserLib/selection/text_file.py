"""Reading a text file that somebody else wrote."""

from __future__ import annotations

import codecs
from pathlib import Path

from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.wording import human_size

# A manifest of every series of IDC with every column stays below this.
MAX_BYTES = 1_000_000_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path) -> str:
    """The file's text with ``\\n`` line ends and without a byte order mark; UTF-8, UTF-16 with a mark, or Windows-1252.

    Raises ``NotFoundError`` when it is not there and ``InputError`` when it is no text, too large or not readable.
    """
    try:
        if not path.is_file():
            raise NotFoundError(f"There is no file {path}; check its name.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{path} is {human_size(size)}, more than any manifest of IDC; choose the manifest file itself.")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); check its permissions.") from error
    text = _decode(data)
    if "\0" in text:
        raise InputError(f"{path} is not a text file; choose a manifest (.s5cmd, .csv, .tsv, .json, .tcia) or a list of identifiers.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Spreadsheet programs on Windows save lists in this encoding.
        return data.decode("cp1252", errors="replace")
