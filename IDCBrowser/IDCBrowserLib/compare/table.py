"""A comparison as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from IDCBrowserLib.api import compare as api
from IDCBrowserLib.compare.comparing import Comparison, Pair, Total, Unmatched
from IDCBrowserLib.compare.measures import Measures
from IDCBrowserLib.labelmap.files.read import UNNAMED
from IDCBrowserLib.safe_text import cell

_COLUMNS = (
    "a", "b", "part", "name", "name_b", "code", "number_a", "number_b", "matched_by", "dice", "hd95_mm", "hausdorff_mm", "mean_surface_distance_mm",
    "mean_a_to_b_mm", "mean_b_to_a_mm", "volume_a_mm3", "volume_b_mm3", "difference_mm3", "difference_percent", "note",
)  # fmt: skip
ALL_SEGMENTS = "(all matched segments)"


def to_document(comparison: Comparison) -> api.Comparison:
    """What ``idc-browser compare --json`` prints; figures that are not defined or infinite are null, and the ``note`` says why."""
    return {
        "pairs": [_pair(pair) for pair in comparison.pairs],
        "totals": [_total(total) for total in comparison.totals],
        "unmatched": [_unmatched(one) for one in comparison.unmatched],
        "notes": list(comparison.notes),
    }


def to_csv(document: api.Comparison) -> str:
    """A row for each pair, one for each total, one for each segment without a counterpart. Infinite is ``inf``, undefined figures empty."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, _COLUMNS, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for pair in document["pairs"]:
        code = pair["code"]
        row = {**pair, "code": f"{code['value']} {code['scheme']}" if code else ""}
        if pair["is_infinite"]:
            row.update(dict.fromkeys(("hd95_mm", "hausdorff_mm", "mean_surface_distance_mm", "mean_a_to_b_mm", "mean_b_to_a_mm"), "inf"))
        writer.writerow(_safe(row))
    for total in document["totals"]:
        writer.writerow(_safe({**total, "name": ALL_SEGMENTS, "note": f"{total['segments']} segments"}))
    for one in document["unmatched"]:
        row = {"a": one["source"], "b": one["other"], "part": one["part"], "name": one["name"], "number_a": one["number"]}
        writer.writerow(_safe({**row, "volume_a_mm3": one["volume_mm3"], "note": "no counterpart in b"}))
    return lines.getvalue()


def _safe(row: dict[str, object]) -> dict[str, object]:
    """Names come from files."""
    return {key: cell(value) for key, value in row.items()}


def note_of(measures: Measures) -> str:
    """Why figures are missing; empty where all are there."""
    if not measures.volume_a and not measures.volume_b:
        return "both are empty"
    if not measures.volume_a or not measures.volume_b:
        return "a is empty" if not measures.volume_a else "b is empty"
    return ""


def _pair(pair: Pair) -> api.Pair:
    measures, segment = pair.measures, pair.match.a
    code = segment.type or pair.match.b.type
    return {
        "a": pair.a,
        "b": pair.b,
        "part": pair.part,
        "name": pair.match.b.name if segment.details.get(UNNAMED) else segment.name,
        "name_b": pair.match.b.name,
        "code": code.to_json() if code else None,
        "number_a": segment.number,
        "number_b": pair.match.b.number,
        "matched_by": pair.match.by,
        "color": segment.color,
        "dice": _number(measures.dice),
        "hd95_mm": _number(measures.hd95),
        "hausdorff_mm": _number(measures.hausdorff),
        "mean_surface_distance_mm": _number(measures.mean_distance),
        "mean_a_to_b_mm": _number(measures.mean_a_to_b),
        "mean_b_to_a_mm": _number(measures.mean_b_to_a),
        "is_infinite": math.isinf(measures.hd95),
        **_volumes(measures.volume_a, measures.volume_b),
        "note": note_of(measures),
    }


def _total(total: Total) -> api.Total:
    return {
        "a": total.a,
        "b": total.b,
        "part": total.part,
        "segments": total.segments,
        "dice": _number(total.dice),
        "mean_dice": _number(total.mean_dice),
        **_volumes(total.volume_a, total.volume_b),
    }


def _unmatched(one: Unmatched) -> api.Unmatched:
    segment = one.segment
    return {
        "source": one.name,
        "other": one.other,
        "part": one.part,
        "number": segment.number,
        "name": segment.name,
        "code": segment.type.to_json() if segment.type else None,
        "volume_mm3": segment.volume_mm3,
    }


def _volumes(a: float, b: float) -> api.Volumes:
    return {
        "volume_a_mm3": a,
        "volume_b_mm3": b,
        "difference_mm3": b - a,
        "difference_percent": 100 * (b - a) / a if a else None,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


HEADINGS = ("segment", "Dice", "HD95 mm", "mean mm", "A ml", "B ml", "B - A", "matched by", "note")
_Compared = tuple[str, str, str]


def rows_for_terminal(document: api.Comparison) -> dict[_Compared, list[Sequence[object]]]:
    """Cells below ``HEADINGS``, by what was compared: A, B, and the grid or phase, where there are several."""
    rows: dict[_Compared, list[Sequence[object]]] = {}
    for pair in document["pairs"]:
        far = "inf" if pair["is_infinite"] else None
        figures = [_rounded(pair["hd95_mm"], 2) or far, _rounded(pair["mean_surface_distance_mm"], 2) or far]
        row = [pair["name"][:60], _rounded(pair["dice"], 4), *figures, *_milliliters(pair), pair["matched_by"], pair["note"]]
        rows.setdefault((pair["a"], pair["b"], pair["part"]), []).append(row)
    for total in document["totals"]:
        row = [ALL_SEGMENTS, _rounded(total["dice"], 4), None, None, *_milliliters(total), "", f"{total['segments']} segments"]
        rows.setdefault((total["a"], total["b"], total["part"]), []).append(row)
    return rows


def _milliliters(volumes: api.Volumes) -> list[str]:
    percent = volumes["difference_percent"]
    a, b = (f"{volume / 1000:,.2f}" for volume in (volumes["volume_a_mm3"], volumes["volume_b_mm3"]))
    return [a, b, "-" if percent is None else f"{percent:+.1f} %"]


def _rounded(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"
