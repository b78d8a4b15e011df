"""Further series of the phantom patient: one or more of every kind that IDC holds, each with what is known of it.

::

    series = make.write(folder)
    make.truth(folder)["pet"]           # {"quantity": "SUV", "points": [{"name", "lps", "value"}], "tolerance"}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IDCBrowserLib.demo import made_folder
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.task import Task

# Raise it whenever the bytes change: caches are named after it.
CONTENT_VERSION = "4"


def write(folder: str | Path, task: Task | None = None) -> list[PhantomSeries]:
    """Make the objects in ``folder``, or find them there already; see ``phantom.write``."""
    from IDCBrowserLib.demo.objects import other_day, pet, radiotherapy, report, slide, slide_segments, surface, ultrasound

    makers = (pet.made, radiotherapy.made, report.made, surface.made, other_day.made, ultrasound.made, slide.made, slide_segments.made)
    return made_folder.write(Path(folder), CONTENT_VERSION, makers, task or Task(), "Making further objects of the phantom patient")


def truth(folder: str | Path) -> dict[str, Any]:
    """By key of the series."""
    return made_folder.truth(Path(folder))
