"""Planned series for tests of the transfer, without a catalog."""

from __future__ import annotations

from typing import Any

from helpers.s3_server import BUCKET
from IDCBrowserLib.selection.plan import Plan, PlannedSeries


def planned(uuid: str, number: int = 1, **changes: Any) -> PlannedSeries:
    """A CT series of the demo kind; ``number`` makes its UIDs."""
    series = PlannedSeries(
        series_uid=f"1.2.826.0.1.3680043.2.{number}",
        crdc_series_uuid=uuid,
        collection_id="test_collection",
        patient_id="Patient-1",
        study_uid="1.2.826.0.1.3680043.1.1",
        modality="CT",
        description="Axial",
        instance_count=None,
        size_bytes=1000,
        license="CC BY 4.0",
        aws_bucket=BUCKET,
        gcs_bucket=None,
        idc_version=25,
        source_doi=None,
    )
    return series._replace(**changes)


def plan_of(*uuids: str) -> Plan:
    """A plan of CT series."""
    return Plan(tuple(planned(uuid, number) for number, uuid in enumerate(uuids, start=1)))
