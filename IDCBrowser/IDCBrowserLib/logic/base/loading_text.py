"""What "Download and load" does with series, by their modalities, and why it does nothing."""

from __future__ import annotations

from collections.abc import Set

from IDCBrowserLib.i18n import tr as _

# Kinds by their modalities; ``_kinds`` says what becomes of them.
_READ = frozenset({"SR", "KO", "PR", "RWV", "RTPLAN", "DOC", "ECG"})
_PICTURES = frozenset({"US", "MG", "CR", "DX", "XA", "RF", "XC", "OT", "SC", "ES", "IO", "OP", "GM", "PX"})
# Photographs, endoscopy and what says nothing of itself may be videos as well.
_MAYBE_VIDEOS = frozenset({"XC", "ES", "GM", "OT"})
# Nothing here shows or reads them.
_NOTHING = frozenset({"FID", "RTRECORD", "SMR", "AU", "HD", "EPS", "PLAN", "RAW", "REGTRK"})


def _kinds() -> tuple[tuple[frozenset[str], str], ...]:
    return (
        (frozenset({"PT"}), _("PET appears in SUV where that can be computed, over its CT or MR")),
        (_PICTURES, _("pictures appear in one view, frames can be played")),
        (_MAYBE_VIDEOS, _videos()),
        (frozenset({"SM"}), _("of slides the largest level that fits into memory appears")),
        (frozenset({"SEG", "RTSTRUCT"}), _("segments and ROIs appear over their images")),
        (frozenset({"RTDOSE"}), _('doses lie over their images in Gy, with histograms on the page "Dose"')),
        (frozenset({"M3D"}), _("surfaces become segments")),
        (frozenset({"REG"}), _("registrations can be applied to their images")),
        (frozenset({"ANN"}), _("annotations lie over their slide as density and outlines")),
        (_READ, _texts()),
        (_NOTHING, _("the rest is only downloaded")),
    )


def _videos() -> str:
    return _('videos are named on the page "Reports" and open with another program')


def _texts() -> str:
    return _('reports, plans and documents open on the page "Reports"')


def what_loading_series_does(modality: str, sop_class_name: str) -> str:
    """What becomes of a series: by the name of its SOP class where objects of several kinds have one modality."""
    exact = {
        "Video ": _videos(),
        "Encapsulated PDF": _texts(),
        "Encapsulated CDA": _texts(),
        "Waveform": _texts(),
        "Parametric Map": _("maps lie over their images with their unit"),
    }
    known = next((what for part, what in exact.items() if part in sop_class_name), "")
    return _("Download and load: {what}.").format(what=known) if known else what_loading_does({modality})


def what_loading_does(modalities: Set[str]) -> str:
    """What becomes of each kind there is."""
    if not modalities:
        return _("Download the selection and load it with its segmentations.")
    all_kinds = _kinds()
    named = frozenset().union(*(kinds for kinds, _what in all_kinds))
    parts = [_("images appear in the views")] if modalities - named else []
    parts += [what for kinds, what in all_kinds if kinds & modalities]
    return _("Download and load: {what}.").format(what="; ".join(parts))


def why_not_load(modalities: Set[str], load: bool) -> str:
    """A sentence where nothing of it can be shown or read, else ""."""
    if load and modalities and modalities <= _NOTHING:
        kinds = ", ".join(sorted(modalities))
        return _('Objects of these kinds ({kinds}) cannot be displayed. Use "Download" to get their files.').format(kinds=kinds)
    return ""
