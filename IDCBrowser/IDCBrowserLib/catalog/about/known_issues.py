"""What is known to be wrong with data of IDC, to be read beside the rows that it touches: a short list, kept by hand.

From "Data known issues" of the IDC User Guide (https://learn.canceridc.dev), as it stood in November 2026 with release 25.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.api.values import Section

READ_ON = "2026-11"
# Ages above 89 years are one class in data without identity, written as this.
_OLDEST = 90
# An Age String (PS3.5 6.2) in years.
_AGE = re.compile(r"[0-9]{1,3}Y")


@dataclass(frozen=True)
class KnownIssue:
    """``touches`` is asked with a row of any level, whose columns are those of idc-index."""

    title: str
    text: str
    touches: Callable[[Mapping[str, Any]], bool]


def section_of(row: Mapping[str, Any]) -> list[Section]:
    """The section about a row: one, or none when nothing is known."""
    items = [[issue.title, issue.text] for issue in KNOWN_ISSUES if issue.touches(row)]
    return [{"heading": f"Known issues (IDC User Guide, {READ_ON})", "items": items}] if items else []


def _of_result(result: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda row: row.get("analysis_result_id") == result


def _is_too_old(row: Mapping[str, Any]) -> bool:
    said = str(row.get("PatientAge") or "")
    return _AGE.fullmatch(said) is not None and int(said[:-1]) > _OLDEST


KNOWN_ISSUES = (
    KnownIssue(
        "Swapped labels",
        "In release 20 labels of alveolar (ARMS) and embryonal (ERMS) rhabdomyosarcoma were swapped in these annotations; "
        "compare them with the clinical data before you rely on them.",
        _of_result("rms_mutation_prediction_expert_annotations"),
    ),
    KnownIssue(
        "Left out",
        "Segmentations of 2 GB and more are not in IDC: a CT without one is not a CT in which nothing was found. Some segments are empty.",
        _of_result("totalsegmentator_ct_segmentations"),
    ),
    KnownIssue(
        "Age",
        "Above 90 years, where data without identity should say 90: the age may be made up (phantoms, test data) or wrong.",
        _is_too_old,
    ),
)
