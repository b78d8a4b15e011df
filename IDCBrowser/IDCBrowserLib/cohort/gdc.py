"""Cases of the Genomic Data Commons in IDC, by the mapping that IDC publishes (``gdc_idc_mapping.parquet`` of idc-index-data)."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.connection import literal, reading
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.selection.text_file import read_text

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

INDEX = "gdc_idc_mapping"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CASE_COLUMNS = frozenset({"case_id", "cases.case_id", "case uuid", "case_uuid", "id"})
_NAME_COLUMNS = frozenset({"submitter_id", "cases.submitter_id", "case id", "case_submitter_id", "case submitter id"})
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{2,63}")


@dataclass
class GdcCases:
    """What a list of the GDC portal names: case UUIDs, each with its submitter id where that stands beside it, and submitter ids alone."""

    uuids: dict[str, str] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)

    def add(self, uuid: str, name: str) -> None:
        """One case."""
        if _UUID.fullmatch(uuid):
            self.uuids[uuid.lower()] = name if _NAME.fullmatch(name) else self.uuids.get(uuid.lower(), "")
        elif _NAME.fullmatch(name):
            self.names[name] = None


def read_cases(path: Path) -> GdcCases:
    """JSON or TSV as the GDC portal exports cases, CSV, or a list with one case UUID or submitter id on a line; UTF-8, UTF-16 or Windows-1252.

    Raises ``NotFoundError``, and ``InputError`` for a file that names no case.
    """
    text = read_text(path)
    cases = GdcCases()
    if text.lstrip()[:1] in ("[", "{"):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path} is not valid JSON ({error}). Export the cases from the GDC portal again.") from error
        _walk(document, cases)
    else:
        lines = [line for line in text.split("\n") if line.strip()]
        if not _read_table(lines, cases):
            for line in lines:
                _add_word(line.strip().strip("\"';,"), cases)
    if not cases.uuids and not cases.names:
        raise InputError(f"{path} names no case of the GDC. Give the cases that the GDC portal exports (JSON or TSV), or a list of case UUIDs.")
    return cases


def _add_word(word: str, cases: GdcCases) -> None:
    cases.add(word, "") if _UUID.fullmatch(word) else cases.add("", word)


def _walk(document: Any, cases: GdcCases) -> None:
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node)
            for item in node:
                if isinstance(item, str):
                    _add_word(item, cases)
        elif isinstance(node, dict):
            uuid, name = node.get("case_id"), node.get("submitter_id")
            if isinstance(uuid, str):
                cases.add(uuid, name if isinstance(name, str) else "")
            waiting += [value for value in node.values() if isinstance(value, (list, dict))]


def _read_table(lines: list[str], cases: GdcCases) -> bool:
    """Whether it is one: its first line names a column of cases."""
    if not lines:
        return False
    for delimiter in ("\t", ",", ";"):
        header = [name.strip().strip('"').lower() for name in lines[0].split(delimiter)]
        where = next((index for index, name in enumerate(header) if name in _CASE_COLUMNS), None)
        named = next((index for index, name in enumerate(header) if name in _NAME_COLUMNS), None)
        if where is None and named is None:
            continue
        for row in csv.reader(lines[1:], delimiter=delimiter):
            cells = [cell.strip() for cell in row]
            cases.add(_cell(cells, where), _cell(cells, named))
        return True
    return False


def _cell(cells: Sequence[str], index: int | None) -> str:
    return cells[index] if index is not None and index < len(cells) else ""


def match(catalog: Catalog, cases: GdcCases, mapping: Path | None = None) -> dict[str, Any]:
    """``{"cases": [{"gdc_case_id", "submitter_id", "collection_id", "PatientID", "studies"}], "unmatched": [...], "sources": [...]}``.

    ``sources`` name the cases for ``plan`` and ``download``. A submitter id that the mapping does not know is looked up as PatientID.
    Raises ``NotFoundError`` where the mapping is not on this computer.
    """
    path = mapping or catalog.side_index_file(INDEX)
    if path is None:
        raise NotFoundError(f"The mapping of GDC cases is not on this computer. Fetch it once: idc-browser indices --fetch {INDEX}")
    found = list(_mapped(path, list(cases.uuids)))
    known = {row["gdc_case_id"] for row in found}
    names = [*cases.names, *(name for uuid, name in cases.uuids.items() if name and uuid not in known)]
    by_name = _named(catalog, names)
    rows = [{"submitter_id": cases.uuids[row["gdc_case_id"]] or row["PatientID"], **row} for row in found]
    uuid_of = {name: uuid for uuid, name in cases.uuids.items() if name}
    rows += [{"gdc_case_id": uuid_of.get(name), "submitter_id": name, **row} for name in names for row in by_name.get(name, ())]
    matched = {row["gdc_case_id"] for row in rows} | {row["submitter_id"] for row in rows}
    unmatched = [uuid for uuid in cases.uuids if uuid not in matched] + [name for name in cases.names if name not in matched]
    sources = list(dict.fromkeys(f"{row['collection_id']}/{row['PatientID']}" for row in rows))
    return {"cases": rows, "unmatched": unmatched, "sources": sources}


def _mapped(path: Path, uuids: Sequence[str]) -> Iterator[dict[str, Any]]:
    import duckdb

    if not uuids:
        return
    query = (
        "SELECT lower(gdc_case_id) AS gdc_case_id, collection_id, PatientID, count(DISTINCT StudyInstanceUID) AS studies "
        f"FROM read_parquet({literal(path)}) WHERE lower(gdc_case_id) IN (SELECT unnest(?)) GROUP BY ALL ORDER BY ALL"
    )
    with reading(path), duckdb.connect() as connection:
        cursor = connection.execute(query, [list(uuids)])
        names = [column[0] for column in cursor.description or []]
        rows = cursor.fetchall()
    yield from (dict(zip(names, row, strict=True)) for row in rows)


def _named(catalog: Catalog, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name, hits in (catalog.identify_many(names) if names else {}).items():
        for level, row_id in hits:
            if level == "cases":
                collection, _, patient = row_id.partition("/")
                found.setdefault(name, []).append({"collection_id": collection, "PatientID": patient, "studies": None})
    return found
