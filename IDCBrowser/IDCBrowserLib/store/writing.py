"""Writing instances into the tables, and keeping the counts that Slicer shows beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from IDCBrowserLib.store.database import transaction
from IDCBrowserLib.store.rows import Instance, Row


class Writer:
    """One batch into the two files."""

    def __init__(self, main: sqlite3.Connection, cache: sqlite3.Connection) -> None:
        self._main = main
        self._cache = cache

    def write(self, instances: Sequence[Instance]) -> None:
        """All or nothing in the main file. The tag cache goes first: a row too many there does no harm."""
        with transaction(self._cache):
            self._cache.executemany("INSERT OR REPLACE INTO TagCache VALUES (?, ?, ?)", (row for instance in instances for row in instance.cached()))
        with transaction(self._main):
            # Local time without zone, as QDateTime::currentDateTime writes it; compared with the files' modification times.
            now = datetime.now().isoformat(timespec="milliseconds")
            moved = self._series_of([instance.sop_instance_uid for instance in instances])
            self._parents(instances, now)
            self._main.executemany(
                "INSERT OR REPLACE INTO Images VALUES (?, ?, '', ?, ?, CURRENT_TIMESTAMP)",
                [(instance.sop_instance_uid, instance.path, instance.series_uid, now) for instance in instances],
            )
            touched = moved | {instance.series_uid for instance in instances}
            remove_empty(self._main, moved)
            update_counts(self._main, touched)

    def _series_of(self, sop_uids: Sequence[str]) -> set[str]:
        """The series of those instances that are in the database already."""
        marks = ",".join("?" * len(sop_uids))
        rows = self._main.execute(f"SELECT DISTINCT SeriesInstanceUID FROM Images WHERE SOPInstanceUID IN ({marks})", sop_uids)
        return {uid for (uid,) in rows}

    def _parents(self, instances: Sequence[Instance], now: str) -> None:
        series = {instance.series_uid: instance for instance in instances}
        studies = {instance.study_uid: instance for instance in instances}
        patients = {
            instance.patient_key: self._patient(instance, now) for instance in {instance.patient_key: instance for instance in instances}.values()
        }
        for instance in studies.values():
            self._insert("Studies", {**instance.study(), "PatientsUID": patients[instance.patient_key], "InsertTimestamp": now})
        for instance in series.values():
            self._insert("Series", {**instance.series(), "InsertTimestamp": now})

    def _patient(self, instance: Instance, now: str) -> int:
        row = self._main.execute("SELECT UID FROM Patients WHERE PatientID IS ? AND PatientsName IS ?", instance.patient_key).fetchone()
        if row is not None:
            return int(row[0])
        return self._insert("Patients", {**instance.patient(), "InsertTimestamp": now})

    def _insert(self, table: str, row: Row) -> int:
        """A row that is there already stays as it is."""
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        cursor = self._main.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", list(row.values()))
        return int(cursor.lastrowid or 0)


def remove_empty(main: sqlite3.Connection, series_uids: Iterable[str]) -> None:
    """Forget those series that have no instance any more, and studies and patients left without one."""
    for uid in series_uids:
        main.execute("DELETE FROM Series WHERE SeriesInstanceUID = ?1 AND NOT EXISTS (SELECT 1 FROM Images WHERE SeriesInstanceUID = ?1)", (uid,))
    main.execute("DELETE FROM Studies WHERE NOT EXISTS (SELECT 1 FROM Series WHERE Series.StudyInstanceUID = Studies.StudyInstanceUID)")
    main.execute("DELETE FROM Patients WHERE NOT EXISTS (SELECT 1 FROM Studies WHERE Studies.PatientsUID = Patients.UID)")


def update_counts(main: sqlite3.Connection, series_uids: Iterable[str]) -> None:
    """The Displayed... columns of these series, their studies and patients."""
    studies: set[str] = set()
    for uid in series_uids:
        main.execute(
            "UPDATE Series SET DisplayedCount = (SELECT COUNT(*) FROM Images WHERE SeriesInstanceUID = ?1), "
            "DisplayedFieldsUpdatedTimestamp = CURRENT_TIMESTAMP WHERE SeriesInstanceUID = ?1",
            (uid,),
        )
        studies.update(study for (study,) in main.execute("SELECT StudyInstanceUID FROM Series WHERE SeriesInstanceUID = ?", (uid,)))
    update_study_counts(main, studies)


def update_study_counts(main: sqlite3.Connection, study_uids: Iterable[str]) -> None:
    """The Displayed... columns of studies and their patients."""
    patients: set[int] = set()
    for uid in study_uids:
        main.execute(
            "UPDATE Studies SET DisplayedNumberOfSeries = (SELECT COUNT(*) FROM Series WHERE StudyInstanceUID = ?1), "
            "DisplayedFieldsUpdatedTimestamp = CURRENT_TIMESTAMP WHERE StudyInstanceUID = ?1",
            (uid,),
        )
        patients.update(patient for (patient,) in main.execute("SELECT PatientsUID FROM Studies WHERE StudyInstanceUID = ?", (uid,)))
    for patient in patients:
        dates = [str(date) for (date,) in main.execute("SELECT StudyDate FROM Studies WHERE PatientsUID = ?", (patient,)) if date]
        last = max((date for date in dates if len(date) == 8 and date.isdigit()), default=None)
        main.execute(
            "UPDATE Patients SET DisplayedNumberOfStudies = (SELECT COUNT(*) FROM Studies WHERE PatientsUID = ?1), "
            "DisplayedLastStudyDate = ?2, DisplayedFieldsUpdatedTimestamp = CURRENT_TIMESTAMP WHERE UID = ?1",
            (patient, last and f"{last[:4]}-{last[4:6]}-{last[6:]}"),
        )
