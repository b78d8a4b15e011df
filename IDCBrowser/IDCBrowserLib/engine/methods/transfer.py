"""Downloading a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task


def download(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Fetch the plan of a handle into the folder ``to``; with ``with_references`` also the images its segmentations name, listed as ``added``."""
    from IDCBrowserLib.engine.following import download_with_images
    from IDCBrowserLib.transfer.download import download as fetch
    from IDCBrowserLib.transfer.options import TransferOptions

    if not params.get("to"):
        raise InputError("No folder to download to is given.")
    plan = state.plan(params["plan"])
    defaults = TransferOptions()
    options = TransferOptions(
        provider=params.get("provider") or defaults.provider, jobs=int(params.get("jobs") or defaults.jobs),
        endpoint_url=params.get("endpoint_url") or None, gcs_endpoint_url=params.get("gcs_endpoint_url") or None,
        wait_for_room=bool(params.get("wait_for_room")),
    )
    planned = len(plan.series)
    if params.get("with_references"):
        plan, report = download_with_images(state.catalog(), plan, Path(params["to"]), options, task)
    else:
        report = fetch(plan, Path(params["to"]), options, task)
    task.raise_if_cancelled()
    return {
        **report.to_json(), "unresolved": [item.to_json() for item in plan.unresolved], "warnings": list(plan.warnings),
        "added": [item.to_json() for item in plan.series[planned:]],
    }
