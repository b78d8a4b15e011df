"""Readable names for kinds of DICOM objects."""

from __future__ import annotations

from IDCBrowserLib.dicom.sop_classes import NAMES


def sop_class_in_words(uid: str) -> str:
    """ "CT Image Storage"; "an object of SOP class 1.2.3" for one that nobody knows."""
    if uid in NAMES:
        return NAMES[uid]
    import warnings

    from pydicom.uid import UID

    with warnings.catch_warnings():
        # A damaged UID is told by us, in the error.
        warnings.simplefilter("ignore")
        name = UID(uid).name
    return f"an object of SOP class {name}" if name == uid else name
