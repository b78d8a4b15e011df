"""The files that a command line argument names: one file, or all files in a folder."""

from __future__ import annotations

import os

from IDCBrowserLib.errors import NotFoundError


def files_of(place: str, what: str = "a file or folder of DICOM images") -> list[str]:
    """Every file below a folder, or the one file. Raises ``NotFoundError``."""
    if os.path.isfile(place):
        return [place]
    if not os.path.isdir(place):
        raise NotFoundError(f"{place} does not exist. Give {what}.")
    return sorted(os.path.join(base, name) for base, _, names in os.walk(place) for name in names)
