"""One measurement or qualitative evaluation of a report, as a row of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.api import report as api
from IDCBrowserLib.api.values import Code as CodeDocument
from IDCBrowserLib.dicom.code import Code


@dataclass(frozen=True, slots=True)
class Measurement:
    """Fields as of ``api.report.Row``, which says what they mean; None and "" where the report states nothing."""

    group: int | None
    quantity: Code | None
    value: float | None = None
    value_text: str | None = None
    value_code: Code | None = None
    qualifier: Code | None = None
    unit: Code | None = None
    derivation: Code | None = None
    method: Code | None = None
    finding: Code | None = None
    finding_category: Code | None = None
    finding_site: Code | None = None
    site_modifier: Code | None = None
    laterality: Code | None = None
    tracking_id: str = ""
    tracking_uid: str = ""
    session: str = ""
    time_point: str = ""
    segment_number: int | None = None
    segmentation_sop_uid: str = ""
    source_series_uid: str = ""
    algorithm: str = ""
    region: int | None = None

    @staticmethod
    def from_json(row: api.Row) -> Measurement:
        """The inverse of ``to_json``, without the identifiers of the report."""
        fields = {name: row[name] for name in Measurement.__dataclass_fields__ if name in row}  # type: ignore[literal-required]
        return Measurement(**{name: _value(name, value) for name, value in fields.items()})

    def to_json(self, sr_series_uid: str, sr_sop_uid: str, patient_id: str) -> api.Row:
        """The row; texts that are empty become None."""
        return {
            "patient_id": patient_id or None,
            "sr_series_uid": sr_series_uid or None,
            "sr_sop_uid": sr_sop_uid or None,
            "group": self.group,
            "tracking_id": self.tracking_id or None,
            "tracking_uid": self.tracking_uid or None,
            "finding_category": _json(self.finding_category),
            "finding": _json(self.finding),
            "finding_site": _json(self.finding_site),
            "site_modifier": _json(self.site_modifier),
            "laterality": _json(self.laterality),
            "quantity": _json(self.quantity),
            "derivation": _json(self.derivation),
            "method": _json(self.method),
            "value": self.value,
            "value_text": self.value_text,
            "value_code": _json(self.value_code),
            "qualifier": _json(self.qualifier),
            "unit": _json(self.unit),
            "segment_number": self.segment_number,
            "segmentation_sop_uid": self.segmentation_sop_uid or None,
            "source_series_uid": self.source_series_uid or None,
            "algorithm": self.algorithm or None,
            "session": self.session or None,
            "time_point": self.time_point or None,
        }


def _json(code: Code | None) -> CodeDocument | None:
    return None if code is None else code.to_json()


def _value(name: str, value: Any) -> Any:
    if name in _CODES:
        return Code.from_json(value)
    return "" if value is None and name in _TEXTS else value


_CODES = frozenset(name for name, field in Measurement.__dataclass_fields__.items() if "Code" in str(field.type))
_TEXTS = frozenset(name for name, field in Measurement.__dataclass_fields__.items() if field.type == "str")
