"""What can be done with rows of any table or list that name something in IDC: download, load, show the folder, cite. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from IDCBrowserLib.api.selection import MAX_LOADED_SERIES
from IDCBrowserLib.api.storage import DIRECTORIES, FOLDER, Chosen, Directories, FolderFound
from IDCBrowserLib.api.values import NamedRows, Selection
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Capability, Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.picking.selection_actions import CitedPart, ContentOptions, SelectionActions
from IDCBrowserLib.signal import Signal


class RowActions:
    """``message(Message)`` says how it went, or why it cannot be done. ``start_folders`` as of ``Downloads``."""

    def __init__(self, client: EngineClient, host: Host, actions: SelectionActions, start_folders: Callable[[Sequence[str]], None]) -> None:
        self._client = client
        self._start_folders = start_folders
        self._host = host
        self._actions = actions
        self.message: Signal[Message] = Signal()

    def download(self, rows: NamedRows, load: bool) -> None:
        """Fetch them with the images that they refer to; with ``load`` put them into the scene."""
        if load and rows["level"] == "series" and len(rows["ids"]) > MAX_LOADED_SERIES:
            self._tell_too_many()
        else:
            self._actions.download({"selections": [rows]}, ContentOptions(), load)

    def cite(self, rows: Selection, part: CitedPart, on_text: Callable[[str], None]) -> None:
        """Give the methods text or the citations to ``on_text``."""
        self._actions.cite({"selections": [rows]}, ContentOptions(with_references=False), part, on_text)

    def show_folder(self, rows: Selection) -> None:
        """Open the folder where their files are in the system's program for files."""
        self._ask_folder({"selections": [rows]})

    def show_stored(self, inventory: int, nodes: Sequence[Sequence[str]]) -> None:
        """The same for rows of the inventory of this computer."""
        self._ask_folder({"inventory": inventory, "nodes": _lists(nodes)})

    def load_stored(self, inventory: int, nodes: Sequence[Sequence[str]]) -> None:
        """Put what is on this computer into the scene, without asking the network for anything."""

        self._client.ask(DIRECTORIES({"inventory": inventory, "nodes": _lists(nodes)}), self._load_directories, self._tell_error)

    def _load_directories(self, found: Directories) -> None:
        directories = found["directories"]
        if not directories:
            self._tell_nothing_here()
        elif len(directories) > MAX_LOADED_SERIES:
            self._tell_too_many()
        else:
            self._start_folders(directories)

    def _ask_folder(self, chosen: Chosen) -> None:
        self._client.ask(FOLDER({**self._host.store.folders(), **chosen}), self._folder_found, self._tell_error)

    def open_folder(self, folder: str) -> None:
        """The same for a folder that is known."""
        if Capability.OPEN_LINKS in self._host.capabilities:
            self._host.open_url(Path(folder).as_uri())
        else:
            self._tell(Kind.INFO, _("The files are in {folder}.").format(folder=folder))

    def _folder_found(self, found: FolderFound) -> None:
        if found["folder"]:
            self.open_folder(found["folder"])
        else:
            self._tell_nothing_here()

    def _tell_nothing_here(self) -> None:
        self._tell(Kind.INFO, _("There are no files of these rows on this computer. Download them first."))

    def _tell_too_many(self) -> None:
        text = _("At most {limit} series can be loaded at once. Select fewer rows.")
        self._tell(Kind.INFO, text.format(limit=MAX_LOADED_SERIES))

    def _tell_error(self, error: IDCBrowserError) -> None:
        self._tell(Kind.ERROR, str(error))

    def _tell(self, kind: Kind, text: str) -> None:
        self.message.emit(Message(kind, text))


def _lists(nodes: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(node) for node in nodes]
