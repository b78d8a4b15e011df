"""What panels and loading need from the program they run in. One implementation per host, one fake in ``Testing/helpers``.

Everything here is called in the host's main thread and returns at once; results come through callbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from IDCBrowserLib.api.first_slices import Shown
from IDCBrowserLib.api.labelmap import DrawnOn
from IDCBrowserLib.api.preview import SeriesParameters
from IDCBrowserLib.api.storage import Chosen, Moved, Removed
from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.api.values import Folders
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress

OnError = Callable[[IDCBrowserError], object]
OnProgress = Callable[[Progress], object]


class Cancellable(Protocol):
    """Work under way."""

    def cancel(self) -> None:
        """Stop it; its callbacks are not called any more."""


class SeriesStatus(str, Enum):
    """Where a series is, computed from disk and database together."""

    ABSENT = "absent"
    PARTIAL = "partial"
    ON_DISK = "on disk"
    IN_DATABASE = "in database"
    OUTDATED = "older version"


class Capability(str, Enum):
    """What a host may be unable to do; the panel then disables the control and says why."""

    SHOW_VIEWS = "show views"
    OPEN_LINKS = "open links"
    CHOOSE_FOLDER = "choose folder"


class DicomStore(Protocol):
    """The DICOM database of the host: Slicer's own, or the one that the engine keeps for the standalone program."""

    def engine_database(self) -> str:
        """Its folder when the engine writes it, so that series enter it while a download goes on; "" when only ``import_files`` can."""

    def prepare(self) -> None:
        """The user begins something that will add to it: a host may make its usual database where there is none. Never fails."""

    def import_files(
        self, files: Sequence[str], on_done: Callable[[ImportCounts], object], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """Add files without copying them."""

    def series_status(self, series_uids: Sequence[str], on_done: Callable[[Mapping[str, SeriesStatus]], object], on_error: OnError) -> Cancellable:
        """Status per SeriesInstanceUID."""

    def series_files(self, series_uid: str, on_done: Callable[[Sequence[str]], object], on_error: OnError) -> Cancellable:
        """Paths of the instances of a series in the database; empty when it is not there."""

    def folders(self) -> Folders:
        """Where downloads go, and the folder of the database; as parameters of the engine's methods."""

    def remove(self, chosen: Chosen, on_done: Callable[[Removed], object], on_error: OnError, on_progress: OnProgress) -> Cancellable:
        """Forget series and delete their downloaded files.

        Cancelling tells: ``on_error`` gets a ``CancelledError``, or ``on_done`` what had been done already.
        """

    def move(self, to: str, keep_free: int, on_done: Callable[[Moved], object], on_error: OnError, on_progress: OnProgress) -> Cancellable:
        """Move the download folder; the database follows, the setting does not. ``keep_free`` bytes of another disk stay free.

        Cancelling tells, as for ``remove``.
        """


@dataclass(frozen=True)
class ChosenSegments:
    """Segments of a SEG by their ``numbers``, which need not be downloaded; ``parameters``, ``drawn_on`` and ``on_slide`` as of ``api.segments``."""

    parameters: SeriesParameters
    numbers: tuple[int, ...]
    drawn_on: DrawnOn
    on_slide: bool = False


@dataclass(frozen=True)
class LoadRequest:
    """A series to show. ``modality`` and ``sop_class_uid`` as the catalog or the database states them; only the ``chosen`` segments of a SEG."""

    series_uid: str
    study_uid: str = ""
    patient_id: str = ""
    modality: str = ""
    sop_class_uid: str = ""
    description: str = ""
    chosen: ChosenSegments | None = None


@dataclass(frozen=True)
class LoadResult:
    """What came of one series: MRML node ids, or an error sentence; ``warnings`` for the user; ``report`` is JSON-able (voxels per segment).

    ``texts`` are files of it that are read instead of looked at (reports, plans, documents).
    """

    series_uid: str
    node_ids: tuple[str, ...] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()
    report: Mapping[str, Any] | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ViewPlace:
    """Where something was measured: a segment of a segmentation series, or ``points`` (LPS, mm) on an image series, which may be an outline that is
    ``closed``; with neither the whole image series. Empty where it is not known.
    """

    name: str
    image_series_uid: str = ""
    segmentation_series_uid: str = ""
    segment_number: int | None = None
    points: tuple[tuple[float, float, float], ...] = ()
    closed: bool = False


class SeriesLoader(Protocol):
    """Puts series from the database into the scene: images first, then what refers to them."""

    def load(self, requests: Sequence[LoadRequest], on_done: Callable[[Sequence[LoadResult]], object], on_progress: OnProgress) -> Cancellable:
        """Load all; one failing series is a ``LoadResult`` with ``error`` and does not stop the rest."""

    def read_ahead(self, entries: Sequence[Sequence[LoadRequest]]) -> None:
        """One of these may be loaded next, the first most likely: read as much as memory allows, so that it is quick, and keep it until others
        are named."""

    @property
    def loaded_changed(self) -> Signal[[]]:
        """Tells that ``loaded_series`` are others: something was loaded, or removed from the scene."""

    def views_are_free(self) -> bool:
        """Whether nothing is in the scene that somebody may be looking at."""

    def show_first_slices(self, shown: Shown) -> bool:
        """Show what has come of a series that is still downloaded, at first or again; False where the views do not show it any more.

        It is no part of the scene that is saved, chosen or listed, and ends with ``hide_first_slices``.
        """

    def hide_first_slices(self) -> None:
        """Take it away, if it is there."""

    def loaded_series(self) -> frozenset[str]:
        """Series Instance UIDs of what is in the scene, whoever brought it there."""

    def show_series(self, series_uid: str) -> bool:
        """Bring a series of the scene into the views; False when it is not there."""

    def remove_series(self, series_uids: Sequence[str]) -> bool:
        """Take what was loaded of series out of the scene; False when nothing of them is there."""

    def show_place(self, place: ViewPlace) -> str:
        """Bring a place into the middle of the views; gives the SeriesInstanceUID that has to be loaded first, "" where none has."""


@dataclass(frozen=True)
class Segmenter:
    """A module of the host that segments images by itself; ``extension`` is the name by which its Extensions Manager knows it."""

    name: str
    extension: str
    is_here: bool


class Segmenters(Protocol):
    """What the host can segment images with. None of it is started here: the user does that in its own panel."""

    def known(self) -> Sequence[Segmenter]:
        """Also those that would have to be installed; none where the host has no such modules."""

    def hand_over(self, name: str, image_id: str) -> str:
        """Open a module with an image (MRML id) as its input; a sentence about what the user still has to do there, or why it did not open."""

    def get_extension(self) -> bool:
        """Open the place where extensions are installed; False where there is none."""


class NoSegmenters:
    """Of a host without modules."""

    def known(self) -> Sequence[Segmenter]:
        """See ``Segmenters``."""
        return ()

    def hand_over(self, name: str, image_id: str) -> str:
        """See ``Segmenters``."""
        return ""

    def get_extension(self) -> bool:
        """See ``Segmenters``."""
        return False


class Values(Protocol):
    """Texts that somebody has decided."""

    def value(self, key: str, default: str) -> str:
        """The stored text, or ``default``."""


class Settings(Values, Protocol):
    """Values that survive a restart, under ``IDCBrowser/``."""

    def set_value(self, key: str, value: str) -> None:
        """Store a text."""


class Host(Protocol):
    """The program around the panels."""

    @property
    def name(self) -> str:
        """Of the program."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""

    @property
    def key_places(self) -> Sequence[str]:
        """Where it has keys of its own, as of ``ui.widgets.shortcuts``."""

    @property
    def store(self) -> DicomStore:
        """Its DICOM database."""

    @property
    def loader(self) -> SeriesLoader:
        """Puts series into its scene."""

    @property
    def settings(self) -> Settings:
        """What it remembers."""

    @property
    def segmenters(self) -> Segmenters:
        """What it can segment images with."""

    def why_not(self, capability: Capability) -> str:
        """A sentence for a disabled control's tool tip."""

    def choose_folder(self, title: str, start: str) -> str:
        """A folder the user picked, or "" when canceled."""

    def choose_open_file(self, title: str, kinds: str) -> str:
        """A file that the user picked, or "" when canceled; ``kinds`` as of ``choose_save_file``."""

    def choose_save_file(self, title: str, start: str, kinds: str) -> str:
        """Where the user wants a file written, or "" when canceled; ``kinds`` as of Qt's file dialog: "CSV (*.csv)"."""

    def open_url(self, url: str) -> None:
        """Show a web page outside this program."""

    def open_file(self, path: str) -> None:
        """Show a file with the system's program for such files."""

    def run_program(self, program: str, arguments: Sequence[str]) -> bool:
        """Start another program, which goes on without this one; False where it cannot be started."""

    def confirm(self, question: str, on_answer: Callable[[bool], None]) -> None:
        """Ask something that only the user can decide; ``on_answer`` is called once, later. Where nobody can be asked the answer is no."""

    @property
    def download_folder(self) -> str:
        """Where downloads go; the user can change it in the settings."""
