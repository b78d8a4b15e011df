"""Clinical data of many cases as one table, a row for each value: tables of different collections share no columns, values always fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from IDCBrowserLib.catalog.about.clinical_tables import CLINICAL_INDEX, ClinicalTables, own_folder
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.network import Network
from IDCBrowserLib.report.table import check_name
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.selection.rows_file import write_table
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.clinical_fetch import fetch_tables


class ClinicalValue(NamedTuple):
    """``row`` counts the rows of the case in the table from 1, such as its visits; ``meaning`` is ``value`` in words where it is a code."""

    collection_id: str
    PatientID: str
    table: str
    row: int
    column: str
    label: str
    value: str
    meaning: str


class CohortValues:
    """What the clinical tables say of cases. ``missing`` names the tables that are not on this computer, by collection."""

    def __init__(self, tables: ClinicalTables, series: Sequence[PlannedSeries]) -> None:
        """Raises ``InputError`` without the index file that names the tables."""
        if tables.index is None:
            raise InputError(
                f"Clinical tables are named by an index file that is not on this computer; fetch it: idc-browser indices --fetch {CLINICAL_INDEX}"
            )
        self._tables = tables
        cases = sorted({(one.collection_id, one.patient_id) for one in series})
        self._patients: dict[str, list[str]] = {}
        for collection, patient in cases:
            self._patients.setdefault(collection, []).append(patient)
        self._tables_of = {collection: tables.of_collection(collection) for collection in self._patients}
        self.names = {collection: list(found) for collection, found in self._tables_of.items()}

    @property
    def missing(self) -> dict[str, list[str]]:
        """As of now: they may have been fetched meanwhile."""
        absent = {collection: [name for name in names if not self._tables.files_of(name)] for collection, names in self.names.items()}
        return {collection: names for collection, names in absent.items() if names}

    def fetch_missing(self, release: str, network: Network, endpoint_url: str, task: Task) -> None:
        """Get them from IDC's bucket, or another server. Raises ``TransferError``, ``StorageError``, ``CancelledError``."""
        for names in self.missing.values():
            fetch_tables(names, release, own_folder(release), task, network, endpoint_url)

    def values(self, task: Task) -> Iterator[ClinicalValue]:
        """Ordered by collection, table, case, row; values that are empty are left out. Raises ``CatalogError`` for a damaged table."""
        total = sum(map(len, self.names.values()))
        done = 0
        for collection, patients in self._patients.items():
            for name in self.names[collection]:
                task.raise_if_cancelled()
                task.report(Progress("Reading clinical tables", done, total, "tables"))
                yield from self._of_table(collection, name, patients)
                done += 1

    def _of_table(self, collection: str, name: str, patients: Sequence[str]) -> Iterator[ClinicalValue]:
        rows = self._tables.rows(name, self._tables_of[collection][name], patients)
        for patient, of_patient in groupby(rows, itemgetter(0)):
            for number, (_, cells) in enumerate(of_patient, 1):
                yield from (ClinicalValue(collection, patient, name, number, *found) for found in cells)


def write_values(out: Path, values: Iterator[ClinicalValue]) -> Mapping[str, int]:
    """A CSV or Parquet file, whole or not at all; gives how many rows and cases it has. Raises ``InputError``, ``StorageError``."""
    check_name(out)
    cases: set[tuple[str, str]] = set()

    def counted() -> Iterator[ClinicalValue]:
        for value in values:
            cases.add((value.collection_id, value.PatientID))
            yield value

    count = write_table(out, ClinicalValue._fields, {"row": "int64"}, counted())
    return {"rows": count, "cases": len(cases)}
