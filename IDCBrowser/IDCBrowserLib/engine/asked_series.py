"""A series that the window asks about by its UID: where it comes from, and its files that are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.api import preview as api
from IDCBrowserLib.api.values import Buckets
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.preview.downloaded import downloaded

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import PlannedSeries
    from IDCBrowserLib.transfer.options import TransferOptions


@dataclass(frozen=True)
class AskedSeries:
    """What the parameters name: the series, where it comes from, and its files that are here."""

    series: PlannedSeries
    options: TransferOptions
    files: Sequence[str | Path]


def asked_series(state: EngineState, params: api.SeriesParameters) -> AskedSeries:
    """Raises ``NotFoundError`` for a series that the catalog does not have."""
    planned = planned_series(state, params["series"])
    return AskedSeries(planned, options_of(state, params), params.get("files") or downloaded(planned, params.get("folder") or ""))


def planned_series(state: EngineState, uid: str) -> PlannedSeries:
    """Where it comes from. Raises ``NotFoundError`` for a series that the catalog does not have."""
    from IDCBrowserLib.selection.lookup import Lookup

    planned = Lookup(state.catalog()).series([uid]).get(uid)
    if planned is None:
        raise NotFoundError("This series is not in the catalog.")
    return planned


def options_of(state: EngineState, params: Buckets) -> TransferOptions:
    """Where objects come from. Raises ``InputError`` for what makes no sense."""
    from IDCBrowserLib.transfer.options import TransferOptions

    return TransferOptions(
        provider=params.get("provider") or "aws",
        endpoint_url=params.get("endpoint_url") or None,
        gcs_endpoint_url=params.get("gcs_endpoint_url") or None,
        network=state.network,
    ).checked()
