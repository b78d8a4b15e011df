"""How the program writes files that are the user's: whole or not at all, under names that nobody can foresee, and safe in a spreadsheet."""

from __future__ import annotations

import re
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[2] / "IDCBrowser" / "IDCBrowserLib"
SOURCES = {path.relative_to(LIBRARY).as_posix(): path.read_text(encoding="utf-8") for path in sorted(LIBRARY.rglob("*.py"))}
_WRITES = re.compile(r"""(?:\bopen\([^)\n]*["'](?:[wax]b?\+?|r\+b?|rb\+)["']|\.write_(?:text|bytes)\()""")
_NAMED_BESIDE = re.compile(r"with_name\(f[\"']\.[^\"']*[\"']\)")
# Folders of the program's own: caches, records, what engine and host exchange, and the demo's. An open file descriptor is no path.
OWN_FOLDERS = {
    "batch/receipt.py",
    "catalog/cache/cache_making.py",
    "catalog/files/fetching.py",
    "catalog/files/release.py",
    "engine/exchange.py",
    "engine/frame_files.py",
    "labelmap/seg/some_segments.py",
    "logic/segments/voxel_files.py",
    "preview/series.py",
    "store/move_record.py",
    "transfer/clinical_fetch.py",
    "transfer/jobs.py",
}


def test_files_are_written_by_one_piece_of_code() -> None:
    found = {name for name, text in SOURCES.items() if _WRITES.search(text) and not name.startswith("demo/")}
    # That one opens by handle, this one a name that nobody has.
    assert found - OWN_FOLDERS - {"transfer/folders/folder.py", "whole_file.py", "export/part_10.py", "batch/ledger.py"} == set()


def test_no_hidden_name_beside_a_file_of_the_user_can_be_foreseen() -> None:
    named = {name: line for name, text in SOURCES.items() for line in _NAMED_BESIDE.findall(text) if "token_hex" not in line}
    assert named.keys() - {"catalog/cache/cache.py"} == set(), named


def test_every_table_for_spreadsheets_is_safe_in_one() -> None:
    tables = {name for name, text in SOURCES.items() if re.search(r"csv\.(?:Dict)?[wW]riter\(", text)}
    assert tables
    assert {name for name in tables if not re.search(r"^from IDCBrowserLib\.safe_text import .*\bcell\b", SOURCES[name], re.MULTILINE)} == set()
