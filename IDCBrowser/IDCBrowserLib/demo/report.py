"""``report.json``: what the demo downloaded, imported and converted, and whether the voxels are the ones the phantom was drawn with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.host_interface import LoadResult
from IDCBrowserLib.whole_file import write_whole


def report(
    documents: Mapping[str, Any],
    seconds: Mapping[str, float],
    series: Sequence[PhantomSeries],
    truth: Mapping[str, Any],
    objects: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """``documents`` of the job by step; ``seconds`` per step; ``truth`` by key of the phantom's series. ``"right"`` is True when all voxels agree.

    ``objects``: what is shown of reports, quantities and the like, from ``objects.checks``.
    """
    transfer = documents.get("transfer", {}).get("series", [])
    loaded: Sequence[LoadResult] = documents.get("load", ())
    conversions = [_conversion(result, result.report, series, truth) for result in loaded if result.report and "segments" in result.report]
    return {
        "downloaded": {
            "series": sum(item["state"] == "complete" for item in transfer),
            "files": sum(item["files"] for item in transfer),
            "bytes": sum(item["bytes"] for item in transfer),
            "failed": [item for item in transfer if item["state"] != "complete"],
        },
        "imported": {key: value for key, value in documents.get("import", {}).items() if key != "files"},
        "loaded": [_loaded(result, series) for result in loaded],
        "converted": conversions,
        "objects": list(objects),
        "seconds": dict(seconds),
        "right": bool(conversions) and all(segment["voxels"] == segment["expected"] for item in conversions for segment in item["segments"]),
    }


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Write the report; the file appears whole or not at all."""
    write_whole(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _loaded(result: LoadResult, series: Sequence[PhantomSeries]) -> dict[str, Any]:
    return {
        "SeriesInstanceUID": result.series_uid,
        "key": _key(result.series_uid, series),
        "nodes": len(result.node_ids),
        "error": result.error,
        "warnings": list(result.warnings),
    }


def _conversion(result: LoadResult, found: Mapping[str, Any], series: Sequence[PhantomSeries], truth: Mapping[str, Any]) -> dict[str, Any]:
    key = _key(result.series_uid, series)
    expected = {segment["number"]: segment["voxels"] for segment in truth.get(key, {}).get("segments", [])}
    segments = [
        {"number": segment["number"], "name": segment["name"], "voxels": segment["voxels"], "expected": expected.get(segment["number"], 0)}
        for segment in found["segments"]
        if segment["number"] in expected or segment["voxels"]
    ]
    return {"SeriesInstanceUID": result.series_uid, "key": key, "segments": segments}


def nodes_by_key(documents: Mapping[str, Any], series: Sequence[PhantomSeries]) -> dict[str, tuple[str, ...]]:
    """MRML ids of what was loaded."""
    loaded: Sequence[LoadResult] = documents.get("load", ())
    return {_key(result.series_uid, series): result.node_ids for result in loaded}


def _key(series_uid: str, series: Sequence[PhantomSeries]) -> str:
    return next((one.key for one in series if one.series_instance_uid == series_uid), "")
