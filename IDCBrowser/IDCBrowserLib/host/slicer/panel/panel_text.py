"""What the narrow panel says about the central area and the DICOM database. No Qt, no Slicer."""

from __future__ import annotations

import os
from collections.abc import Sequence

from IDCBrowserLib.i18n import tr as _

# Three lines of the narrow panel.
_NAMED, _LONGEST_NAME = 2, 36


def state_text(has_view: bool, is_shown: bool, loaded: Sequence[str], has_first_slices: bool = False) -> str:
    """What the central area shows: the browser, or the views with what was ``loaded`` last (names), or with what has come of a series so far."""
    if not has_view:
        return _("The browser cannot be shown because Slicer is running without its main window.")
    if is_shown:
        return _("The browser is in the central area: select a collection, cases, studies or series.")
    if has_first_slices:
        return _("The views show what has been downloaded so far; where a slice is missing, the nearest one.")
    if not loaded:
        return _('The browser is hidden. Press "Show the browser" to continue there.')
    # "Dose isodoses" and "SEG label" came with what they are named by.
    own = [name for name in loaded if not any(name.startswith(f"{other} ") for other in loaded)]
    names = ", ".join(map(_shortened, own[:_NAMED]))
    more = len(own) - _NAMED
    if more > 0:
        names = _("{names} and {count} more").format(names=names, count=more)
    return _("Loaded into the views: {names}.").format(names=names)


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def first_database_text(folder: str) -> str:
    """While Slicer has made no DICOM database yet: a sentence that the first download does, else "".

    A folder that is missing together with the one above it was there once, on a drive that is not connected; not so in the home folder, which may
    have no Documents yet.
    """
    if not folder or os.path.lexists(folder) or not (os.path.isdir(os.path.dirname(folder)) or _is_at_home(folder)):
        return ""
    return _("The first download creates Slicer's DICOM database in {folder}").format(folder=folder)


def _is_at_home(folder: str) -> bool:
    home = os.path.expanduser("~")
    return os.path.isdir(home) and os.path.abspath(folder).startswith(os.path.join(home, ""))
