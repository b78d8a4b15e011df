"""A structured report: what stands above its content, and the content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from IDCBrowserLib.report.item import ContentItem


@dataclass(frozen=True)
class Report:
    """``template`` is the Template Identifier of the root ("1500"), "" where none is stated. ``series_of`` gives the SeriesInstanceUID of the objects
    that the evidence sequences name (PS3.3 C.17.2), by SOPInstanceUID. ``notes`` are sentences on what is wrong with the file.
    """

    path: str
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    study_uid: str
    patient_id: str
    patient_name: str
    series_description: str
    content_date: str
    is_complete: bool
    is_verified: bool
    template: str
    root: ContentItem
    series_of: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The concept name of the root, or what the series is called."""
        name = self.root.name
        return (name.meaning or name.value if name else "") or self.series_description or "Report without a title"
