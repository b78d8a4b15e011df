"""The download plan: series, bytes, licenses, and the lines that could not be resolved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from IDCBrowserLib.api import selection as api


class PlannedSeries(NamedTuple):
    """One version of one series in IDC's buckets. A tuple, since a plan may hold a million of them.

    ``idc_version``: the IDC release in use for the current version, the last one that held it for a prior version (``is_prior``); None where the
    index files state no release.
    ``size_bytes`` comes from the index (rounded there for prior versions); the bucket listing decides. ``instance_count`` is None where the
    index does not state it. ``instances`` restricts the series to these instance UUIDs (a manifest of single instances); empty means all.
    """

    series_uid: str
    crdc_series_uuid: str
    collection_id: str
    patient_id: str
    study_uid: str
    modality: str
    description: str | None
    instance_count: int | None
    size_bytes: int
    license: str | None
    aws_bucket: str
    gcs_bucket: str | None
    idc_version: int | None
    source_doi: str | None
    instances: tuple[str, ...] = ()
    is_prior: bool = False

    def to_json(self) -> api.PlannedSeries:
        """One entry of ``series`` in the document of ``idc-browser plan``; keys are the idc-index column names."""
        document: api.PlannedSeries = {
            "collection_id": self.collection_id,
            "PatientID": self.patient_id,
            "StudyInstanceUID": self.study_uid,
            "SeriesInstanceUID": self.series_uid,
            "Modality": self.modality,
            "SeriesDescription": self.description,
            "instanceCount": self.instance_count,
            "size_bytes": self.size_bytes,
            "series_size_MB": self.size_bytes / 1e6,
            "license_short_name": self.license,
            "source_DOI": self.source_doi,
            "crdc_series_uuid": self.crdc_series_uuid,
            "aws_bucket": self.aws_bucket,
            "gcs_bucket": self.gcs_bucket,
            "idc_version": self.idc_version,
        }
        if self.instances:
            document["instances"] = list(self.instances)
        return document


@dataclass(frozen=True)
class Unresolved:
    """Something in a source that no series was found for. ``line`` counts from 1; None where the source is not a file.

    ``refused`` marks what was understood but must not be done (an upload, a path out of the folder).
    """

    source: str
    line: int | None
    text: str
    reason: str
    refused: bool = False

    def to_json(self) -> api.Unresolved:
        """One entry of ``unresolved`` in the document of ``idc-browser plan``."""
        return {"source": self.source, "line": self.line, "text": self.text, "reason": self.reason}


@dataclass(frozen=True)
class Plan:
    """Each version of a series once, in the order of the sources. ``warnings`` are sentences for the user."""

    series: Sequence[PlannedSeries] = ()
    unresolved: tuple[Unresolved, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def total_bytes(self) -> int:
        """Sum of the sizes as the index states them."""
        counted = getattr(self.series, "total_bytes", None)
        return int(counted()) if counted is not None else sum(item.size_bytes for item in self.series)

    @property
    def licenses(self) -> dict[str, int]:
        """Number of series per license, the most frequent first."""
        counted = getattr(self.series, "licenses", None)
        counts = counted() if counted is not None else Counter(item.license for item in self.series)
        return {name or "not stated": count for name, count in counts.most_common()}

    @property
    def modalities(self) -> dict[str, int]:
        """Number of series per modality, the most frequent first."""
        counted = getattr(self.series, "modalities", None)
        counts = counted() if counted is not None else Counter(item.modality for item in self.series)
        return {name or "not stated": count for name, count in counts.most_common()}

    @property
    def counts(self) -> dict[str, int]:
        """How many ``collections``, ``cases`` and ``studies`` the series are of."""
        counted = getattr(self.series, "counts", None)
        numbers = (
            counted()
            if counted is not None
            else (
                len({item.collection_id for item in self.series}),
                len({(item.collection_id, item.patient_id) for item in self.series}),
                len({item.study_uid for item in self.series}),
            )
        )
        return dict(zip(("collections", "cases", "studies"), numbers, strict=True))

    def to_json(self, limit: int | None = None) -> api.PlanDocument:
        """The document of ``idc-browser plan``, with at most ``limit`` series; the totals count all of them."""
        licenses, counts = self.licenses, self.counts
        return {
            "series": [item.to_json() for item in self.series[:limit]],
            "series_count": len(self.series),
            "total_bytes": self.total_bytes,
            "collections": counts["collections"],
            "cases": counts["cases"],
            "studies": counts["studies"],
            "modalities": self.modalities,
            "licenses": licenses,
            "noncommercial_series": sum(count for name, count in licenses.items() if is_noncommercial(name)),
            "unresolved": [item.to_json() for item in self.unresolved],
            "warnings": list(self.warnings),
        }

    def document(self) -> dict[str, Any]:
        """The same with all series, made one by one while they are written (``json_pieces``)."""
        return {**self.to_json(0), "series": (item.to_json() for item in self.series)}


def is_noncommercial(license_name: str | None) -> bool:
    """Whether a license forbids commercial use (CC BY-NC ...); the user must see that before a download."""
    return "NC" in (license_name or "").upper().replace("-", " ").split()
