"""What a series is, in words. Knows no widgets."""

from __future__ import annotations

from collections.abc import Mapping

from IDCBrowserLib.api.tree import Counted
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.wording import human_count


def kind_of_one(modality: str) -> str:
    """What one series of a modality is called; CT and MR are called so."""
    return {
        "SEG": _("Segmentation"),
        "RTSTRUCT": _("Structure set"),
        "SR": _("Report"),
        "RTDOSE": _("Dose"),
        "RTPLAN": _("Treatment plan"),
        "RTRECORD": _("Treatment record"),
        "RTIMAGE": _("Portal image"),
        "REG": _("Registration"),
        "PR": _("Presentation state"),
        "KO": _("Key images"),
        "ANN": _("Annotations"),
        "RWV": _("Real world values"),
        "M3D": _("Surface model"),
        "SM": _("Slide"),
        "PT": _("PET"),
        "NM": _("Nuclear medicine"),
        "US": _("Ultrasound"),
        "MG": _("Mammogram"),
        "CR": _("X-ray"),
        "DX": _("X-ray"),
        "XA": _("Angiogram"),
        "RF": _("Fluoroscopy"),
        "XC": _("Photograph"),
        "ES": _("Endoscopy"),
        "SC": _("Secondary capture"),
        "DOC": _("Document"),
        "ECG": _("ECG"),
        "OT": _("Other"),
    }.get(modality, modality)


def kind_of_series(modality: str, sop_class_name: str) -> str:
    """The same, more exact where the name of the SOP class tells documents, videos, recordings and maps of one modality apart."""
    exact = {
        "Encapsulated PDF": _("PDF document"),
        "Encapsulated CDA": _("Clinical document"),
        "Video ": _("Video"),
        "Parametric Map": _("Parametric map"),
        "Secondary Capture": _("Secondary capture"),
        "ECG Waveform": _("ECG"),
        "Waveform": _("Waveform"),
    }
    return next((words for part, words in exact.items() if part in sop_class_name), kind_of_one(modality))


def kind_text(modality: str) -> str:
    """The heading of objects of a modality."""
    return {
        "SEG": _("Segmentations"),
        "RTSTRUCT": _("Structure sets"),
        "SR": _("Reports"),
        "RTDOSE": _("Doses"),
        "RTPLAN": _("Treatment plans"),
        "REG": _("Registrations"),
        "PR": _("Presentation states"),
        "KO": _("Key images"),
        "ANN": _("Annotations"),
        "RWV": _("Real world values"),
        "M3D": _("Surface models"),
    }.get(modality, kind_of_one(modality))


def counted_text(counted: Mapping[Counted, int]) -> str:
    """ "28 measurements of 104 organs", "12,345 annotations", "6 levels"."""
    has = [_counted(name, counted[name]) for name in ("measurements", "ratings", "annotations", "levels") if counted.get(name)]
    of = [_counted(name, counted[name]) for name in ("organs", "segments", "regions", "findings", "groups") if counted.get(name)]
    said = _("{one} and {other}").format(one=has[0], other=has[1]) if len(has) > 1 else "".join(has)
    return _("{count} of {things}").format(count=said, things=of[0]) if said and of else said


def _counted(name: Counted, count: int) -> str:
    one, many = {
        "measurements": (_("measurement"), _("measurements")),
        "ratings": (_("rating"), _("ratings")),
        "organs": (_("organ"), _("organs")),
        "segments": (_("segment"), _("segments")),
        "regions": (_("region"), _("regions")),
        "findings": (_("finding"), _("findings")),
        "groups": (_("group"), _("groups")),
        "annotations": (_("annotation"), _("annotations")),
        "levels": (_("level"), _("levels")),
    }[name]
    return human_count(count, one, many)
