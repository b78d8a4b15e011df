"""What kind of DICOM object a file is, from its first kilobytes."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.sop_classes import DRAWN_ON_IMAGES

_MODALITY = 0x00080060


def sop_class_of(path: str | Path) -> tuple[str, str, str]:
    """SOP Class UID (0008,0016), its name in words, and Modality (0008,0060); empty where not stated."""
    root = open_dicom(path, last_tag=_MODALITY).root
    uid = root.text(0x00080016)
    return uid, _name(uid), root.text(_MODALITY)


def _name(uid: str) -> str:
    # Only the message about a wrong file needs the name, and pydicom takes half a second to import.
    if uid in ("", *DRAWN_ON_IMAGES):
        return ""
    import warnings

    from pydicom.uid import UID

    with warnings.catch_warnings():
        # A damaged UID is told by us, in the error.
        warnings.simplefilter("ignore")
        name = UID(uid).name
    return f"an object of SOP class {name}" if name == uid else name
