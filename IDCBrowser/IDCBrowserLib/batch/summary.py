"""The step ``summary``: counts of what a batch made, for charts."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from IDCBrowserLib.batch.merge import receipts_of, rows_of
from IDCBrowserLib.batch.status import opened, status
from IDCBrowserLib.batch.tables import VOLUMES
from IDCBrowserLib.dicom.regular_file import read_regular
from IDCBrowserLib.errors import IDCBrowserError, StorageError
from IDCBrowserLib.task import Task
from IDCBrowserLib.whole_file import write_whole

FILE = "summary.json"
_MOST_BYTES = 64 << 20


def write(folder: Path) -> dict[str, Any]:
    """Write ``summary.json`` and give it: items by state, series by collection and Modality, and of each kind of segment how many, with volumes."""
    collections: Counter[str] = Counter()
    modalities: Counter[str] = Counter()
    cases: set[int] = set()
    volumes: dict[str, list[float]] = defaultdict(list)
    for receipt in receipts_of(folder, "volumes", Task()):
        rows = [dict(zip(VOLUMES, row, strict=True)) for row in rows_of("volumes", receipt)]
        collections[str(receipt.content.get("collection_id"))] += 1
        modalities[str(receipt.content.get("Modality"))] += 1
        cases.add(hash((str(receipt.content.get("collection_id")), str(receipt.content.get("PatientID")))))
        for row in rows:
            volumes[row["type_meaning"] or row["segment_name"] or ""].append(row["volume_mm3"] or 0.0)
    with opened(folder) as ledgers:
        counts = {key: value for key, value in status(ledgers).items() if key in ("items", "done", "failed", "waiting")}
    document = {
        **counts,
        "cases": len(cases),
        "series": sum(collections.values()),
        "collections": dict(collections.most_common()),
        "modalities": dict(modalities.most_common()),
        "segments": {name: _spread(found) for name, found in sorted(volumes.items(), key=lambda pair: (-len(pair[1]), pair[0]))},
    }
    path = folder / FILE
    if not _is_ours(path):
        raise StorageError(f"{path} was not written by idc-browser batch and is kept. Move or rename it, then start the same command again.")
    write_whole(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return document


def _is_ours(path: Path) -> bool:
    """A file of another kind under this name is the user's."""
    if not os.path.lexists(path):
        return True
    try:
        known = json.loads(read_regular(path, _MOST_BYTES, ""))
    except (IDCBrowserError, ValueError, RecursionError):
        return False
    return not path.is_symlink() and isinstance(known, dict) and {"items", "series", "segments"} <= known.keys()


def _spread(volumes: list[float]) -> dict[str, Any]:
    """``{"count", "empty", "volume_mm3": {"min", "median", "max"}}``; of the volumes of segments that are not empty."""
    found = sorted(volume for volume in volumes if volume > 0)
    spread = {"min": found[0], "median": _median(found), "max": found[-1]} if found else None
    return {"count": len(volumes), "empty": len(volumes) - len(found), "volume_mm3": spread}


def _median(ordered: list[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
