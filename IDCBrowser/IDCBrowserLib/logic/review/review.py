"""A review list in use: which entry is in sight, what the reader says of it, how long that takes. Knows no widgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.selection import MAX_LOADED_SERIES
from IDCBrowserLib.dicom.sop_classes import RT_STRUCTURE_SET, SEGMENTATION
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.downloads.download_base import DownloadBase
from IDCBrowserLib.logic.downloads.download_parts import load_request
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase
from IDCBrowserLib.logic.downloads.downloads import Downloads
from IDCBrowserLib.logic.review.corrections import Changed, Corrections
from IDCBrowserLib.logic.review.fetch_ahead import FetchAhead
from IDCBrowserLib.logic.review.review_scene import ReviewScene
from IDCBrowserLib.logic.review.saved_corrections import SavedCorrections
from IDCBrowserLib.logic.review.state import Key, Phase, ReviewState, SegmentChoice, digits_of, following, value_of_digit
from IDCBrowserLib.review.answers import segment_key
from IDCBrowserLib.review.form import Form, Value, form_of
from IDCBrowserLib.scene.arrangement import Arrangement
from IDCBrowserLib.scene.segment_rows import SourceRow
from IDCBrowserLib.signal import Signal

READER_KEY = "Review/Reader"
LAST_FILE_KEY = "Review/LastFile"
# Text that says who made something; not loaded where nobody is to know.
_SAID_BY_MAKERS = ("SR", "KO", "PR", "RWV", "RTPLAN", "DOC")
_CLASS_OF = {"SEG": SEGMENTATION, "RTSTRUCT": RT_STRUCTURE_SET}


class Review:
    """``make``, ``open``, ``begin``; then ``go_to``, ``answer``. Signals: ``changed``, ``said(Message)``, ``shown`` when an entry came into sight,
    ``closing`` while answers are still taken.

    ``attach`` gives it the scene as soon as there is one. Time is counted while an entry is in sight and the program is in front
    (``set_in_front``).
    """

    def __init__(self, client: EngineClient, host: Host, downloads: Downloads, defer: Defer, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._host = host
        self._downloads = downloads
        self._clock = clock
        self._ahead = FetchAhead(client, host, downloads)
        self._corrections = Corrections(client, host.store, defer)
        self._saved = SavedCorrections(client, host.store)
        self._scene: ReviewScene | None = None
        self._arrangement: Arrangement | None = None
        self._stamps: dict[str, int] = {}
        # Series of the entry that this list has put into the scene.
        self._own: list[str] = []
        self._loading: DownloadBase | None = None
        self._since: float | None = None
        self._in_front = True
        self._is_leaving = False
        # The entry that was asked for last, in sight or on its way; -1 without one.
        self._asked = -1
        # How many series of the entry are more than are loaded at once.
        self._left_out = 0
        # Code, or name, of the segment that was judged last.
        self._former_segment = ""
        # Another number for each: what comes late belongs to none.
        self._visit = 0
        self.state = ReviewState()
        self.changed: Signal[[]] = Signal()
        self.said: Signal[Message] = Signal()
        self.shown: Signal[[]] = Signal()
        self.closing: Signal[[]] = Signal()
        self._ahead.changed.connect(self._note_changed)

    def attach(self, scene: ReviewScene | None) -> None:
        """The scene of the host, or None before it goes."""
        self._scene = scene
        self._hide_makers()
        self._set(can_correct=scene is not None and scene.correct is not None)

    # Lists

    def make(self, params: api.MakeParameters) -> None:
        """Write a new list and open it."""
        self.close()
        self._set(phase=Phase.MAKING, text=_("Looking up the entries..."))
        self._client.ask(api.MAKE(params), self._made, self._not_open)

    def open(self, file: str) -> None:
        """Open a list; the reader named last goes on."""
        self.close()
        self._set(phase=Phase.OPENING, text=_("Opening {file}...").format(file=file))
        self._client.ask(api.OPEN({"file": file}), self._opened, self._not_open)

    def open_again(self) -> None:
        """Another engine does not know the list of the former one."""
        if self.state.opened is not None:
            file = self.state.opened["file"]
            self._keep_changed()
            self._take_out()
            self._forget()
            self.open(file)

    def leave(self) -> None:
        """Close the list once what was corrected in the entry in sight is written."""
        self._after_saving(self.close, self._not_corrected_at_the_end)

    def close(self) -> None:
        """Let the list go at once; what was answered is in its file. A segmentation with corrections that are not written stays in the scene."""
        if self.state.opened is not None:
            self.closing.emit()
            self._spend()
            self._keep_changed()
            self._take_out()
            self._ahead.close()
            if self._client.is_ready:
                self._client.ask(api.CLOSE({}))
        self._forget()

    def begin(self, reader: str) -> None:
        """Say who reads; goes where that reader stopped. What was corrected before is the former reader's."""
        self._spend()
        self._after_saving(lambda: self._client.ask(api.BEGIN({"reader": reader}), self._begun, self._tell), self._tell)

    # Entries

    def go_to(self, entry: int) -> None:
        """Leave the one in sight, with its corrections saved, and show another one."""
        if not self.state.reader or not 0 <= entry < self.state.entries:
            return
        self._spend()
        self._after_saving(partial(self._enter, entry), self._tell)

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

    # Answers

    def answer(self, segment: str, question: str, value: Value | None) -> None:
        """Keep what the reader says; it is in the file when the engine has answered."""
        state = self.state
        if state.entry is None or not state.reader or state.answers.get((segment, question)) == value:
            return
        answers = {key: kept for key, kept in state.answers.items() if key != (segment, question)}
        if value is not None and value != "":
            answers[(segment, question)] = value
        self._set(answers=answers, active=self._asked_after((segment, question)), agreement=None)
        key = segment, question
        asked: api.AnswerParameters = {"reader": state.reader, "entry": state.number, "segment": segment, "question": question, "value": value}
        not_kept = partial(self._not_kept, state.number, key, value, state.answers.get(key))
        self._client.ask(api.ANSWER(asked), self._kept, not_kept)
        self._spend()
        self._follow_active(state.active)

    def answer_digit(self, digit: int) -> None:
        """A digit was typed: it answers the active question."""
        state = self.state
        if state.active is None or state.form is None:
            return
        value = value_of_digit(state.form.question(state.active[1]), digit)
        if value is not None:
            self.answer(*state.active, value)

    def choose_segment(self, key: str, look: bool = True) -> None:
        """Judge this one, and bring it into sight; in the next entries the one of the same code is judged first."""
        found = self.state.choice(key)
        if found is not None:
            self._former_segment = found.code or found.name
            self._turn_to(key, look)

    def _turn_to(self, key: str, look: bool = True) -> None:
        found = self.state.choice(key)
        if found is None:
            return
        active = next((one for one in digits_of(self.state) if one[0] == key), self.state.active)
        self._set(segment=key, active=active)
        if look and self._scene is not None:
            self._scene.go_to(found.node_id, found.segment_id)

    def correct(self) -> None:
        """Open the segmentation of the chosen segment in the host's editor."""
        found = self.state.choice(self.state.segment)
        if found is not None and self._scene is not None and self._scene.correct is not None:
            self._scene.correct(found.node_id)

    # Tables

    def compare_readers(self) -> None:
        """Ask how far the readers agree."""
        self._client.ask(api.AGREEMENT({}), lambda answer: self._set(agreement=answer), self._tell)

    def export(self, file: str) -> None:
        """Write all answers."""
        self._client.ask(api.EXPORT({"file": file}), self._exported, self._tell)

    def set_in_front(self, in_front: bool) -> None:
        """Time counts only while the reader is at it."""
        if in_front is not self._in_front:
            self._spend()
            self._in_front = in_front
            self._since = self._clock() if in_front and self.state.phase is Phase.SHOWN else None

    def arrange_again(self) -> None:
        """The host has shown what was loaded in its own way."""
        if self._scene is not None and self._arrangement is not None and self.state.phase is Phase.SHOWN:
            self._scene.arrange(self._arrangement, self._modalities())

    # Inside: lists

    def _made(self, answer: api.Made) -> None:
        sentences = [*_unresolved_text(answer), *_large_text(answer)]
        if sentences or answer["warnings"]:
            self.said.emit(Message(Kind.WARNING, " ".join(sentences or answer["warnings"])))
        self.open(answer["file"])

    def _opened(self, answer: api.Opened) -> None:
        form: Form = form_of(answer["form"])
        self._host.settings.set_value(LAST_FILE_KEY, answer["file"])
        self._ahead.open()
        self._set(phase=Phase.NAMELESS, opened=answer, form=form, text="")
        self._hide_makers()
        reader = self._host.settings.value(READER_KEY, "")
        if reader:
            self.begin(reader)

    def _not_open(self, error: IDCBrowserError) -> None:
        self._forget()
        self._tell(error)

    def _begun(self, answer: api.Begun) -> None:
        self._host.settings.set_value(READER_KEY, answer["reader"])
        self._set(reader=answer["reader"])
        self.go_to(answer["entry"])

    def _forget(self) -> None:
        self._own, self._stamps, self._loading, self._since, self._is_leaving, self._asked = [], {}, None, None, False, -1
        self._visit += 1
        self._arrangement, self._former_segment, self._left_out = None, "", 0
        self._set_state(ReviewState(can_correct=self.state.can_correct))
        self._hide_makers()

    def _hide_makers(self) -> None:
        if self._scene is not None:
            self._scene.hide_makers(self.state.is_blinded)

    # Inside: entries

    def _after_saving(self, go_on: Callable[[], object], on_error: Callable[[IDCBrowserError], None]) -> None:
        """What the reader has changed is written first; where that fails the entry stays. Nothing else leaves the entry meanwhile."""
        if self._is_leaving:
            return
        scene, changed = self._scene, self._changed_sources()
        if scene is None or not changed:
            go_on()
            return
        self._is_leaving = True
        self._set(text=_("Saving the corrected segmentation..."))
        visit, stamps = self._visit, {one.source.node_id: scene.stamp(one.source.node_id) for one in changed}

        def ended(then: Callable[[], object]) -> None:
            # Unless the list was closed meanwhile.
            if visit == self._visit:
                self._is_leaving = False
                self._set(text="")
                then()

        def saved() -> None:
            self._stamps.update(stamps)
            go_on()

        self._corrections.save(scene, changed, lambda: ended(saved), lambda error: ended(lambda: on_error(error)))

    def _not_corrected_at_the_end(self, error: IDCBrowserError) -> None:
        """Whoever closes the list can go on with the segmentation in the scene."""
        self.close()
        self._tell(error)

    def _keep_changed(self) -> None:
        """What was changed and not written is no longer taken out of the scene."""
        changed = {one.source.series_uid for one in self._changed_sources()}
        self._own = [uid for uid in self._own if uid not in changed]

    def _enter(self, entry: int) -> None:
        self._asked = entry
        self._visit += 1
        visit = self._visit
        self._take_out()
        self._set(phase=Phase.FETCHING, text=_("Loading..."), segments=(), segment="", active=None)
        asked = api.ENTRY({"reader": self.state.reader, "entry": entry})
        self._client.ask(asked, partial(self._entered, visit), partial(self._entry_failed, visit))

    def _entered(self, visit: int, entry: api.Entry) -> None:
        if visit != self._visit:
            return
        answers: dict[Key, Value] = {(one["segment"], one["question"]): one["value"] for one in entry["answers"] if one["value"] is not None}
        self._set(entry=entry, answers=answers, answered=entry["answered"])
        uids = self._wanted()
        scene = self._scene
        self._own = [uid for uid in uids if scene is None or not scene.has(uid)]
        self._ahead.prepare(entry["entry"], uids, partial(self._load, visit, uids), partial(self._entry_failed, visit))

    def _wanted(self) -> list[str]:
        """What is loaded of the entry; of more than a scene is to take at once what is judged, and the first of the others."""
        entry = self.state.entry
        series = entry["series"] if entry is not None else ()
        wanted = [one for one in series if not (self.state.is_blinded and one["Modality"] in _SAID_BY_MAKERS)]
        judged = [one for one in wanted if one["Modality"] in _CLASS_OF]
        others = [one for one in wanted if one["Modality"] not in _CLASS_OF]
        # At least one image.
        judged = judged[: MAX_LOADED_SERIES - min(1, len(others))]
        kept = {one["SeriesInstanceUID"] for one in [*judged, *others[: MAX_LOADED_SERIES - len(judged)]]}
        self._left_out = len(wanted) - len(kept)
        return [one["SeriesInstanceUID"] for one in wanted if one["SeriesInstanceUID"] in kept]

    def _load(self, visit: int, uids: Sequence[str]) -> None:
        if visit != self._visit:
            return
        entry = self.state.entry
        if self._ahead.all_here and entry is not None:
            loading = self._downloads.load_quietly([load_request(one) for one in entry["series"] if one["SeriesInstanceUID"] in uids])
        else:
            loading = self._downloads.start_quietly({"selections": [{"level": "series", "ids": list(uids)}]}, True)
        self._loading = loading
        self._ahead.follow(self.state.number, loading)
        loading.changed.connect(partial(self._progressed, loading))
        loading.ended.connect(partial(self._loaded, loading))

    def _progressed(self, loading: DownloadBase) -> None:
        """Without names of series, which may say who made them."""
        if loading is not self._loading or self.state.phase is not Phase.FETCHING:
            return
        row = loading.row
        if row.phase is DownloadPhase.NO_DISK_SPACE:
            text = _("The disk is full. The entry is fetched when there is space.")
        elif row.phase is DownloadPhase.RUNNING and row.fraction is not None:
            text = _("Fetching: {percent} %").format(percent=int(100 * row.fraction))
        else:
            text = _("Loading...")
        self._set(text=text)

    def _loaded(self, loading: DownloadBase, message: Message) -> None:
        if loading is not self._loading:
            return
        self._loading = None
        if not any(result.node_ids for result in loading.documents.get("load", ())):
            self._set(phase=Phase.FAILED, text=message.text)
            return
        texts = ["" if message.kind is Kind.SUCCESS else message.text, self._left_out_text()]
        self._show_corrected(" ".join(text for text in texts if text))

    def _left_out_text(self) -> str:
        if not self._left_out:
            return ""
        text = _("The entry has {count} series more than are loaded at once ({limit}). A list of images or studies has smaller entries.")
        return text.format(count=f"{self._left_out:,}", limit=MAX_LOADED_SERIES)

    def _show_corrected(self, text: str) -> None:
        """What the reader has corrected before takes the place of the original; of what the user has loaded nothing is changed."""
        entry, scene, visit = self.state.entry, self._scene, self._visit
        if scene is not None and self.state.is_blinded:
            # Before anything that takes time.
            scene.blind(self._modalities(), self._own)
        saved = {one["series_uid"]: one["path"] for one in entry["corrections"]} if entry is not None else {}
        sources = scene.sources([uid for uid in self._own if uid in saved]) if scene is not None else ()

        def done(problems: Sequence[str]) -> None:
            if visit == self._visit:
                self._set(phase=Phase.SHOWN, text=" ".join([*([text] if text else []), *problems]))
                self._show()

        if scene is None or not sources:
            done(())
        else:
            self._set(text=_("Loading your corrections..."))
            self._saved.show(scene, [(source, saved[source.series_uid]) for source in sources], done)

    def _show(self) -> None:
        scene = self._scene
        self._since = self._clock() if self._in_front else None
        segments: list[api.Segment] = []
        if scene is not None:
            modalities = self._modalities()
            if self._arrangement is not None:
                scene.arrange(self._arrangement, modalities)
            sources = scene.sources(modalities)
            self._stamps = {source.node_id: scene.stamp(source.node_id) for source in sources}
            self._take_segments(sources)
            segments = [one for source in sources for one in _seen(source, scene.image_series(source.node_id))]
        self._remember(segments)
        self._ahead.look_ahead(self.state.number)
        self.shown.emit()

    def _take_segments(self, sources: Sequence[SourceRow]) -> None:
        choices = tuple(
            SegmentChoice(
                segment_key(source.instance_uid, one.number, one.name),
                one.node_id,
                one.segment_id,
                one.name,
                one.code,
                source.short_name if len(sources) > 1 else "",
                one.color,
            )
            for source in sources
            for one in source.segments
        )
        # The one that was judged last in the entry before, wherever it stands in this one.
        like = next((one.key for one in choices if (one.code or one.name) == self._former_segment), choices[0].key if choices else "")
        self._set(segments=choices, segment=like)
        unanswered = [key for key in digits_of(self.state) if key not in self.state.answers]
        # What is asked of the entry comes first, then what is asked of that segment.
        first = [key for key in unanswered if not key[0]] or [key for key in unanswered if key[0] == like] or unanswered
        self._set(active=first[0] if first else None)

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
        """What this list loaded leaves the scene; how it was shown is kept for the next entry."""
        if self._loading is not None:
            loading, self._loading = self._loading, None
            loading.cancel()
        scene = self._scene
        if scene is not None and self._own:
            if self.state.phase is Phase.SHOWN:
                self._arrangement = scene.arrangement(self._modalities(), self._arrangement or Arrangement())
            scene.remove(self._own)
        self._own, self._stamps = [], {}

    def _changed_sources(self) -> list[Changed]:
        scene = self._scene
        if scene is None or scene.correct is None:
            return []
        now = scene.sources(self._modalities())
        changed = [source for source in now if source.node_id in self._stamps and scene.stamp(source.node_id) != self._stamps[source.node_id]]
        return [Changed(self.state.reader, self.state.number, source) for source in changed]

    def _modalities(self) -> dict[str, str]:
        entry = self.state.entry
        return {one["SeriesInstanceUID"]: one["Modality"] for one in entry["series"]} if entry is not None else {}

    def _entry_failed(self, visit: int, error: IDCBrowserError) -> None:
        if visit == self._visit:
            self._set(phase=Phase.FAILED, text=str(error))

    def _next_found(self, answer: api.Next) -> None:
        if answer["entry"] is None:
            self.said.emit(Message(Kind.SUCCESS, _("Every entry has answers of {reader}.").format(reader=self.state.reader)))
        else:
            self.go_to(answer["entry"])

    # Inside: answers and time

    def _kept(self, answer: api.Progress) -> None:
        self._set(answered=answer["answered"])

    def _not_kept(self, number: int, key: Key, value: Value | None, before: Value | None, error: IDCBrowserError) -> None:
        """The page shows what is in the file: other answers, and one that was given to the same question since, stay."""
        answers = dict(self.state.answers)
        if self.state.number == number and answers.get(key) == (None if value == "" else value):
            answers.pop(key, None)
            self._set(answers=answers if before is None else {**answers, key: before})
        self._tell(error)

    def _follow_active(self, before: Key | None) -> None:
        """The last question of a segment was answered: the next segment comes into sight."""
        active = self.state.active
        if active is not None and active != before and active[0] and active[0] != self.state.segment:
            self._turn_to(active[0])

    def _asked_after(self, key: Key) -> Key:
        """The next question; behind those of the entry the ones of the segment that somebody chose to judge."""
        keys = digits_of(self.state)
        after = following(keys, key)
        chosen = [one for one in keys if one[0] == self.state.segment] if self._former_segment else []
        return chosen[0] if chosen and after[0] and not key[0] else after

    def _spend(self) -> None:
        """Time is written whenever something else is, so that a crash costs little of it."""
        if self._since is None or self.state.entry is None or not self.state.reader:
            return
        now = self._clock()
        seconds, self._since = now - self._since, now
        if seconds > 0:
            self._client.ask(api.SPENT({"reader": self.state.reader, "entry": self.state.number, "seconds": seconds}), None, self._tell)

    def _exported(self, answer: api.Exported) -> None:
        written = answer["files"][0] if len(answer["files"]) == 1 else _("{count} files").format(count=len(answer["files"]))
        text = _("Written: {what}, {count} answers.").format(what=written, count=f"{answer['answers']:,}")
        self.said.emit(Message(Kind.WARNING if answer["warnings"] else Kind.SUCCESS, " ".join([text, *answer["warnings"]])))

    def _note_changed(self) -> None:
        self._set(note=self._ahead.note)

    def _tell(self, error: IDCBrowserError) -> None:
        self.said.emit(Message(Kind.ERROR, str(error)))

    def _set(self, **changes: Any) -> None:
        self._set_state(replace(self.state, **changes))

    def _set_state(self, state: ReviewState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()


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
