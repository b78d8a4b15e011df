"""Lists the series that the database has below a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from IDCBrowserLib.api.store import StoredSeries
from IDCBrowserLib.store.database import Database

_BELOW = "substr(Images.Filename, 1, ?) = ?"
_QUERY = """
SELECT Series.SeriesInstanceUID, Series.StudyInstanceUID, Patients.PatientID, Series.Modality, Series.SeriesDescription, COUNT(*) AS instanceCount
FROM Images JOIN Series USING (SeriesInstanceUID) JOIN Studies USING (StudyInstanceUID) JOIN Patients ON Patients.UID = Studies.PatientsUID
WHERE {below}
GROUP BY Series.SeriesInstanceUID ORDER BY Patients.PatientID, Series.StudyInstanceUID, CAST(Series.SeriesNumber AS INTEGER), Series.SeriesInstanceUID
"""


def all_series(database: Database) -> list[str]:
    """Every SeriesInstanceUID."""
    with database.reading() as connection:
        return [row[0] for row in connection.execute("SELECT SeriesInstanceUID FROM Series")] if connection is not None else []


def series_below(database: Database, folders: Sequence[str | Path]) -> list[StoredSeries]:
    """Series with linked files below ``folders``, as rows with idc-index's column names; the SOP class is not in the database and left empty."""
    prefixes = [os.path.join(os.path.abspath(folder), "") for folder in folders]
    below = " OR ".join([_BELOW] * len(prefixes))
    values = [value for prefix in prefixes for value in (len(prefix), prefix)]
    with database.reading() as connection:
        if connection is None or not prefixes:
            return []
        cursor = connection.execute(_QUERY.format(below=below), values)
        names = [column[0] for column in cursor.description]
        return [cast(StoredSeries, {**dict(zip(names, row, strict=True)), "SOPClassUID": ""}) for row in cursor]
