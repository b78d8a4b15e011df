"""The origin of downloaded files: license, DOI and version, as far as it is certain."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from IDCBrowserLib.transfer.folders.versions import CompletedVersions

if TYPE_CHECKING:
    from IDCBrowserLib.api.catalog import Provenance, SeriesFolder

_COLUMNS = ("SeriesInstanceUID", "crdc_series_uuid", "collection_id", "license_short_name", "source_DOI", "series_revised_idc_version")
# How ``transfer.layout`` ends the name of a folder that holds a prior version.
_PRIOR_FOLDER = re.compile(r"_v([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


class Index(Protocol):
    """What is asked here of a ``Catalog`` or of its ``OriginTable``."""

    @property
    def idc_version(self) -> int | None:
        """The IDC release of the index."""

    def series_rows(self, uids: Sequence[str], columns: Sequence[str] = ..., /) -> list[dict[str, Any]]:
        """The current version of each series that IDC has."""

    def prior_versions_of(self, uids: Sequence[str], /) -> list[dict[str, Any]]:
        """The versions that were replaced or removed."""


def provenance_of(catalog: Index, series: Sequence[SeriesFolder], journal: Path | None = None) -> list[Provenance]:
    """What the index states of these series; those that it does not have are left out.

    Which version lies in a folder is what the journal of downloads wrote down, else what the name of the folder says; a series that IDC never
    revised has one version only. Of others, license and DOI are stated and the version is None: files from elsewhere may be of any.
    """
    downloaded = CompletedVersions(journal).of([item["folder"] for item in series if item["folder"]])
    uids = [item["SeriesInstanceUID"] for item in series]
    current = {row["SeriesInstanceUID"]: row for row in catalog.series_rows(uids, _COLUMNS)}
    prior: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in catalog.prior_versions_of(uids):
        prior.setdefault(row["SeriesInstanceUID"], {})[row["crdc_series_uuid"].lower()] = row
    found = []
    for item in series:
        uid, folder = item["SeriesInstanceUID"], item["folder"]
        versions = prior.get(uid, {})
        uuid = (downloaded.get(folder) or _named(folder)).lower()
        if uuid in versions:
            found.append(_prior(versions[uuid]))
        elif uid in current:
            row = current[uid]
            certain = uuid == row["crdc_series_uuid"].lower() or (not uuid and not versions)
            found.append(_current(row, catalog.idc_version if certain else None, certain))
    return found


def _named(folder: str) -> str:
    match = _PRIOR_FOLDER.search(os.path.basename(folder))
    return match.group(1) if match is not None and match.end() == len(os.path.basename(folder)) else ""


def _current(row: Mapping[str, Any], idc_version: int | None, certain: bool) -> Provenance:
    return {
        "SeriesInstanceUID": row["SeriesInstanceUID"],
        "collection_id": row["collection_id"],
        "crdc_series_uuid": row["crdc_series_uuid"] if certain else None,
        # Data of the demo are of no release.
        "idc_version": idc_version if row["series_revised_idc_version"] else None,
        "license_short_name": row["license_short_name"],
        "source_DOI": row["source_DOI"],
    }


def _prior(row: Mapping[str, Any]) -> Provenance:
    """The index states neither license nor DOI of what was replaced."""
    return {
        "SeriesInstanceUID": row["SeriesInstanceUID"],
        "collection_id": row["collection_id"],
        "crdc_series_uuid": row["crdc_series_uuid"],
        "idc_version": row["max_idc_version"],
        "license_short_name": None,
        "source_DOI": None,
    }
