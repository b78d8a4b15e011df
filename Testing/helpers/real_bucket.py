"""Real series of the test data on a local S3 server, under the ids that they have in the real catalog.

::

    with real_bucket(tmp_path) as bucket:
        bucket.endpoint_url, bucket.series["SEG"].crdc_series_uuid
"""

import contextlib
import os
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pydicom

from helpers.real_data import real_data
from IDCBrowserLib.demo import bucket

UCSF_BR_06 = ("mirp", "dce_images_mr", "UCSF-BR-06")
UCSF_BR_06_VOXELS = 82_527


@dataclass(frozen=True)
class RealSeries:
    """A series as the real catalog knows it, and its files here."""

    series_instance_uid: str
    study_instance_uid: str
    patient_id: str
    collection_id: str
    modality: str
    bucket: str
    crdc_series_uuid: str
    instance_count: int
    files: tuple[Path, ...]


@dataclass(frozen=True)
class RealBucket:
    """A running server and the series that it holds, by modality."""

    endpoint_url: str
    series: dict[str, RealSeries] = field(default_factory=dict)


def real_series(*parts: str) -> list[RealSeries]:
    """The series in a folder of the real data that the installed catalog knows."""
    files = defaultdict(list)
    headers = {}
    for path in sorted(real_data(*parts).rglob("*.dcm")):
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SeriesInstanceUID", "StudyInstanceUID", "PatientID", "Modality"])
        files[header.SeriesInstanceUID].append(path)
        headers[header.SeriesInstanceUID] = header
    found = []
    for uid, row in _catalog(list(files)).items():
        header = headers[uid]
        collection, name, series_uuid, count = row
        found.append(
            RealSeries(uid, header.StudyInstanceUID, header.PatientID, collection, header.Modality, name, series_uuid, count, tuple(files[uid]))
        )
    return found


def bucket_folders(series: list[RealSeries], folder: Path) -> dict[str, Path]:
    """Link the files into ``folder/<bucket>/<crdc_series_uuid>/<instance uuid>.dcm``; ``{bucket: folder}`` for ``demo.bucket``."""
    for one in series:
        target = folder / one.bucket / one.crdc_series_uuid
        target.mkdir(parents=True, exist_ok=True)
        for path in one.files:
            # The true instance uuids are not known here; any will do, as the catalog only names the folder.
            name = uuid.uuid5(uuid.NAMESPACE_OID, f"{one.series_instance_uid} {path.name}")
            link = target / f"{name}.dcm"
            if not link.exists():
                os.symlink(path, link)
    return {one.bucket: folder / one.bucket for one in series}


@contextlib.contextmanager
def real_bucket(folder: Path, *parts: str) -> Iterator[RealBucket]:
    """Serve a folder of the real data (UCSF-BR-06 by default); skips the test where the data is not present."""
    series = real_series(*(parts or UCSF_BR_06))
    with bucket.serve(bucket_folders(series, folder)) as endpoint_url:
        yield RealBucket(endpoint_url, {one.modality: one for one in series})


def _catalog(uids: list[str]) -> dict[str, tuple[str, str, str, int]]:
    import duckdb
    import idc_index_data

    query = (
        "SELECT SeriesInstanceUID, collection_id, aws_bucket, crdc_series_uuid, instanceCount FROM read_parquet(?) "
        "WHERE list_contains(?, SeriesInstanceUID)"
    )
    with duckdb.connect() as connection:
        rows = connection.execute(query, [str(idc_index_data.IDC_INDEX_PARQUET_FILEPATH), uids]).fetchall()
    return {row[0]: row[1:] for row in rows}
