"""How far a batch is, over all of its shards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.batch.ledger import FAILED, Ledger, ledger_files
from IDCBrowserLib.batch.steps import DRAWN

# More are counted, not listed.
_MOST_LISTED = 10_000


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[list[Ledger]]:
    """Every ledger of a folder, for reading, also while batches are running. Raises ``NotFoundError``."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Ledger(path, writing=False)) for path in ledger_files(folder)]


def status(ledgers: Sequence[Ledger]) -> dict[str, Any]:
    """``{"items", "waiting", "running", "done", "failed", "outputs", "failures": [{"SeriesInstanceUIDs", "PatientID", "kind", "reason"}]}``."""
    totals: dict[str, Any] = {"items": 0, "waiting": 0, "running": 0, "done": 0, "failed": 0}
    failures: list[dict[str, Any]] = []
    steps: dict[str, None] = {}
    outputs = 0
    for ledger in ledgers:
        counts = ledger.counts()
        for state, number in counts.items():
            totals[state] += number
            totals["items"] += number
        steps.update(dict.fromkeys(ledger.wanted().steps))
        outputs += ledger.output_count()
        for row in ledger.rows(FAILED):
            if len(failures) < _MOST_LISTED:
                members = [one.planned for one in row.item.series]
                named = [one.series_uid for one in members if one.modality in DRAWN] or [one.series_uid for one in members]
                failures.append(
                    {
                        "SeriesInstanceUIDs": named,
                        "collection_id": members[0].collection_id,
                        "PatientID": members[0].patient_id,
                        "kind": row.kind,
                        "reason": row.reason,
                    }
                )
    return {**totals, "steps": list(steps), "outputs": outputs, "failures": failures}
