"""The files that a command line argument names: one file, or all files in a folder."""

from __future__ import annotations

import os

from IDCBrowserLib.errors import NotDicomError, NotFoundError


def files_of(place: str, what: str = "a file or folder of DICOM images") -> list[str]:
    """Every file below a folder, or the one file. Raises ``NotFoundError``."""
    if os.path.isfile(place):
        return [place]
    if not os.path.isdir(place):
        raise NotFoundError(f"{place} does not exist. Give {what}.")
    return sorted(os.path.join(base, name) for base, _, names in os.walk(place) for name in names)


def is_here(source: str) -> bool:
    """Whether it is a DICOM file or a folder on this computer: no manifest, and no identifier."""
    from IDCBrowserLib.dicom.meta import find_data_set
    from IDCBrowserLib.dicom.regular_file import open_regular
    from IDCBrowserLib.dicom.stream import Stream

    if not os.path.lexists(source):
        return False
    if os.path.isdir(source):
        return True
    try:
        with open_regular(source) as file:
            find_data_set(Stream(source, file.read(4096) or b"", size=os.path.getsize(source)))
    except NotDicomError:
        return False
    except Exception:
        # Damaged, or not readable: what is wrong is told when it is read.
        return True
    return True
