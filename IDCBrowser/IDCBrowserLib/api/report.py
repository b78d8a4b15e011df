"""Structured reports: what they say as text, their measurements as rows, and where these were made."""

from __future__ import annotations

from typing import TypedDict

from IDCBrowserLib.api.values import Code


class Row(TypedDict):
    """A measurement or a qualitative evaluation; None for whatever the report does not state.

    ``group`` counts the measurement groups of a report from 0, as IDC's own tables do; None outside of any. ``value`` is the number; None where the
    report has a ``qualifier`` in its place ("Not a number") or the evaluation is a code or text, which stand in ``value_code`` and ``value_text``.
    The same ``quantity`` may occur several times in a group, told apart by ``derivation`` (mean, maximum) and ``method``.
    """

    patient_id: str | None
    sr_series_uid: str | None
    sr_sop_uid: str | None
    group: int | None
    tracking_id: str | None
    tracking_uid: str | None
    finding_category: Code | None
    finding: Code | None
    finding_site: Code | None
    site_modifier: Code | None
    laterality: Code | None
    quantity: Code | None
    derivation: Code | None
    method: Code | None
    value: float | None
    value_text: str | None
    value_code: Code | None
    qualifier: Code | None
    unit: Code | None
    segment_number: int | None
    segmentation_sop_uid: str | None
    source_series_uid: str | None
    algorithm: str | None
    session: str | None
    time_point: str | None


class Other(TypedDict):
    """A file without measurements that can be read as rows: what it is (``title``), and why (``reason``)."""

    file: str
    sr_series_uid: str
    sr_sop_uid: str
    title: str
    reason: str
