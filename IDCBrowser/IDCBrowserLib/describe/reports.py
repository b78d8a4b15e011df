"""Structured reports and key object selections."""

from __future__ import annotations

from IDCBrowserLib.describe.card import Card, shown
from IDCBrowserLib.dicom.class_names import sop_class_in_words
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.report.item import Reference
from IDCBrowserLib.report.lines import report_lines
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.report.summary import summary_of
from IDCBrowserLib.wording import human_count

# Lines of a report on its card.
_LINES = 400


def describe_report(source: str | DicomFile) -> Card:
    """How many measurements of what, who observed, and the text; of a file, or one that is open already."""
    report = read_report(source)
    measured = measurements_of(report)
    card = Card(text=summary_of(report, measured), title=report.title, warnings=list(report.notes))
    card.add("Template", f"TID {report.template}" if report.template else "", "template")
    card.add("State", ", ".join(("complete" if report.is_complete else "partial", "verified" if report.is_verified else "not verified")))
    card.put({"measurements": len(measured.rows), "groups": measured.groups, "complete": report.is_complete, "verified": report.is_verified})
    lines = report_lines(report)
    card.put({"text": [{"depth": line.depth, "name": line.name, "value": line.value} for line in lines[:_LINES]]})
    if len(lines) > _LINES:
        card.put({"more_lines": len(lines) - _LINES})
    return card


def describe_key_objects(file: DicomFile) -> Card:
    """The list of images (PS3.3 A.35.4), why they were chosen, and the remark on them."""
    report = read_report(file)
    card = Card(title=report.title, warnings=list(report.notes))
    images = []
    for item in report.root.walk():
        if isinstance(item.value, Reference):
            value = item.value
            series = report.series_of.get(value.sop_instance_uid, "")
            images.append(
                {"sop_instance_uid": value.sop_instance_uid, "sop_class_uid": value.sop_class_uid, "series_uid": series, "frames": list(value.frames)}
            )
            frames = f", frames {', '.join(map(str, value.frames[:10]))}" if value.frames else ""
            card.add(sop_class_in_words(value.sop_class_uid), f"{value.sop_instance_uid}{frames}")
        elif isinstance(item.value, str) and item.value and item.value_type == "TEXT":
            card.items.insert(0, (shown(item.name.meaning if item.name else "Description"), shown(item.value)))
            card.details.setdefault("description", item.value)
    card.put({"reason": report.title, "images": images})
    series = human_count(len({image["series_uid"] for image in images}), "series", "series")
    card.text = f"{human_count(len(images), 'image', 'images')} of {series}, {report.title}"
    return card
