"""Ways into the module from outside: dropped or added files, links. They show what would be downloaded; the user decides there.

Signatures (Slicer 5.12): ``slicer.util.selectModule(name)`` (RuntimeError without a main window), ``slicer.util.getModuleWidget(name)``
(Base/Python/slicer/util.py); ``qSlicerScriptedFileDialog.mimeData()`` (Base/QTGUI/qSlicerScriptedFileDialog.h), ``QMimeData.urls()``.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.host.inbox import Inbox, inbox_of_environment
from IDCBrowserLib.host.links import sources_of_link

if TYPE_CHECKING:
    from IDCBrowserLib.qtbinding import QtCore

logger = logging.getLogger(__name__)

_MODULE = "IDCBrowser"


class _ModuleWidget(Protocol):
    """``IDCBrowserWidget`` of the module file."""

    def open_sources(self, sources: Sequence[str], fetch: bool = False) -> None:
        """Show them."""

    def show_problem(self, text: str) -> None:
        """Show it."""


def open_sources(sources: Sequence[str], fetch: bool = False) -> bool:
    """Select the module and show there what ``sources`` mean; False where Slicer has no main window to show it in.

    ``fetch`` downloads and loads it as well: only for what the user asked for with a click.
    """
    module = _selected_module()
    if module is not None:
        module.open_sources(list(sources), fetch)
    return module is not None


def open_link(url: str) -> None:
    """``slicer.app.urlReceived``: links for other modules are left alone. Nothing is downloaded before the user presses the button."""
    try:
        sources = sources_of_link(url)
    except InputError as error:
        logger.warning("A link was refused: %s", error)
        _show_problem(str(error))
        return
    if sources is not None:
        logger.info("A link opens %d sources in IDC Browser.", len(sources))
        open_sources(sources)


def watch_inbox() -> Inbox | None:
    """Open what appears in the inbox of a desktop session; the caller keeps it."""
    return inbox_of_environment(open_sources, _show_problem)


def _show_problem(sentence: str) -> None:
    module = _selected_module()
    if module is not None:
        module.show_problem(sentence)


def _selected_module() -> _ModuleWidget | None:
    """The module's widget, selected; None where Slicer has no main window to show it in."""
    import slicer

    try:
        slicer.util.selectModule(_MODULE)
    except RuntimeError:
        logger.warning("Without a main window nothing can be shown; use IDCBrowserLogic().plan(...) in scripts.")
        return None
    widget: _ModuleWidget = slicer.util.getModuleWidget(_MODULE)
    return widget


def dropped_files(mime_data: QtCore.QMimeData | None) -> list[str]:
    """Local files of a drop."""
    if mime_data is None or not mime_data.hasUrls():
        return []
    return [str(url.toLocalFile()) for url in mime_data.urls() if url.isLocalFile()]
