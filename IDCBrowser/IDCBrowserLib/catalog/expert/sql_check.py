"""What a query of the user may be: one SELECT over the tables. And what DuckDB says against one, as a sentence.

DuckDB itself is locked, too (``sql_process.connect``); this comes first, so that whoever tries learns why in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.expert import MEASUREMENTS
from IDCBrowserLib.catalog.connection import ask

if TYPE_CHECKING:
    import duckdb

MAX_QUERY = 100_000
MAKE_MEASUREMENTS = "idc-browser measurements SOURCE... --out FILE.parquet"
# Of the functions that stand for a table; all others read files, settings or memory.
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
_FILE_NAME = re.compile(r"[/\\]|\.(parquet|csv|tsv|json|jsonl|ndjson|txt|db|duckdb|sqlite|xlsx|gz|zst)$", re.IGNORECASE)
NO_TABLE = re.compile(r"Table with name (\w+) does not exist")
_LINE = re.compile(r"\n*LINE (\d+):")
_PREFIX = re.compile(r"^[A-Z][A-Za-z -]* (Error|Exception): ")
_MAX_SENTENCE = 600


def check(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Why a query is not run; "" when it is one SELECT that asks nothing but tables."""
    if len(query) > MAX_QUERY:
        return f"The query has {len(query):,} characters; at most {MAX_QUERY:,} are allowed."
    if "\x00" in query or any("\ud800" <= character <= "\udfff" for character in query):
        return "The query contains an invalid character (a null or half of a surrogate pair). Remove it."
    row = ask(connection, "SELECT json_serialize_sql($query::VARCHAR)", {"query": query}).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    if tree.get("error"):
        return _syntax(query, tree)
    statements = tree.get("statements") or []
    if not statements:
        return "The query is empty. Write a SELECT statement, or start from an example."
    if len(statements) > 1:
        return f"There are {len(statements)} statements; run one at a time."
    return next(_refusals(statements[0]), "")


def _syntax(query: str, tree: dict[str, Any]) -> str:
    if tree.get("error_type") != "parser":
        return "Only SELECT can be run: the tables are read-only, and nothing can be changed, attached, installed or set."
    # DuckDB counts bytes.
    position = str(tree.get("position", ""))
    before = query.encode()[: int(position)] if position.isdigit() else b""
    line = before.count(b"\n") + 1
    where = f"Line {line}: " if position else ""
    return f"{where}{tree.get('error_message', 'this is not SQL')}."[:_MAX_SENTENCE]


def _refusals(node: Any) -> Iterator[str]:
    for item in _objects(node):
        kind = item.get("type")
        if kind == "TABLE_FUNCTION":
            name = str((item.get("function") or {}).get("function_name", "")).lower()
            if name not in _TABLE_FUNCTIONS:
                yield f"{name}() is not available: only the listed tables can be read, no files and no settings."
        elif kind == "BASE_TABLE" and _FILE_NAME.search(str(item.get("table_name", ""))):
            yield f"{item['table_name']!r} looks like a file: only the listed tables can be read."


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a tree, without recursion: a query may be nested deeper than Python's stack."""
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def readable(text: str, files: Mapping[str, Sequence[str]] | None = None) -> str:
    """An error of DuckDB as one sentence with the line it is about; a damaged file of a table is named."""
    name, guilty = next(((name, path) for name, paths in (files or {}).items() for path in paths if path in text), ("", ""))
    if name == MEASUREMENTS:
        return f"{guilty} is damaged, or no file of measurements. Make it again: {MAKE_MEASUREMENTS}"
    if guilty:
        return f"The index file {guilty} is damaged or cannot be read; fetch or install it again."
    found = _LINE.search(text)
    message = text[: found.start()] if found else text
    message = _PREFIX.sub("", " ".join(message.split())).replace("! ", ". ").rstrip(" .!")
    where = f"Line {found.group(1)}: " if found else ""
    return f"{where}{message}{'' if message.endswith('?') else '.'}"[:_MAX_SENTENCE]
