"""Clinical tables as IDC exports them, with made-up values: an index that names them, and a folder of parquet for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from helpers.side_files import Answer
from IDCBrowserLib.catalog.connection import literal

COLLECTION = "lung_ct"


# Collection, table, column, label, and the values that the index lists: code and meaning.
Description = tuple[str, str, str, str, dict[str, str]]


def write_described(folder: Path, rows: Sequence[Description]) -> Path:
    """``clinical_index.parquet`` with the columns of its schema."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "clinical_index.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            'CREATE TABLE described (collection_id VARCHAR, table_name VARCHAR, short_table_name VARCHAR, "column" VARCHAR, column_label VARCHAR, '
            '"values" STRUCT(option_code VARCHAR, option_description VARCHAR)[])'
        )
        for collection, table, column, label, codes in rows:
            values = [{"option_code": code, "option_description": meaning or None} for code, meaning in codes.items()]
            whole = [collection, f"bigquery-public-data.idc.{table}", table, column, label, values]
            connection.execute("INSERT INTO described VALUES (?, ?, ?, ?, ?, ?)", whole)
        connection.execute(f"COPY described TO {literal(path)} (FORMAT parquet)")
    return path


def write_table(folder: Path, name: str, query: str) -> Path:
    """What a query gives as a table below ``folder``, as it lies in the bucket."""
    path = folder / name / "000000000000.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO {literal(path)} (FORMAT parquet)")
    return path


def write_index(folder: Path, of: str = COLLECTION) -> Path:
    """Two tables of the collection ``of``, one of another."""
    return write_described(
        folder,
        [
            (of, "lung_ct_demographics", "gender", "Sex of the patient", {"1": "Male", "2": "Female"}),
            (of, "lung_ct_demographics", "stage", "Stage", {}),
            (of, "lung_ct_visits", "day", "Day of the visit", {}),
            (of, "../evil", "x", "x", {}),
            ("other", "other_table", "x", "x", {}),
        ],
    )


def write_tables(folder: Path, case: str = "P2") -> dict[str, Path]:
    """The two tables below ``folder``; with values of ``case`` and of P10."""
    queries = {
        "lung_ct_demographics": f"SELECT * FROM (VALUES ('{case}', 'b1', 2, 'IIIA', NULL), ('P10', 'b1', 1, NULL, 3.5)) "
        "t(dicom_patient_id, source_batch, gender, stage, packs_per_day)",
        "lung_ct_visits": f"SELECT '{case}' AS dicom_patient_id, day FROM range(1, 30) t(day)",
    }
    return {name: write_table(folder, name, query) for name, query in queries.items()}


def bucket_answers(folder: Path, release: int = 25) -> dict[str, Answer]:
    """What a server answers that has the tables below ``folder`` in IDC's bucket of metadata."""
    answers: dict[str, Answer] = {}
    for path in folder.glob("*/*.parquet"):
        prefix = f"bigquery_export/idc_v{release}_clinical/{path.parent.name}"
        content = path.read_bytes()
        entry = f"<Contents><Key>{prefix}/{path.name}</Key><Size>{len(content)}</Size></Contents>"
        answers[f"/idc-open-metadata?list-type=2&prefix={prefix}%2F"] = (200, {}, f"<ListBucketResult>{entry}</ListBucketResult>".encode())
        answers[f"/idc-open-metadata/{prefix}/{path.name}"] = (200, {}, content)
    return answers
