"""A review list in use: which entry is in sight, what the reader says of it, how long that takes. Knows no widgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.selection import MAX_LOADED_SERIES
from IDCBrowserLib.dicom.sop_classes import RT_STRUCTURE_SET, SEGMENTATION
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.downloads.downloads import Downloads
from IDCBrowserLib.logic.review.answering import Answering
from IDCBrowserLib.logic.review.entry_loading import EntryLoading, loaded_at_once
from IDCBrowserLib.logic.review.entry_scene import EntryScene
from IDCBrowserLib.logic.review.fetch_ahead import FetchAhead
from IDCBrowserLib.logic.review.reading_time import ReadingTime
from IDCBrowserLib.logic.review.state import CurrentState, Key, Phase, ReviewState
from IDCBrowserLib.review.answers import segment_key
from IDCBrowserLib.review.form import Form, Value, form_of
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.signal import Signal

READER_KEY = "Review/Reader"
LAST_FILE_KEY = "Review/LastFile"
_CLASS_OF = {"SEG": SEGMENTATION, "RTSTRUCT": RT_STRUCTURE_SET}


class Review:
    """``make``, ``open``, ``begin``; then ``go_to``, and ``answering``. Signals: ``changed``, ``said(Message)``, ``shown`` when an entry came into
    sight, ``closing`` while answers are still taken.

    ``scene`` is to be given the scene of the host, ``time`` to be told whether the program is in front.
    """

    def __init__(self, client: EngineClient, host: Host, downloads: Downloads, defer: Defer, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._host = host
        self._current = current = CurrentState()
        self._ahead = FetchAhead(client, host, downloads)
        self._loading = EntryLoading(downloads, self._ahead, current)
        self.scene = EntryScene(client, host.store, defer, current)
        self.time = ReadingTime(client, current, clock, self._tell)
        self.answering = Answering(client, current, self.time, self.scene.look, self._tell)
        # The entry that was asked for last, in sight or on its way; -1 without one.
        self._asked = -1
        # Another number for each: what comes late belongs to none.
        self._visit = 0
        self.changed: Signal[[]] = current.changed
        self.said: Signal[Message] = Signal()
        self.shown: Signal[[]] = Signal()
        self.closing: Signal[[]] = Signal()
        self._ahead.changed.connect(lambda: current.set(note=self._ahead.note))
        self._loading.loaded.connect(self._loaded)
        self.scene.closing.connect(self._scene_closes)
        self.scene.closed.connect(self._scene_closed)

    @property
    def state(self) -> ReviewState:
        """What the page shows."""
        return self._current.value

    # Lists

    def make(self, params: api.MakeParameters) -> None:
        """Write a new list and open it."""
        self.close()
        self._current.set(phase=Phase.MAKING, text=_("Looking up the entries..."))
        self._client.ask(api.MAKE(params), self._made, self._not_open)

    def open(self, file: str) -> None:
        """Open a list; the reader named last goes on."""
        self.close()
        self._current.set(phase=Phase.OPENING, text=_("Opening {file}...").format(file=file))
        self._client.ask(api.OPEN({"file": file}), self._opened, self._not_open)

    def open_again(self) -> None:
        """Another engine does not know the list of the former one."""
        if self.state.opened is not None:
            file = self.state.opened["file"]
            self.scene.keep_changed()
            self._take_out()
            self._forget()
            self.open(file)

    def leave(self) -> None:
        """Close the list once what was corrected in the entry in sight is written."""
        self.scene.after_saving(self.close, self._not_corrected_at_the_end)

    def close(self) -> None:
        """Let the list go at once; what was answered is in its file. A segmentation with corrections that are not written stays in the scene."""
        if self.state.opened is not None:
            self.closing.emit()
            self.time.keep()
            self.scene.keep_changed()
            self._take_out()
            self._ahead.close()
            if self._client.is_ready:
                self._client.ask(api.CLOSE({}))
        self._forget()

    def begin(self, reader: str) -> None:
        """Say who reads; goes where that reader stopped. What was corrected before is the former reader's."""
        self.time.keep()
        self.scene.after_saving(lambda: self._client.ask(api.BEGIN({"reader": reader}), self._begun, self._tell), self._tell)

    # Entries

    def go_to(self, entry: int) -> None:
        """Leave the one in sight, with its corrections saved, and show another one."""
        if not self.state.reader or not 0 <= entry < self.state.entries:
            return
        self.time.keep()
        self.scene.after_saving(partial(self._enter, entry), self._tell)

    def next(self) -> None:
        """Key J."""
        if self._asked + 1 < self.state.entries:
            self.go_to(self._asked + 1)
        elif self.state.entry is not None:
            self.said.emit(Message(Kind.INFO, _("This is the last entry of the list.")))

    def previous(self) -> None:
        """Key K."""
        if self._asked > 0:
            self.go_to(self._asked - 1)
        elif self.state.entry is not None:
            self.said.emit(Message(Kind.INFO, _("This is the first entry of the list.")))

    def next_without_answers(self) -> None:
        """The first one behind this that the reader has not answered."""
        if self.state.reader:
            self._client.ask(api.NEXT({"reader": self.state.reader, "after": self.state.number}), self._next_found, self._tell)

    def show_again(self) -> None:
        """Load the entry once more, after the scene was closed or something failed."""
        if self.state.entry is not None:
            self.go_to(self._asked)

    def correct(self) -> None:
        """Open the segmentation of the chosen segment in the host's editor."""
        found = self.state.choice(self.state.segment)
        if found is not None:
            self.scene.correct(found.node_id)

    # Tables

    def compare_readers(self) -> None:
        """Ask how far the readers agree."""
        self._client.ask(api.AGREEMENT({}), lambda answer: self._current.set(agreement=answer), self._tell)

    def export(self, file: str) -> None:
        """Write all answers."""
        self._client.ask(api.EXPORT({"file": file}), self._exported, self._tell)

    # Inside: lists

    def _made(self, answer: api.Made) -> None:
        sentences = [*_unresolved_text(answer), *_large_text(answer)]
        if sentences:
            self.said.emit(Message(Kind.WARNING, " ".join(sentences)))
        elif answer["warnings"]:
            # How images were found: nothing that somebody has to do something about.
            self.said.emit(Message(Kind.INFO, " ".join(answer["warnings"])))
        self.open(answer["file"])

    def _opened(self, answer: api.Opened) -> None:
        form: Form = form_of(answer["form"])
        self._host.settings.set_value(LAST_FILE_KEY, answer["file"])
        self._ahead.open()
        self._current.set(phase=Phase.NAMELESS, opened=answer, form=form, text="")
        self.scene.hide_makers()
        reader = self._host.settings.value(READER_KEY, "")
        if reader:
            self.begin(reader)

    def _not_open(self, error: IDCBrowserError) -> None:
        self._forget()
        self._tell(error)

    def _begun(self, answer: api.Begun) -> None:
        self._host.settings.set_value(READER_KEY, answer["reader"])
        self._current.set(reader=answer["reader"])
        self.go_to(answer["entry"])

    def _forget(self) -> None:
        self._asked = -1
        self._visit += 1
        self._loading.stop()
        self.time.stop()
        self.answering.forget()
        self.scene.forget()
        self._current.put(ReviewState(can_correct=self.state.can_correct))
        self.scene.hide_makers()

    def _not_corrected_at_the_end(self, error: IDCBrowserError) -> None:
        """Whoever closes the list can go on with the segmentation in the scene."""
        self.close()
        self._tell(error)

    # Inside: entries

    def _enter(self, entry: int) -> None:
        self._asked = entry
        self._visit += 1
        visit = self._visit
        self._take_out()
        self._current.set(phase=Phase.FETCHING, text=_("Loading..."), segments=(), segment="", active=None)
        asked = api.ENTRY({"reader": self.state.reader, "entry": entry})
        self._client.ask(asked, partial(self._entered, visit), partial(self._entry_failed, visit))

    def _entered(self, visit: int, entry: api.Entry) -> None:
        if visit != self._visit:
            return
        answers: dict[Key, Value] = {(one["segment"], one["question"]): one["value"] for one in entry["answers"] if one["value"] is not None}
        self._current.set(entry=entry, answers=answers, answered=entry["answered"])
        uids = loaded_at_once(entry, self.state.is_blinded)
        self.scene.take(uids)
        self._loading.start(entry, uids)

    def _entry_failed(self, visit: int, error: IDCBrowserError) -> None:
        if visit == self._visit:
            self._current.set(phase=Phase.FAILED, text=str(error))

    def _loaded(self, text: str) -> None:
        self.scene.show_corrections(lambda problems: self._show(" ".join([*([text] if text else []), *problems])))

    def _show(self, text: str) -> None:
        self._current.set(phase=Phase.SHOWN, text=text)
        self.time.start()
        sources = self.scene.arrange()
        self.answering.take_segments(sources)
        self._remember([one for source in sources for one in _seen(source, self.scene.image_series(source.node_id))])
        self._ahead.look_ahead(self.state.number)
        self.shown.emit()

    def _scene_closes(self) -> None:
        """What was corrected is saved from what the scene still holds."""
        self.time.keep()
        self.scene.after_saving(lambda: None, self._tell)

    def _scene_closed(self) -> None:
        if self.state.phase is Phase.SHOWN and self.scene.was_closed():
            self.time.stop()
            text = _("The scene was closed. What you answered and corrected is kept; load the entry again, or go on.")
            self._current.set(phase=Phase.FAILED, text=text)

    def _remember(self, segments: Sequence[api.Segment]) -> None:
        entry = self.state.entry
        if entry is None:
            return
        first = entry["series"][0]["SeriesInstanceUID"] if entry["series"] else ""

        def found(files: Sequence[str]) -> None:
            question = api.SEEN({"entry": entry["entry"], "segments": segments, "file": files[0] if files else ""})
            self._client.ask(question, None, self._tell)

        self._host.store.series_files(first, found, self._tell)

    def _take_out(self) -> None:
        self._loading.stop()
        self.scene.take_out()

    def _next_found(self, answer: api.Next) -> None:
        if answer["entry"] is None:
            self.said.emit(Message(Kind.SUCCESS, _("Every entry has answers of {reader}.").format(reader=self.state.reader)))
        else:
            self.go_to(answer["entry"])

    def _exported(self, answer: api.Exported) -> None:
        written = answer["files"][0] if len(answer["files"]) == 1 else _("{count} files").format(count=len(answer["files"]))
        text = _("Written: {what}, {count} answers.").format(what=written, count=f"{answer['answers']:,}")
        self.said.emit(Message(Kind.WARNING if answer["warnings"] else Kind.SUCCESS, " ".join([text, *answer["warnings"]])))

    def _tell(self, error: IDCBrowserError) -> None:
        self.said.emit(Message(Kind.ERROR, str(error)))


def _unresolved_text(answer: api.Made) -> list[str]:
    if not answer["unresolved_count"]:
        return []
    text = _("{count} lines name nothing in IDC, the first is {line}. The list has the others.")
    return [text.format(count=f"{answer['unresolved_count']:,}", line=answer["unresolved"][0]["text"][:60])]


def _large_text(answer: api.Made) -> list[str]:
    """Before somebody has judged half of the list."""
    if not answer["large_entries"]:
        return []
    text = _(
        "{large} of {all} entries have more series than are loaded at once ({limit}), up to {most}: segmentations come first, the rest is skipped. "
        "With an image series or a study as entry they are smaller."
    )
    numbers = {"large": f"{answer['large_entries']:,}", "all": f"{answer['entries']:,}", "most": f"{answer['most_series']:,}"}
    return [text.format(limit=MAX_LOADED_SERIES, **numbers)]


def _seen(source: SourceRow, images: Sequence[str]) -> list[api.Segment]:
    """The segments of one that was drawn on the first of ``images``."""
    return [
        {
            "key": segment_key(source.instance_uid, one.number, one.name),
            "name": one.name,
            "code": one.code,
            "series_uid": source.series_uid,
            "object_uid": source.instance_uid,
            "object_class": _CLASS_OF.get(source.kind, ""),
            "number": one.number,
            "image_series_uid": images[0] if images else "",
        }
        for one in source.segments
    ]
