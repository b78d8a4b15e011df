"""QuPath, if it is on this computer: where its program is, and which file of a slide it is given."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

HOME_PAGE = "https://qupath.github.io"
# Names its program where it is nowhere else.
VARIABLE = "IDC_BROWSER_QUPATH"
# Where its installers and archives put it, with the version in the names.
_PLACES = {
    "win32": ("{LOCALAPPDATA}/QuPath-*/QuPath-*.exe", "{ProgramFiles}/QuPath-*/QuPath-*.exe"),
    "darwin": ("/Applications/QuPath*.app/Contents/MacOS/QuPath*", "{HOME}/Applications/QuPath*.app/Contents/MacOS/QuPath*"),
    "linux": ("{HOME}/QuPath*/bin/QuPath", "{HOME}/Apps/QuPath*/bin/QuPath", "/opt/QuPath*/bin/QuPath", "/opt/qupath*/bin/QuPath"),
}


def find_qupath(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """Its program, of several the last version by name; "" where there is none."""
    stated = environment.get(VARIABLE, "")
    if stated:
        return stated if os.path.isfile(stated) else ""
    for name in ("QuPath", "qupath"):
        found = shutil.which(name, path=environment.get("PATH", ""))
        # Not from the working directory, where downloads may be: Windows looks there first.
        if found and os.path.isabs(found):
            return found
    return max(_installed(environment, platform), default="")


def largest_file(files: Sequence[str]) -> str:
    """The file of the largest level: QuPath finds the others beside it."""
    return max(files, key=_size)


def _installed(environment: Mapping[str, str], platform: str) -> Iterator[str]:
    for pattern in _PLACES.get(platform, ()):
        try:
            place = Path(pattern.format(**environment))
        except KeyError:
            continue
        parts = place.parts[1:]
        for path in Path(place.anchor).glob(str(Path(*parts))):
            # The one with a console is for scripts.
            if path.is_file() and "console" not in path.name:
                yield str(path)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
