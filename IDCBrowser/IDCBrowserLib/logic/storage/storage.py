"""The Storage page: inventory, removing, cleaning up and moving of downloaded data. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from IDCBrowserLib.api import storage as api
from IDCBrowserLib.api.method import Question as Asked
from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.api.values import Selection
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable, Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import Defer, FileLister
from IDCBrowserLib.logic.base.progress_text import describe
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.storage import storage_text as texts
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress

R = TypeVar("R")

# () is everything; then collection, case, study and folder.
Node = tuple[str, ...]
SERIES_KINDS = frozenset({"older version", "partial", "not in database"})


@dataclass(frozen=True)
class Question:
    """One decision that waits for the user: a sentence, and the word on the button that does it."""

    text: str
    word: str


@dataclass(frozen=True)
class StorageState:
    """``document`` as ``store.inventory`` gives it, None until it was asked for. ``work`` names what is under way, "" when nothing is;
    ``text`` and ``fraction`` say how far it is, ``error`` why the last look failed.
    """

    document: api.Inventory | None = None
    work: str = ""
    text: str = ""
    fraction: float | None = None
    cancelling: bool = False
    question: Question | None = None
    error: str = ""
    # Rows below a node that were asked for.
    rows: Mapping[Node, Sequence[api.Row]] = field(default_factory=dict)


class Storage:
    """One thing at a time. Signals: ``changed(StorageState)``, ``rows_arrived(node)``, ``said(Message)``, ``disk_changed()`` when files or rows came
    or went, ``moved(folder)`` when the downloads lie elsewhere.
    """

    def __init__(self, client: EngineClient, host: Host, is_downloading: Callable[[], bool], keep_free: Callable[[], int], defer: Defer) -> None:
        self._client = client
        self._host = host
        self._keep_free = keep_free
        self._is_downloading = is_downloading
        self._defer = defer
        self._stop: Callable[[], None] | None = None
        self._confirmed: Callable[[], None] | None = None
        self._changes = False
        self._look: Request | None = None
        self.state = StorageState()
        self.changed: Signal[StorageState] = Signal()
        self.rows_arrived: Signal[Node] = Signal()
        self.said: Signal[Message] = Signal()
        self.disk_changed: Signal[[]] = Signal()
        self.moved: Signal[str] = Signal()

    # Looking

    def refresh(self, again: bool = False) -> None:
        """Look through the folder; with ``again`` also into folders that seem unchanged. Not while something is under way or asked."""
        if self.state.work or self.state.question is not None:
            return
        self._begin(_("Scanning the download folder"))
        self._look = self._ask(api.INVENTORY({**self._host.store.folders(), "again": again}), self._looked)

    def rows(self, node: Node) -> Sequence[api.Row] | None:
        """The rows below a node; None while they are on their way (``rows_arrived`` follows) or nothing was looked up."""
        document = self.state.document
        if document is None:
            return None
        if node == ():
            return list(document["rows"])
        known = self.state.rows.get(node)
        if known is None:
            question = api.ROWS({"inventory": document["inventory"], "node": list(node)})
            self._client.ask(question, lambda answer: self._take_rows(document, node, answer["rows"]), self._fail_rows)
        return known

    def _looked(self, document: api.Inventory) -> None:
        self._stop = self._look = None
        self._tell(StorageState(document))
        for note in document["notes"]:
            self.said.emit(Message(Kind.WARNING, note))

    def _take_rows(self, document: api.Inventory, node: Node, rows: Sequence[api.Row]) -> None:
        if document is self.state.document:
            self.state = replace(self.state, rows={**self.state.rows, node: rows})
            self.rows_arrived.emit(node)

    def _fail_rows(self, error: IDCBrowserError) -> None:
        self.said.emit(Message(Kind.ERROR, str(error)))

    # Removing

    def ask_remove(self, nodes: Sequence[Node]) -> None:
        """Ask whether these rows are to go, after counting what that means."""
        document = self.state.document
        if document is not None and nodes and self.state.question is None:
            self._ask_removal({"inventory": document["inventory"], "nodes": [list(node) for node in nodes]})

    def ask_remove_selection(self, selections: Sequence[Selection]) -> None:
        """The same for rows of the tables: all that is here of their series."""
        self._ask_removal({"selections": list(selections)})

    def _ask_removal(self, chosen: api.Chosen) -> None:
        if self._look is not None:
            # What the user wants goes first; the look follows afterwards.
            self._look.cancel()
        elif self.state.work:
            self.said.emit(Message(Kind.WARNING, _("Another operation is running. Wait for it or cancel it.")))
            return
        self._begin(_("Counting what would be removed"))
        self._ask(api.REMOVAL({**self._host.store.folders(), **chosen}), lambda found: self._removal_counted(chosen, found))

    def _removal_counted(self, chosen: api.Chosen, found: api.Removed) -> None:
        if not found["series"]:
            self._end(texts.nothing_to_remove(found), Kind.INFO)
            self.refresh()
            return
        self._put(Question(texts.removal_question(found), _("&Yes, remove")), lambda: self._remove(chosen))

    def _remove(self, chosen: api.Chosen) -> None:
        self._begin(_("Removing"), changes=True)
        self._run(lambda: self._host.store.remove(chosen, self._removed, self._failed, self._progress))

    def _removed(self, report: api.Removed) -> None:
        kind, text = texts.removal_report(report)
        self._end(text, kind)

    # Cleaning up

    def ask_clean(self, positions: Sequence[int]) -> None:
        """Ask whether these leftovers are to go."""
        document = self.state.document
        if document is None or not positions or self.state.work or self.state.question is not None:
            return
        chosen = [document["leftovers"][position] for position in positions]
        self._put(Question(texts.clean_question(chosen), _("&Yes, clean up")), lambda: self._clean(document, positions))

    def _clean(self, document: api.Inventory, positions: Sequence[int]) -> None:
        series = [position for position in positions if document["leftovers"][position][0] in SERIES_KINDS]
        others = [position for position in positions if position not in series]
        self._begin(_("Cleaning up"), changes=True)
        question = api.CLEAN({**self._host.store.folders(), "inventory": document["inventory"], "leftovers": others})

        def cleaned(report: api.Removed) -> None:
            if not series:
                self._cleaned([report])
                return
            chosen: api.Chosen = {"inventory": document["inventory"], "leftovers": series}
            self._run(lambda: self._host.store.remove(chosen, lambda more: self._cleaned([report, more]), self._failed, self._progress))

        self._ask(question, cleaned)

    def _cleaned(self, reports: Sequence[api.Removed]) -> None:
        kind, text = texts.clean_report(reports)
        self._end(text, kind)

    # Moving

    def ask_move(self) -> None:
        """Let the user pick a folder, and ask whether everything is to be moved there."""
        if self.state.work:
            return
        if self._is_downloading():
            self.said.emit(Message(Kind.WARNING, _("A download is running. Wait for it or cancel it, then move the folder.")))
            return
        to = self._host.choose_folder(_("Folder to move the downloads to"), self._host.download_folder)
        if to:
            self._begin(_("Counting what would be moved"))
            self._ask(api.MOVE_CHECK({**self._host.store.folders(), "to": to, "keep_free": self._keep_free()}), self._move_checked)

    def _move_checked(self, found: api.MovePlan) -> None:
        folder = self._host.store.folders()["folder"]
        self._put(Question(texts.move_question(found, folder), _("&Yes, move")), lambda: self._move(found["to"]))

    def _move(self, to: str) -> None:
        self._begin(_("Moving to {folder}").format(folder=to), changes=True)

        def done(document: api.Moved) -> None:
            self.moved.emit(to)
            kind, text = texts.move_report(document, to)
            self._end(text, kind)

        self._run(lambda: self._host.store.move(to, self._keep_free(), done, self._failed, self._progress))

    # Adding to the database

    def add_to_database(self) -> None:
        """Add every series that is whole on the disk and in no database."""
        document = self.state.document
        if document is None or self.state.work:
            return
        self._begin(_("Adding to the DICOM database"), changes=True)
        self._ask(api.NOT_IMPORTED({"inventory": document["inventory"]}), lambda answer: self._list(answer["directories"]))

    def _list(self, directories: Sequence[str]) -> None:
        self._run(lambda: FileLister(directories, self._add, self._defer))

    def _add(self, files: list[str]) -> None:
        self._run(lambda: self._host.store.import_files(files, self._added, self._failed, self._progress))

    def _added(self, counts: ImportCounts) -> None:
        kind, text = texts.import_report(counts)
        self._end(text, kind)

    # The decision

    def confirm(self) -> None:
        """Yes."""
        confirmed, self._confirmed = self._confirmed, None
        if confirmed is not None:
            self._tell(replace(self.state, question=None))
            confirmed()

    def dismiss(self) -> None:
        """No."""
        self._confirmed = None
        self._tell(replace(self.state, question=None))
        if self.state.document is None:
            self.refresh()

    def cancel(self) -> None:
        """Stop what is under way."""
        if self._stop is not None and not self.state.cancelling:
            self._tell(replace(self.state, cancelling=True, text=_("Canceling...")))
            self._stop()

    # What all have in common

    def _put(self, question: Question, confirmed: Callable[[], None]) -> None:
        self._stop = None
        self._confirmed = confirmed
        self._tell(replace(self.state, work="", text="", fraction=None, cancelling=False, question=question))

    def _begin(self, work: str, changes: bool = False) -> None:
        """``changes``: afterwards disk and database are looked at again, however it ends."""
        self._confirmed = None
        self._look = None
        self._changes = changes
        self._tell(replace(self.state, work=work, text="", fraction=None, cancelling=False, question=None, error=""))

    def _ask(self, question: Asked[R], on_result: Callable[[R], None]) -> Request:
        request = self._client.ask(question, on_result, self._failed, self._progress)
        self._stop = lambda: request.cancel(True)
        return request

    def _run(self, start: Callable[[], Cancellable]) -> None:
        work = self.state.work
        handle = start()
        if work and self.state.work == work:
            self._stop = handle.cancel

    def _progress(self, progress: Progress) -> None:
        if self.state.work and not self.state.cancelling:
            self._tell(replace(self.state, text=describe(progress), fraction=progress.fraction))

    def _failed(self, error: IDCBrowserError) -> None:
        self._look = None
        if isinstance(error, CancelledError):
            self._end(_("Canceled."), Kind.WARNING)
        elif self.state.document is None and not self._changes:
            self._stop = None
            self._tell(StorageState(error=str(error)))
        else:
            self._end(str(error), Kind.ERROR)

    def _end(self, text: str, kind: Kind) -> None:
        self._stop = None
        changes, self._changes = self._changes, False
        self._tell(replace(self.state, work="", text="", fraction=None, cancelling=False, question=None))
        self.said.emit(Message(kind, text))
        if changes:
            self.disk_changed.emit()
            self.refresh()

    def _tell(self, state: StorageState) -> None:
        self.state = state
        self.changed.emit(state)
