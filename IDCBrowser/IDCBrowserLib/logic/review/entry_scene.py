"""The scene as a review list uses it: what the list has loaded, how it was arranged, what the reader has changed in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import DicomStore
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.review.corrections import Changed, Corrections
from IDCBrowserLib.logic.review.review_scene import ReviewScene
from IDCBrowserLib.logic.review.saved_corrections import SavedCorrections
from IDCBrowserLib.logic.review.state import CurrentState, Phase
from IDCBrowserLib.scene.arrangement import Arrangement
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.signal import Signal


class EntryScene:
    """``attach`` gives it the scene as soon as there is one; without one it does nothing. Per entry: ``take``, ``show_corrections``, ``arrange``,
    and ``after_saving`` with ``take_out`` to leave it.
    """

    def __init__(self, client: EngineClient, store: DicomStore, defer: Defer, current: CurrentState) -> None:
        self._current = current
        self._corrections = Corrections(client, store, defer)
        self._saved = SavedCorrections(client, store)
        self._scene: ReviewScene | None = None
        self._arrangement: Arrangement | None = None
        self._stamps: dict[str, int] = {}
        # Series of the entry that this list has put into the scene.
        self._own: list[str] = []
        self._saving: object = None
        # Another number for each entry: what comes late belongs to none.
        self._visit = 0
        # The scene is about to be closed by somebody, or has been.
        self.closing: Signal[[]] = Signal()
        self.closed: Signal[[]] = Signal()

    def attach(self, scene: ReviewScene | None) -> None:
        """The scene of the host, or None before it goes."""
        if self._scene is not None:
            self._scene.close()
        self._scene = scene
        if scene is not None:
            scene.watch_closing(self.closing.emit, self.closed.emit)
        self.hide_makers()
        self._current.set(can_correct=scene is not None and scene.correct is not None)

    def hide_makers(self) -> None:
        """A list was opened or closed."""
        if self._scene is not None:
            self._scene.hide_makers(self._current.value.is_blinded)

    def forget(self) -> None:
        """The list is closed."""
        self._own, self._stamps, self._saving, self._arrangement = [], {}, None, None
        self._visit += 1

    def was_closed(self) -> bool:
        """Forget what was in the scene; gives whether the entry was."""
        had_some = bool(self._own) or bool(self._stamps)
        self._own, self._stamps = [], {}
        return had_some

    def take(self, uids: Sequence[str]) -> None:
        """These series are about to be loaded for the entry."""
        scene = self._scene
        self._own = [uid for uid in uids if scene is None or not scene.has(uid)]

    def show_corrections(self, on_done: Callable[[Sequence[str]], None]) -> None:
        """What the reader has corrected before takes the place of the original; of what the user has loaded nothing is changed.

        ``on_done`` is given a sentence for each that cannot be shown.
        """
        entry, scene, visit = self._current.value.entry, self._scene, self._visit
        if scene is not None and self._current.value.is_blinded:
            # Before anything that takes time.
            scene.blind(self._modalities(), self._own)
        saved = {one["series_uid"]: one["path"] for one in entry["corrections"]} if entry is not None else {}
        sources = scene.sources([uid for uid in self._own if uid in saved]) if scene is not None else ()
        if scene is None or not sources:
            on_done(())
            return
        self._current.set(text=_("Loading your corrections..."))
        shown = [(source, saved[source.series_uid]) for source in sources]
        self._saved.show(scene, shown, lambda problems: on_done(problems) if visit == self._visit else None)

    def arrange(self) -> Sequence[SourceRow]:
        """Show the entry as the former one was shown; returns its segmentations, as they are before the reader changes anything."""
        scene = self._scene
        if scene is None:
            return ()
        self.arrange_again()
        self._tell_apart(scene)
        sources = scene.sources(self._modalities())
        self._stamps = {source.node_id: scene.stamp(source.node_id) for source in sources}
        return sources

    def _tell_apart(self, scene: ReviewScene) -> None:
        """The first time that there are several; from then on they are shown as the reader leaves them."""
        former = self._arrangement
        if (former is None or former.one_color is None) and scene.tell_apart(self._modalities()) and former is not None:
            self._arrangement = replace(former, filled=False, one_color=True)

    def arrange_again(self) -> None:
        """The host has shown what was loaded in its own way."""
        if self._scene is not None and self._arrangement is not None and self._current.value.phase is Phase.SHOWN:
            self._scene.arrange(self._arrangement, self._modalities())

    def turn_views(self) -> None:
        """The host has given the views the planes of an image."""
        if self._scene is not None and self._arrangement is not None and self._own:
            self._scene.turn_views(self._arrangement)

    def look(self, node_id: str, segment_id: str) -> None:
        """Bring a segment into sight."""
        if self._scene is not None:
            self._scene.go_to(node_id, segment_id)

    def correct(self, node_id: str) -> None:
        """Open a segmentation in the host's editor."""
        if self._scene is not None and self._scene.correct is not None:
            self._scene.correct(node_id)

    def image_series(self, node_id: str) -> Sequence[str]:
        """Of the images that a segmentation was drawn on."""
        return self._scene.image_series(node_id) if self._scene is not None else ()

    def take_out(self) -> None:
        """What this list loaded leaves the scene; how it was shown is kept for the next entry."""
        self._visit += 1
        scene = self._scene
        if scene is not None and self._own:
            if self._current.value.phase is Phase.SHOWN:
                self._arrangement = scene.arrangement(self._modalities(), self._arrangement or Arrangement())
            scene.remove(self._own)
        self._own, self._stamps = [], {}

    def keep_changed(self) -> None:
        """What was changed and not written is no longer taken out of the scene."""
        changed = {one.source.series_uid for one in self._changed()}
        self._own = [uid for uid in self._own if uid not in changed]

    def after_saving(self, go_on: Callable[[], object], on_error: Callable[[IDCBrowserError], None]) -> None:
        """What the reader has changed is written first; where that fails the entry stays. Nothing else leaves the entry meanwhile."""
        if self._saving is not None:
            return
        scene, changed = self._scene, self._changed()
        if scene is None or not changed:
            go_on()
            return
        self._saving = saving = object()
        self._current.set(text=_("Saving the corrected segmentation..."))
        stamps = {one.source.node_id: scene.stamp(one.source.node_id) for one in changed}

        def ended(then: Callable[[], object]) -> None:
            # Unless the list was closed meanwhile.
            if self._saving is saving:
                self._saving = None
                if self._current.value.phase is Phase.SHOWN:
                    self._current.set(text="")
                then()

        def saved() -> None:
            self._stamps.update(stamps)
            go_on()

        self._corrections.save(scene, changed, lambda: ended(saved), lambda error: ended(lambda: on_error(error)))

    def _changed(self) -> list[Changed]:
        scene, state = self._scene, self._current.value
        if scene is None or scene.correct is None:
            return []
        now = scene.sources(self._modalities())
        changed = [source for source in now if source.node_id in self._stamps and scene.stamp(source.node_id) != self._stamps[source.node_id]]
        return [Changed(state.reader, state.number, source) for source in changed]

    def _modalities(self) -> dict[str, str]:
        entry = self._current.value.entry
        return {one["SeriesInstanceUID"]: one["Modality"] for one in entry["series"]} if entry is not None else {}
