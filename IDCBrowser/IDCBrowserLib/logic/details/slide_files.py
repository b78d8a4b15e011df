"""The levels of the slide whose details are shown: fetched one by one, and opened in QuPath."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api.catalog import SlideLevel
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.details.qupath import HOME_PAGE, VARIABLE, find_qupath, largest_file
from IDCBrowserLib.logic.details.shown_details import ShownDetails
from IDCBrowserLib.logic.picking.selection_actions import ContentOptions, SelectionActions
from IDCBrowserLib.signal import Signal


class SlideFiles:
    """Signal: ``message(Message or None)``, None when former messages are old."""

    def __init__(self, host: Host, details: ShownDetails, actions: SelectionActions) -> None:
        self._host, self._details, self._actions = host, details, actions
        self.message: Signal[Message | None] = Signal()

    def download_level(self, place: int, load: bool) -> None:
        """Fetch one level, by its place among those of the slide."""
        document = self._details.state.document
        if document is not None and place < len(document["levels"]):
            self.download([document["levels"][place]], load)

    def download(self, levels: Sequence[SlideLevel], load: bool) -> None:
        """Fetch levels of slides."""
        self.message.emit(None)
        addresses = [address for level in levels for address in level["addresses"]]
        self._actions.download({"sources": addresses}, ContentOptions(with_references=False), load)

    def show_in_qupath(self) -> None:
        """Open the largest level that is here."""
        self._host.store.series_files(self._details.state.id, self._open, self._fail)

    def _open(self, files: Sequence[str]) -> None:
        program = find_qupath()
        if not program:
            text = _("QuPath is not on this computer. Get it from {address}; if it is somewhere unusual, {variable} names its program.")
            self._tell(Kind.INFO, text.format(address=HOME_PAGE, variable=VARIABLE))
        elif not files:
            self._tell(Kind.INFO, _("No level of this slide is on this computer. Download one first."))
        elif not self._host.run_program(program, [f"--image={largest_file(files)}"]):
            self._tell(Kind.ERROR, _("{program} cannot be started. Install QuPath again.").format(program=program))

    def _fail(self, error: IDCBrowserError) -> None:
        self._tell(Kind.ERROR, str(error))

    def _tell(self, kind: Kind, text: str) -> None:
        self.message.emit(Message(kind, text))
