"""Clinical tables as IDC exports them, with made-up values: an index that names them, and a folder of parquet for each."""

from __future__ import annotations

from pathlib import Path

import duckdb

from helpers.side_files import Answer
from IDCBrowserLib.catalog.connection import literal

COLLECTION = "lung_ct"


def write_index(folder: Path, of: str = COLLECTION) -> Path:
    """``clinical_index.parquet`` with the columns of its schema: two tables of the collection ``of``, one of another."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "clinical_index.parquet"
    sexes = "[{'option_code': '1', 'option_description': 'Male'}, {'option_code': '2', 'option_description': 'Female'}]"
    none = "[]::STRUCT(option_code VARCHAR, option_description VARCHAR)[]"
    rows = [
        (of, "lung_ct_demographics", "gender", "Sex of the patient", sexes),
        (of, "lung_ct_demographics", "stage", "Stage", none),
        (of, "lung_ct_visits", "day", "Day of the visit", none),
        (of, "../evil", "x", "x", none),
        ("other", "other_table", "x", "x", none),
    ]
    selects = " UNION ALL ".join(
        f"SELECT '{collection}' AS collection_id, 'bigquery-public-data.idc.{table}' AS table_name, '{table}' AS short_table_name, "
        f"'{column}' AS \"column\", '{label}' AS column_label, {values} AS \"values\""
        for collection, table, column, label, values in rows
    )
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({selects}) TO {literal(path)} (FORMAT parquet)")
    return path


def write_tables(folder: Path, case: str = "P2") -> dict[str, Path]:
    """The two tables below ``folder``, as they lie in the bucket; with values of ``case`` and of P10."""
    queries = {
        "lung_ct_demographics": f"SELECT * FROM (VALUES ('{case}', 'b1', 2, 'IIIA', NULL), ('P10', 'b1', 1, NULL, 3.5)) "
        "t(dicom_patient_id, source_batch, gender, stage, packs_per_day)",
        "lung_ct_visits": f"SELECT '{case}' AS dicom_patient_id, day FROM range(1, 30) t(day)",
    }
    paths = {}
    with duckdb.connect() as connection:
        for name, query in queries.items():
            paths[name] = folder / name / "000000000000.parquet"
            paths[name].parent.mkdir(parents=True)
            connection.execute(f"COPY ({query}) TO {literal(paths[name])} (FORMAT parquet)")
    return paths


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
