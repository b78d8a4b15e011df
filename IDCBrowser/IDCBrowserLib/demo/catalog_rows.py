"""Rows of the catalog for DICOM series on disk: a parquet file with the main columns of idc-index, to be added as a source.

::

    catalog_rows.write(path, phantom.write(folder))     # rows of collection "demo_phantom"

``write_collection`` makes the row of ``collections_index`` that belongs to it. Only what the headers say is stated; the license is the one
the generated data carries, and the descriptions say that it is generated.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from IDCBrowserLib.demo.identity import COLLECTION_ID, COLLECTION_NAME, LICENSE
from IDCBrowserLib.dicom import sop_classes

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# Columns of idc_index.parquet (idc-index-data 25.0.5), in its order.
COLUMNS = (
    ("collection_id", "VARCHAR"),
    ("analysis_result_id", "VARCHAR"),
    ("PatientID", "VARCHAR"),
    ("SeriesInstanceUID", "VARCHAR"),
    ("StudyInstanceUID", "VARCHAR"),
    ("source_DOI", "VARCHAR"),
    ("PatientAge", "VARCHAR"),
    ("PatientSex", "VARCHAR"),
    ("StudyDate", "VARCHAR"),
    ("StudyDescription", "VARCHAR"),
    ("BodyPartExamined", "VARCHAR"),
    ("Modality", "VARCHAR"),
    ("SOPClassUID", "VARCHAR"),
    ("sop_class_name", "VARCHAR"),
    ("TransferSyntaxUID", "VARCHAR"),
    ("transfer_syntax_name", "VARCHAR"),
    ("PhotometricInterpretation", "VARCHAR"),
    ("PixelRepresentation", "VARCHAR"),
    ("Manufacturer", "VARCHAR"),
    ("ManufacturerModelName", "VARCHAR"),
    ("SeriesDate", "VARCHAR"),
    ("SeriesDescription", "VARCHAR"),
    ("SeriesNumber", "VARCHAR"),
    ("instanceCount", "BIGINT"),
    ("license_short_name", "VARCHAR"),
    ("series_init_idc_version", "BIGINT"),
    ("series_revised_idc_version", "BIGINT"),
    ("aws_bucket", "VARCHAR"),
    ("crdc_series_uuid", "VARCHAR"),
    ("series_aws_url", "VARCHAR"),
    ("series_size_MB", "DOUBLE"),
)
COLLECTION_COLUMNS = (
    ("collection_name", "VARCHAR"),
    ("collection_id", "VARCHAR"),
    ("cancer_types", "VARCHAR"),
    ("tumor_locations", "VARCHAR"),
    ("subjects", "BIGINT"),
    ("species", "VARCHAR"),
    ("supporting_data", "VARCHAR"),
    ("program_id", "VARCHAR"),
    ("status", "VARCHAR"),
    ("updated", "VARCHAR"),
    ("description", "VARCHAR"),
)
# Columns of sm_instance_index.parquet.
INSTANCE_COLUMNS = (
    ("SOPInstanceUID", "VARCHAR"),
    ("SeriesInstanceUID", "VARCHAR"),
    ("PixelSpacing_0", "DOUBLE"),
    ("ImageType", "VARCHAR[]"),
    ("TransferSyntaxUID", "VARCHAR"),
    ("instance_size", "BIGINT"),
    ("TotalPixelMatrixColumns", "BIGINT"),
    ("TotalPixelMatrixRows", "BIGINT"),
    ("crdc_instance_uuid", "VARCHAR"),
)
_BUCKET = "idc-open-data"
_CHARACTERISTICS = ("PhotometricInterpretation", "PixelRepresentation", "Manufacturer", "ManufacturerModelName", "SeriesDescription", "SeriesNumber")
_PATIENT = (
    "PatientID",
    "SeriesInstanceUID",
    "StudyInstanceUID",
    "PatientAge",
    "PatientSex",
    "StudyDescription",
    "BodyPartExamined",
    "Modality",
    "SOPClassUID",
)


class SeriesOnDisk(Protocol):
    """What a row is made of; ``phantom.PhantomSeries`` is one."""

    @property
    def crdc_series_uuid(self) -> str:
        """Folder of the series in the bucket."""

    @property
    def files(self) -> Sequence[Path]:
        """Its instances."""


def write(path: str | Path, series: Sequence[SeriesOnDisk]) -> Path:
    """Write the rows of ``series`` as parquet to ``path`` (whole or not at all) and return it."""
    return _write(Path(path), COLUMNS, [row(one) for one in series])


def write_collection(path: str | Path, subjects: int = 1) -> Path:
    """Write the row of ``collections_index.parquet`` for the demo collection, without its ``sources``."""
    values = {
        "collection_name": COLLECTION_NAME,
        "collection_id": COLLECTION_ID,
        "cancer_types": "None (generated)",
        "tumor_locations": "Liver, kidney",
        "subjects": subjects,
        "species": "None (generated)",
        "supporting_data": "Image Analyses",
        "program_id": "demo",
        "status": "Demo",
        "updated": "2024-04-19",
        "description": "DEMO, not part of IDC: one generated patient with a CT, an oblique MR, segmentations and a structure set, "
        "served by this computer to try browsing, downloading and viewing without internet.",
    }
    return _write(Path(path), COLLECTION_COLUMNS, [values])


def write_instances(path: str | Path, series: Sequence[SeriesOnDisk]) -> Path:
    """Write what ``sm_instance_index`` states of the files of slides among ``series``."""
    import pydicom

    headers = [(file, pydicom.dcmread(file, stop_before_pixels=True)) for one in series for file in one.files[: None if _is_slide(one) else 0]]
    return _write(Path(path), INSTANCE_COLUMNS, [_instance(file, header) for file, header in headers])


def _is_slide(series: SeriesOnDisk) -> bool:
    import pydicom

    return str(pydicom.dcmread(series.files[0], stop_before_pixels=True, specific_tags=["SOPClassUID"]).SOPClassUID) == sop_classes.SLIDE_IMAGE


def _instance(file: Path, header: Dataset) -> dict[str, Any]:
    spacing = header.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing
    return {
        "SOPInstanceUID": str(header.SOPInstanceUID),
        "SeriesInstanceUID": str(header.SeriesInstanceUID),
        "PixelSpacing_0": float(spacing[0]),
        "ImageType": [str(value) for value in header.ImageType],
        "TransferSyntaxUID": str(header.file_meta.TransferSyntaxUID),
        "instance_size": file.stat().st_size,
        "TotalPixelMatrixColumns": int(header.TotalPixelMatrixColumns),
        "TotalPixelMatrixRows": int(header.TotalPixelMatrixRows),
        "crdc_instance_uuid": file.stem,
    }


def row(series: SeriesOnDisk) -> dict[str, Any]:
    """The columns of one series, from the header of its first file and the sizes of all."""
    import pydicom

    header = pydicom.dcmread(series.files[0], stop_before_pixels=True)
    values: dict[str, Any] = {name: _text(header, name) for name in (*_PATIENT, *_CHARACTERISTICS)}
    syntax = header.file_meta.TransferSyntaxUID
    size = sum(path.stat().st_size for path in series.files)
    values.update(
        collection_id=COLLECTION_ID,
        StudyDate=_date(header, "StudyDate"),
        SeriesDate=_date(header, "SeriesDate"),
        sop_class_name=sop_classes.NAMES.get(str(header.SOPClassUID), header.SOPClassUID.name),
        TransferSyntaxUID=str(syntax),
        transfer_syntax_name=syntax.name,
        instanceCount=len(series.files),
        license_short_name=LICENSE,
        series_init_idc_version=0,
        series_revised_idc_version=0,
        aws_bucket=_BUCKET,
        crdc_series_uuid=series.crdc_series_uuid,
        series_aws_url=f"s3://{_BUCKET}/{series.crdc_series_uuid}/*",
        series_size_MB=size / 1e6,
    )
    return values


def _text(header: Dataset, name: str) -> str | None:
    value = header.get(name)
    return None if value is None or str(value) == "" else str(value)


def _date(header: Dataset, name: str) -> str | None:
    value = _text(header, name)
    return f"{value[:4]}-{value[4:6]}-{value[6:8]}" if value else None


def _write(path: Path, columns: Sequence[tuple[str, str]], rows: Sequence[dict[str, Any]]) -> Path:
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    try:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE rows ({', '.join(f'{name} {kind}' for name, kind in columns)})")
            places = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO rows VALUES ({places})", [[values.get(name) for name, _ in columns] for values in rows])
            quoted = temporary.replace("'", "''")
            connection.execute(f"COPY rows TO '{quoted}' (FORMAT parquet)")
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
