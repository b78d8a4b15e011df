"""What the clinical tables of IDC say of a case. They are files of their own, one folder of parquet for each table.

``clinical_index`` (a side index) names the tables of a collection and labels their columns. Two folders are looked into: our own, filled by
``transfer.clinical_fetch``, and that of idc-index, which is only read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from IDCBrowserLib import paths
from IDCBrowserLib.api.clinical import Case
from IDCBrowserLib.api.values import Section
from IDCBrowserLib.catalog.about.shown_values import text
from IDCBrowserLib.catalog.columns import split_case_id
from IDCBrowserLib.catalog.connection import ask, connect, literal, reading
from IDCBrowserLib.errors import CatalogError

if TYPE_CHECKING:
    import duckdb

logger = logging.getLogger(__name__)

CLINICAL_INDEX = "clinical_index"
PATIENT = "dicom_patient_id"
# Of the same case in one table, such as the visits of a patient.
_MOST_ROWS = 12
# They say where a row came from, nothing of the case.
LEFT_OUT = frozenset({PATIENT, "source_batch"})
_ROWS_AT_A_TIME = 1000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Of a column that no table has.
_NUMBER = '"row in the file"'


@dataclass(frozen=True)
class ClinicalTables:
    """Where the tables of a release lie."""

    index: Path | None
    folders: tuple[Path, ...]

    def of_case(self, case_id: str) -> Case:
        """What the tables say of a case.

        Empty sections where nothing is known. Raises ``CatalogError`` for a damaged index.
        """
        collection, patient = split_case_id(case_id)
        if self.index is None:
            return {"sections": [], "tables": [], "missing_indices": [CLINICAL_INDEX]}
        labels = _labels(self.index, collection)
        sections: list[Section] = []
        missing = []
        for name, columns in labels.items():
            files = self.files_of(name)
            if files:
                sections += _sections(name, files, patient, columns)
            else:
                missing.append(name)
        return {"sections": sections, "tables": missing, "missing_indices": []}

    def names(self, collection_id: str) -> list[str]:
        """The tables of a collection."""
        return list(self.of_collection(collection_id))

    def of_collection(self, collection_id: str) -> dict[str, dict[str, Column]]:
        """The tables of a collection with what their columns mean. Raises ``CatalogError`` for a damaged index."""
        return {} if self.index is None else _labels(self.index, collection_id)

    def rows(self, name: str, columns: Mapping[str, Column], patients: Sequence[str]) -> Iterator[tuple[str, list[ClinicalCell]]]:
        """The rows of a table of these patients, ordered by patient, those of one as in the file; none where it is not here or names no patients.

        Raises ``CatalogError`` for a damaged file.
        """
        files = self.files_of(name)
        if files:
            yield from _rows_of(files, patients, columns)

    def here(self) -> dict[str, list[Path]]:
        """The tables on this computer with their files."""
        names = sorted({found.name for folder in self.folders if folder.is_dir() for found in folder.iterdir() if _NAME.fullmatch(found.name)})
        return {name: files for name in names if (files := self.files_of(name))}

    def files_of(self, name: str) -> list[Path]:
        """The files of a table, from the first folder that has it."""
        for folder in self.folders:
            files = sorted((folder / name).glob("*.parquet"))
            if files:
                return files
        return []


def own_folder(release: str) -> Path:
    """Where this program keeps the clinical tables of an IDC release."""
    return paths.cache_folder() / "clinical" / f"v{release}"


def clinical_tables(index: Path | None, release: str) -> ClinicalTables:
    """Those of an IDC release, such as "25"."""
    from platformdirs import user_data_path

    return ClinicalTables(index, (own_folder(release), user_data_path("IDC", "IDC", version=f"v{release}") / "clinical_data"))


class ClinicalCell(NamedTuple):
    """One cell that is not empty: the column's name and label, and the value, in words where it is a code (else ``meaning`` is ``text``)."""

    column: str
    label: str
    text: str
    meaning: str


# Column -> label, and code -> meaning.
Column = tuple[str, Mapping[str, str]]


class Described(NamedTuple):
    """A row of the index: ``codes`` are (code, meaning) of the values that it lists, the meaning "" where it has none."""

    collection: str
    table: str
    column: str
    label: str
    codes: tuple[tuple[str, str], ...]


def described(index: Path, collection: str = "") -> Iterator[Described]:
    """What the index says of the columns of a collection's tables, or of all. Raises ``CatalogError`` for a damaged one."""
    with reading(index), connect([index]) as connection:
        columns = {str(row[0]): str(row[1]) for row in ask(connection, f"DESCRIBE SELECT * FROM read_parquet({literal(index)})").fetchall()}
        if not {"collection_id", "short_table_name", "column"} <= columns.keys():
            raise CatalogError(f"The index file {index} lacks the columns that name clinical tables; fetch it again.")
        label = "column_label" if "column_label" in columns else "NULL"
        codes = '"values"' if "option_code" in columns.get("values", "") else "NULL"
        query = (
            f'SELECT collection_id, short_table_name, "column", {label}, {codes} FROM read_parquet({literal(index)}) '
            f"WHERE {'collection_id = $id' if collection else 'collection_id IS NOT NULL'} AND short_table_name IS NOT NULL "
            'AND "column" IS NOT NULL ORDER BY short_table_name'
        )
        asked = ask(connection, query, {"id": collection} if collection else None)
        while found := asked.fetchmany(_ROWS_AT_A_TIME):
            for of, table, column, said, options in found:
                # It names a folder.
                if "/" not in table and "\\" not in table and not table.startswith("."):
                    yield Described(str(of), str(table), str(column), text(said) or str(column), tuple(_codes(options)))


def _labels(index: Path, collection: str) -> dict[str, dict[str, Column]]:
    """By table: its columns."""
    found: dict[str, dict[str, Column]] = {}
    for row in described(index, collection):
        found.setdefault(row.table, {})[row.column] = (row.label, {code: meaning for code, meaning in row.codes if meaning})
    return found


def _codes(options: Any) -> Iterator[tuple[str, str]]:
    for option in options or []:
        if isinstance(option, Mapping) and text(option.get("option_code")):
            yield text(option["option_code"]), text(option.get("option_description"))


def _rows_of(files: Sequence[Path], patients: Sequence[str], columns: Mapping[str, Column]) -> Iterator[tuple[str, list[ClinicalCell]]]:
    place = place_of(files)
    with reading(*files), connect(files) as connection:
        if not _names_patients(connection, place):
            return
        case = f"CAST({PATIENT} AS VARCHAR)"
        # Sorting by the patient alone shuffles what one has.
        numbered = f"SELECT *, row_number() OVER () AS {_NUMBER} FROM {place}"
        query = f"SELECT {case}, * EXCLUDE ({_NUMBER}) FROM ({numbered}) WHERE {case} IN (SELECT unnest($ids::VARCHAR[])) ORDER BY 1, {_NUMBER}"
        asked = ask(connection, query, {"ids": list(patients)})
        titles = [str(item[0]) for item in asked.description or []][1:]
        while found := asked.fetchmany(_ROWS_AT_A_TIME):
            for patient, *row in found:
                yield str(patient), list(_values(titles, row, columns))


def _values(titles: Sequence[str], row: Sequence[Any], columns: Mapping[str, Column]) -> Iterator[ClinicalCell]:
    for title, value in zip(titles, row, strict=True):
        said = text(value)
        if said and title not in LEFT_OUT:
            label, meanings = columns.get(title, (title, {}))
            yield ClinicalCell(title, label, said, meanings.get(said, said))


def place_of(files: Sequence[Path]) -> str:
    """The files of a table as SQL."""
    return f"read_parquet([{', '.join(map(literal, files))}], union_by_name = true)"


def _names_patients(connection: duckdb.DuckDBPyConnection, place: str) -> bool:
    return PATIENT in columns_of(connection, place)


def columns_of(connection: duckdb.DuckDBPyConnection, place: str) -> dict[str, str]:
    """Names and types."""
    return {str(row[0]): str(row[1]) for row in ask(connection, f"DESCRIBE SELECT * FROM {place}").fetchall()}


def _sections(name: str, files: Sequence[Path], patient: str, columns: Mapping[str, Column]) -> list[Section]:
    """One for each row of the patient; a table that cannot be read says so."""
    place = place_of(files)
    try:
        with reading(*files), connect(files) as connection:
            if not _names_patients(connection, place):
                return []
            asked = ask(connection, f"SELECT * FROM {place} WHERE CAST({PATIENT} AS VARCHAR) = $id LIMIT {_MOST_ROWS + 1}", {"id": patient})
            titles = [str(item[0]) for item in asked.description or []]
            rows = asked.fetchall()
    except CatalogError as error:
        logger.warning("%s", error)
        return [{"heading": f"Clinical data: {name}", "items": [["Table", "its file cannot be read; fetch it again"]]}]
    sections: list[Section] = []
    for number, row in enumerate(rows[:_MOST_ROWS], 1):
        of = f" ({number} of {len(rows) if len(rows) <= _MOST_ROWS else 'more'})" if len(rows) > 1 else ""
        sections.append({"heading": f"Clinical data: {name}{of}", "items": [[value.label, value.meaning] for value in _values(titles, row, columns)]})
    return [section for section in sections if section["items"]]
