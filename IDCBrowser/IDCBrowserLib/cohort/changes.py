"""What changed in a cohort since a release of IDC, from the version columns of the index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

_PART = 50_000


def changes(catalog: Catalog, plan: Plan, sources: Sequence[str], release: int) -> dict[str, Any]:
    """``{"release", "current", "unchanged": n, "added": [...], "revised": [...], "removed": [...]}`` of the series of a plan.

    ``added`` came after the release; ``revised`` are other versions now (``was``: the crdc_series_uuid of then, None where the index does not state
    it); ``removed`` were in these collections and cases then and are not in IDC any more. Raises ``InputError`` for a release that cannot be.
    """
    current = int(catalog.info()["idc_version"])
    if not 1 <= release <= current:
        raise InputError(f"There is no IDC release {release}; releases are 1 to {current}.")
    planned = [one for one in plan.series if not one.is_prior]
    added, revised, unchanged = [], [], 0
    columns = ("SeriesInstanceUID", "series_init_idc_version", "series_revised_idc_version")
    for first in range(0, len(planned), _PART):
        part = {one.series_uid: one for one in planned[first : first + _PART]}
        rows = catalog.series_rows(list(part), columns)
        late = [row["SeriesInstanceUID"] for row in rows if (row["series_revised_idc_version"] or 0) > release]
        before = catalog.versions_in(release, late)
        for row in rows:
            one = {**_told(part[row["SeriesInstanceUID"]]), "since": row["series_revised_idc_version"]}
            if (row["series_init_idc_version"] or 0) > release:
                added.append({**one, "since": row["series_init_idc_version"]})
            elif (row["series_revised_idc_version"] or 0) > release:
                revised.append({**one, "was": before.get(row["SeriesInstanceUID"])})
            else:
                unchanged += 1
    removed = _removed(catalog, plan, sources, release)
    return {"release": release, "current": current, "unchanged": unchanged, "added": added, "revised": revised, "removed": removed}


def _told(one: Any) -> dict[str, Any]:
    return {
        "collection_id": one.collection_id,
        "PatientID": one.patient_id,
        "SeriesInstanceUID": one.series_uid,
        "crdc_series_uuid": one.crdc_series_uuid,
        "Modality": one.modality,
        "size_bytes": one.size_bytes,
    }


def _removed(catalog: Catalog, plan: Plan, sources: Sequence[str], release: int) -> list[dict[str, Any]]:
    cases = {(one.collection_id, one.patient_id) for one in plan.series}
    whole = set(sources) & set(catalog.collection_ids())
    return [
        row
        for row in catalog.removed_since(release, sorted(whole | {collection_id for collection_id, _ in cases}))
        if row["collection_id"] in whole or (row["collection_id"], row["PatientID"]) in cases
    ]
