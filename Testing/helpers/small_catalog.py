"""A catalog of a few invented series in parquet files, shaped like those of idc-index-data."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from helpers.made_parquet import write_rows
from IDCBrowserLib.catalog.columns import COLLECTION_TYPES, SERIES_TYPES
from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.catalog.files.sources import Sources

PRIOR_TYPES = {
    "collection_id": "VARCHAR",
    "PatientID": "VARCHAR",
    "SeriesInstanceUID": "VARCHAR",
    "StudyInstanceUID": "VARCHAR",
    "Modality": "VARCHAR",
    "gcs_bucket": "VARCHAR",
    "crdc_series_uuid": "VARCHAR",
    "series_size_MB": "DOUBLE",
    "series_aws_url": "VARCHAR",
    "aws_bucket": "VARCHAR",
    "min_idc_version": "BIGINT",
    "max_idc_version": "BIGINT",
}
_ANALYSIS_TYPES = {"analysis_result_id": "VARCHAR", "analysis_result_title": "VARCHAR", "source_DOI": "VARCHAR", "collections": "VARCHAR"}

GONE_UUID = "99999999-0000-4000-8000-000000000001"
GONE_UID = "1.2.99.1"

DESCRIPTION = "<p>CT of <b>lungs</b> &amp; nodules.</p><p>See <a href='https://doi.org/10.1/x'>the page</a>.</p>"


def uuid(number: int) -> str:
    """The crdc_series_uuid of the series with that number."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def series(number: int, **values: Any) -> dict[str, Any]:
    """One series of lung_ct/P2, study 1.2.1, unless ``values`` say otherwise."""
    row = {
        "collection_id": "lung_ct",
        "PatientID": "P2",
        "StudyInstanceUID": "1.2.1",
        "SeriesInstanceUID": f"1.2.1.{number}",
        "Modality": "CT",
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "SeriesNumber": str(number),
        "SeriesDescription": f"Axial {number}",
        "instanceCount": 10,
        "series_size_MB": 1.5,
        "license_short_name": "CC BY 4.0",
        "aws_bucket": "idc-open-data",
        "crdc_series_uuid": uuid(number),
        "series_aws_url": f"s3://idc-open-data/{uuid(number)}/*",
        "StudyDate": "2001-02-03",
        "StudyDescription": "Chest",
        "source_DOI": "10.7937/lung",
        "series_init_idc_version": 2,
        "series_revised_idc_version": 2,
    }
    return {**row, **values}


# Sorted as the real file is: by collection, case, study, series.
SERIES = (
    series(
        31,
        collection_id="brain_mr",
        PatientID="SHARED",
        StudyInstanceUID="1.2.3",
        Modality="MR",
        SeriesDescription="T1 100% 'axial'",
        license_short_name="CC BY-NC 4.0",
        source_DOI="10.7937/brain",
        PatientSex="F",
        StudyDescription="Head_1",
    ),
    series(21, PatientID="P10", StudyInstanceUID="1.2.2", PatientAge="050Y", BodyPartExamined="CHEST"),
    series(1),
    series(2, SeriesNumber="10", SeriesDescription=None),
    series(
        3,
        Modality="SEG",
        SeriesNumber="9",
        SeriesDescription="Segmentation of 1",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4",
        instanceCount=1,
        analysis_result_id="nodules_seg",
        license_short_name="CC BY 3.0",
        series_aws_url="s3://elsewhere/3/*",
    ),
    series(41, PatientID="SHARED", StudyInstanceUID="1.2.4", StudyDate=None),
)
COLLECTIONS = (
    {
        "collection_id": "lung_ct",
        "collection_name": "Lung-CT",
        "cancer_types": "Lung Cancer",
        "tumor_locations": "Chest",
        "species": "Human",
        "program_id": "community",
        "subjects": 3,
        "description": DESCRIPTION,
    },
    {
        "collection_id": "brain_mr",
        "collection_name": "Brain MR",
        "cancer_types": "Glioma",
        "tumor_locations": "Brain",
        "species": "Human",
        "program_id": "tcga",
        "subjects": 1,
        "description": "Plain < text",
    },
)
_SOURCE_TYPES = (
    "STRUCT(source_id VARCHAR, source_title VARCHAR, source_type VARCHAR, source_doi VARCHAR, source_url VARCHAR, "
    "license STRUCT(license_url VARCHAR, license_long_name VARCHAR, license_short_name VARCHAR), citation VARCHAR)[]"
)
_COLLECTION_SOURCES = {
    "lung_ct": "[{'source_title': 'Data of lungs', 'source_doi': '10.7937/lung', 'license': {'license_long_name': 'Attribution 4.0'}, "
    "'citation': 'Doe, J. (2020). <i>Lungs</i>'}]",
}


def write_series(path: Path, rows: Iterable[Mapping[str, Any]], without: Iterable[str] = ()) -> Path:
    """Write series, leaving out some columns."""
    return write_rows(path, {name: kind for name, kind in SERIES_TYPES.items() if name not in set(without)}, rows)


def write_sources(folder: Path, rows: Iterable[Mapping[str, Any]] = SERIES, prior: Iterable[Mapping[str, Any]] = ()) -> Sources:
    """All files of the small catalog, in a new folder; ``prior`` versions beside that of a series that is gone."""
    collections = [{**row, "sources": _COLLECTION_SOURCES.get(str(row["collection_id"]))} for row in COLLECTIONS]
    gone = {
        "collection_id": "lung_ct",
        "PatientID": "P2",
        "SeriesInstanceUID": GONE_UID,
        "StudyInstanceUID": "1.2.1",
        "crdc_series_uuid": GONE_UUID,
        "aws_bucket": "idc-open-data",
        "gcs_bucket": "idc-open-data",
        "min_idc_version": 1,
        "max_idc_version": 3,
        "series_size_MB": 2.0,
    }
    return Sources(
        series=(write_series(folder / "idc_index.parquet", rows),),
        collections=(write_rows(folder / "collections_index.parquet", {**COLLECTION_TYPES, "sources": _SOURCE_TYPES}, collections),),
        prior_versions=write_rows(folder / "prior_versions_index.parquet", PRIOR_TYPES, [gone, *({**gone, **row} for row in prior)]),
        analysis_results=write_rows(
            folder / "analysis_results_index.parquet",
            _ANALYSIS_TYPES,
            [{"analysis_result_id": "nodules_seg", "analysis_result_title": "Nodules, segmented", "source_DOI": "10.5281/nodules"}],
        ),
        versions=write_rows(folder / "version_metadata_index.parquet", {"idc_version": "BIGINT"}, [{"idc_version": 24}, {"idc_version": 25}]),
        data_version="25.0.5",
    )


def write_many_series(path: Path, count: int) -> Path:
    """Write ``count`` series of one study, whose descriptions do not compress well."""
    seed = write_series(path.with_name("seed.parquet"), [series(1)])
    with duckdb.connect() as connection:
        changes = "'1.2.1.' || n AS SeriesInstanceUID, sha256(n::VARCHAR) AS SeriesDescription, md5(n::VARCHAR) AS crdc_series_uuid"
        query = f"SELECT * EXCLUDE (n) REPLACE ({changes}) FROM {literal(seed)}, (SELECT unnest(range({count})) AS n)"
        connection.execute(f"COPY ({query}) TO {literal(path)} (FORMAT parquet)")
    return path
