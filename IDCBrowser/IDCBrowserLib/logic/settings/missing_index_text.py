"""Explains what a missing index file would add."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _


def missing_sentence(name: str) -> str:
    """What cannot be shown without the side index ``name``; "" for none."""
    if not name:
        return ""
    acquisition = _("Acquisition parameters need the index file {name}.")
    known = {
        "ct_index": acquisition,
        "mr_index": acquisition,
        "pt_index": acquisition,
        "contrast_index": _("Contrast agents need the index file {name}."),
        "volume_geometry_index": _("Checking whether the series forms a regular 3D volume needs the index file {name}."),
        "seg_index": _("Segments and their referenced images need the index file {name}."),
        "rtstruct_index": _("ROI names and their referenced images need the index file {name}."),
        "sm_index": _("Stain, tissue and size of slides need the index file {name}."),
        "clinical_index": _("Clinical data need the index file {name}."),
    }
    return known.get(name, _("More details need the index file {name}.")).format(name=name)
