"""Reads text files in any encoding."""

from __future__ import annotations

import codecs
from pathlib import Path

from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.wording import human_size

# A manifest of every series of IDC with every column stays below this.
MAX_BYTES = 1_000_000_000
# Some thousand lines.
START_BYTES = 1_000_000
WHAT_TO_CHOOSE = "choose a manifest (.s5cmd, .csv, .tsv, .json, .tcia) or a list of identifiers"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMPRESSED = ((b"\x1f\x8b", "gzip"), (b"BZh91AY&SY", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"))


def read_text(path: Path) -> str:
    """The file's text with ``\\n`` line ends and without a byte order mark; UTF-8, UTF-16 with a mark, or Windows-1252.

    Raises ``NotFoundError`` when it is not there and ``InputError`` when it is no text, too large or not readable.
    """
    return _text(path, *_read(path, -1))


def check_is_file(path: Path, advice: str = "check its name") -> None:
    """Raise ``NotFoundError`` where nothing has that name, ``InputError`` where something else than a file has."""
    if path.is_dir():
        raise InputError(f"{path} is a folder, not a file; {advice}.")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is a pipe, a device or a socket, not a file; {advice}.")
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}; {advice}.")


def read_start(path: Path) -> tuple[str, bool]:
    """The text of the first ``START_BYTES``, and whether that is all of it; the same errors."""
    data, is_all = _read(path, START_BYTES)
    return _text(path, data, is_all), is_all


def _read(path: Path, limit: int) -> tuple[bytes, bool]:
    """At most ``limit`` bytes, -1 for all, and whether that is all."""
    try:
        check_is_file(path)
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{path} is {human_size(size)}, more than any manifest of IDC; choose the manifest file itself.")
        with path.open("rb") as file:
            return file.read(limit), not file.read(1)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); check its permissions.") from error


def _text(path: Path, data: bytes, is_all: bool) -> str:
    text = "\0" if data.startswith(tuple(start for start, _ in _COMPRESSED)) else _decode(data, is_all)
    if "\0" in text:
        raise InputError(f"{path} is {_no_text(data)}.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _no_text(data: bytes) -> str:
    """What a file without text is, and what to do."""
    for start, name in _COMPRESSED:
        if data.startswith(start):
            return f"not a text file but compressed ({name}); unpack it first"
    if data.startswith(b"PK\x03\x04"):
        return "not a text file but a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV"
    if data[128:132] == b"DICM":
        return f"not a text file but a DICOM file; {WHAT_TO_CHOOSE}"
    start = data[:1000]
    if any(start[::2]) != any(start[1::2]):
        return "not a text file as it is, perhaps UTF-16 without a byte order mark; save it as UTF-8"
    return f"not a text file; {WHAT_TO_CHOOSE}"


def _decode(data: bytes, is_all: bool) -> str:
    """``data`` may end within a character when it is not all."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return codecs.getincrementaldecoder(encoding)("replace").decode(data, is_all)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, is_all)
    except UnicodeDecodeError:
        # Spreadsheet programs on Windows save lists in this encoding.
        return data.decode("cp1252", errors="replace")
