"""What an object is that no plugin of this Slicer shows, and which extension does."""

from __future__ import annotations

from IDCBrowserLib.describe.kinds import OTHER, kind_of
from IDCBrowserLib.i18n import tr as _

# Extensions of the Extensions Index, by what ``describe.kinds`` calls an object.
_EXTENSIONS = {
    "Structure set": "SlicerRT",
    "Radiotherapy plan": "SlicerRT",
    "Radiotherapy image": "SlicerRT",
    "Dose": "SlicerRT",
    "Registration": "SlicerRT",
    "Deformable registration": "SlicerRT",
    "Fiducials": "SlicerRT",
    "Ultrasound": "SlicerHeart",
    "Real world value map": "PETDICOMExtension",
    "Slide image": "BigImage",
    "Annotations on slides": "BigImage",
    "Tractography": "SlicerDMRI",
}


def what_shows_it(sop_class_uid: str, modality: str) -> str:
    """The end of a sentence; says so where no extension is known."""
    kind = kind_of(sop_class_uid)
    words = kind.words if kind is not OTHER else ""
    if not words and not modality:
        return _("no installed DICOM plugin can load it.")
    extension = _EXTENSIONS.get(words)
    if extension is None:
        text = _("it is of the kind {kind}, which no installed DICOM plugin can load, and no extension is known that does.")
        return text.format(kind=words or modality)
    text = _("it is of the kind {kind}, which no installed DICOM plugin can load; the extension {extension} may (View > Extensions Manager).")
    return text.format(kind=words, extension=extension)
