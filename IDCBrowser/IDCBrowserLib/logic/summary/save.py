"""Figures as a file for programs: CSV, TSV or JSON, with the values as IDC has them."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.api.cohort import Counts
from IDCBrowserLib.selection.rows_file import write_rows

COLUMNS = ("figure", "value", "low", "high", "series", "studies", "cases")


def save_figures(path: Path, counts: Counts) -> None:
    """One row for each value of each figure. Raises ``StorageError``."""
    rows = [
        [name, row["value"], row["low"], row["high"], row["series"], row["studies"], row["cases"]]
        for name, figure in counts["by"].items()
        for row in figure
    ]
    write_rows(path, COLUMNS, rows)
