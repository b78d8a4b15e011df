"""``idc-browser dvh``: dose-volume histograms of a structure set in a dose, beside those that the planning system stored."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.files import files_of
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.dose.table import STATISTICS, curves_csv, statistics_csv
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.dose.dvh import RoiDose


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("dose", metavar="DOSE", help="an RT Dose file, or the folder of one dose")
    parser.add_argument("--structures", metavar="RTSTRUCT", required=True, help="the structure set")
    parser.add_argument(
        "--volume-at", metavar="GY", action="append", default=[], help="also the volume that receives at least this dose; may be repeated"
    )
    parser.add_argument("--out", metavar="FILE.csv", help="also write the table")
    parser.add_argument("--curves", metavar="FILE.csv", help="also write the cumulative histograms: ROI, dose in Gy, volume in cc and percent")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Compute, write, and show the statistics."""
    from IDCBrowserLib.dose.dvh import dose_volume_histograms
    from IDCBrowserLib.whole_file import write_whole

    begin = time.perf_counter()
    grays = [_gray(text) for text in arguments.volume_at]
    found = dose_volume_histograms(files_of(arguments.dose, "an RT Dose file"), _one_file(arguments.structures), task)
    rois = [{**roi.to_json(), **({"volume_at": _volumes(roi, grays)} if grays else {})} for roi in found.rois]
    written = []
    if arguments.out:
        write_whole(Path(arguments.out), statistics_csv(rois))
        written.append(arguments.out)
    if arguments.curves:
        write_whole(Path(arguments.curves), curves_csv([roi.to_document() for roi in found.rois]))
        written.append(arguments.curves)
    document = {"rois": rois, "warnings": list(found.warnings), "files": written, "seconds": round(time.perf_counter() - begin, 3)}
    return Outcome(document, lambda: _text(rois, grays, found.warnings, written))


def _one_file(path: str) -> str:
    files = files_of(path, "an RTSTRUCT file")
    if len(files) != 1:
        raise InputError(f"{path} contains {len(files)} files. Give one RTSTRUCT file.")
    return files[0]


def _gray(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not math.isfinite(value) or value < 0:
        raise InputError(f"--volume-at {text!r}: write a dose in Gy, for example 20.")
    return value


def _volumes(roi: RoiDose, grays: Sequence[float]) -> list[dict[str, float | None]]:
    histogram = roi.histogram
    return [
        {
            "gy": gray,
            "cc": None if histogram is None else histogram.volume_at(gray),
            "percent": None if histogram is None else 100.0 * histogram.volume_at(gray) / histogram.total_cc,
        }
        for gray in grays
    ]


def _text(rois: Sequence[dict[str, Any]], grays: Sequence[float], warnings: Sequence[str], written: Sequence[str]) -> str:
    header = [
        "number",
        "name",
        "cc",
        "min Gy",
        "mean Gy",
        "max Gy",
        "D95 Gy",
        "D2 Gy",
        *(f"V{gray:g}Gy %" for gray in grays),
        "stored cc",
        "stored mean",
    ]
    rows = []
    for roi in rois:
        stored = roi["stored"] or {}
        values = [*(roi[name] for name in STATISTICS), *(one["percent"] for one in roi.get("volume_at", ()))]
        values += [stored.get("volume_cc"), stored.get("mean_gy")]
        rows.append([roi["number"], roi["name"], *(None if value is None else f"{value:.4g}" for value in values)])
    return "\n".join([table(rows, header), *(f"Note: {warning}" for warning in warnings), *(f"Written: {path}" for path in written)])
