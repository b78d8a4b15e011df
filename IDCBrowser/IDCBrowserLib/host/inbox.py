"""A folder whose files are opened as they appear: manifests dropped on a web page, and links (``.link``, one line) that were followed there.

Links that the system hands over come through one of this user's own (``link_folder``), from which the window that takes them removes them.
The ready-made desktop (``Resources/Desktop``) names it in ``IDC_BROWSER_INBOX``. Files appear there under their final names; each is moved into
``opened`` beside them and shown from there. Links and folders are left alone. The system tells of changes, so nothing is asked again and again.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from IDCBrowserLib import paths
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.host.links import sources_of_link
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.whole_file import free_name

logger = logging.getLogger(__name__)

VARIABLE = "IDC_BROWSER_INBOX"
_LINK_SUFFIX = ".link"
_OPENED = "opened"
_MAX_LINK_BYTES = 16_384


class Inbox:
    """``on_sources(paths or identifiers)`` for what can be opened, ``on_problem(sentence)`` for what cannot. With ``links_only`` other files stay
    where they are, and links are removed once they were read.
    """

    def __init__(
        self, folder: str, on_sources: Callable[[Sequence[str]], object], on_problem: Callable[[str], object], links_only: bool = False
    ) -> None:
        self._folder = folder
        self._links_only = links_only
        self._on_sources = on_sources
        self._on_problem = on_problem
        self._watcher = QtCore.QFileSystemWatcher()
        self._watcher.directoryChanged.connect(self._look)
        self._watcher.addPath(folder)

    def look(self) -> None:
        """Open what is there already."""
        self._look(self._folder)

    def close(self) -> None:
        """Listen no more."""
        self._watcher.directoryChanged.disconnect(self._look)

    def _look(self, _folder: str) -> None:
        try:
            names = sorted(name for name in os.listdir(self._folder) if not name.startswith("."))
        except OSError as error:
            logger.warning("The inbox cannot be read: %s", error)
            return
        for name in names:
            self._open(name)

    def _open(self, name: str) -> None:
        path = os.path.join(self._folder, name)
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode) or (self._links_only and not name.endswith(_LINK_SUFFIX)):
                return
            opened = os.path.join(self._folder, _OPENED)
            os.makedirs(opened, exist_ok=True)
            if os.path.islink(opened):
                raise InputError(_("{folder} is a link; nothing is moved there.").format(folder=opened))
            # What came before under that name is somebody's.
            path = str(free_name(Path(opened, name)))
            os.rename(os.path.join(self._folder, name), path)
            sources = self._link(path) if name.endswith(_LINK_SUFFIX) else [path]
        except FileNotFoundError:
            # Another look was faster.
            return
        except OSError as error:
            self._on_problem(_("{name} cannot be opened ({reason}).").format(name=name, reason=error.strerror))
            return
        except InputError as error:
            self._on_problem(str(error))
            return
        if sources:
            self._on_sources(sources)

    def _link(self, path: str) -> Sequence[str]:
        with open(path, "rb") as file:
            text = file.read(_MAX_LINK_BYTES).decode("utf-8", "replace").strip()
        if self._links_only:
            os.unlink(path)
        sources = sources_of_link(text)
        if sources is None:
            raise InputError(_("The link is not one of IDC Browser; it was not opened."))
        return sources


def inbox_of_environment(on_sources: Callable[[Sequence[str]], object], on_problem: Callable[[str], object]) -> Inbox | None:
    """The inbox that the session has, already looked at; None where there is none."""
    folder = os.environ.get(VARIABLE, "")
    if not os.path.isdir(folder):
        return None
    inbox = Inbox(folder, on_sources, on_problem)
    inbox.look()
    return inbox


def link_folder() -> str:
    """Where links wait for a window of this user."""
    return str(paths.data_folder() / "links")


def inbox_of_links(on_sources: Callable[[Sequence[str]], object], on_problem: Callable[[str], object]) -> Inbox | None:
    """Takes the links that this user follows while the window is open; None where the folder cannot be made."""
    try:
        os.makedirs(link_folder(), mode=0o700, exist_ok=True)
    except OSError as error:
        logger.warning("Links cannot be taken: %s", error)
        return None
    inbox = Inbox(link_folder(), on_sources, on_problem, True)
    inbox.look()
    return inbox
