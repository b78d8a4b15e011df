"""``idc-browser batch status``, ``retry`` and ``merge``: what is in the folder of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import IncompleteError, InputError
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.batch.ledger import Ledger

VERBS = ("status", "retry", "merge")
_MOST_SHOWN = 20


def run(verb: str, folder: Path, out: Path | None, task: Task) -> Outcome:
    """``status`` or ``merge``."""
    return _status(folder) if verb == "status" else _merge(folder, out, task)


def _status(folder: Path) -> Outcome:
    from IDCBrowserLib.batch.status import opened

    with opened(folder) as ledgers:
        document = told(ledgers)
    return Outcome(document, describe(document), IncompleteError.exit_code if document["failed"] else 0)


def _merge(folder: Path, out: Path | None, task: Task) -> Outcome:
    from IDCBrowserLib.batch.merge import merge

    if out is None:
        raise InputError("Give the file to write: idc-browser batch merge DIR --out FILE, ending in .parquet or .csv")
    document = merge(folder, out, task)
    lines = [f"{table['rows']:,} rows of {name}: {table['file']}" for name, table in document["tables"].items()]
    return Outcome(document, "\n".join(lines) or "There is nothing to merge yet.")


def told(ledgers: Sequence[Ledger]) -> dict[str, Any]:
    """How far batches are: the document of ``batch`` and ``batch status``."""
    from IDCBrowserLib.batch.status import status

    return status(ledgers)


def write_summary(folder: Path) -> dict[str, Any]:
    """The step ``summary``: counts of everything in the folder, also in ``summary.json`` there."""
    from IDCBrowserLib.batch.summary import write

    return write(folder)


def describe(document: dict[str, Any]) -> str:
    """For a person."""
    parts = [f"{document['done']:,} of {human_count(document['items'], 'item', 'items')} done"]
    parts += [f"{document[state]:,} {state}" for state in ("failed", "waiting", "running") if document[state]]
    lines = [", ".join(parts)]
    failures = document["failures"]
    for failure in failures[:_MOST_SHOWN]:
        lines += [f"  {', '.join(failure['SeriesInstanceUIDs'])}: {failure['reason']}"]
    if len(failures) > _MOST_SHOWN:
        lines.append(f"  and {len(failures) - _MOST_SHOWN:,} more; see --json")
    return "\n".join(lines)
