"""The state of the engine process: open catalog, plans and results by handle, network settings, folder of exchanged arrays."""

from __future__ import annotations

import itertools
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from IDCBrowserLib.engine.exchange import ExchangeFolder, take_room
from IDCBrowserLib.engine.frame_files import FrameFiles
from IDCBrowserLib.engine.handles import Handles
from IDCBrowserLib.engine.last_images import LastImages
from IDCBrowserLib.engine.last_opened import LastOpened
from IDCBrowserLib.engine.latest_inventory import LatestInventory
from IDCBrowserLib.engine.query_results import QueryResult
from IDCBrowserLib.engine.recent import Recent
from IDCBrowserLib.engine.transfers import Transfers
from IDCBrowserLib.errors import CatalogError, InputError, StorageError
from IDCBrowserLib.network import Network

if TYPE_CHECKING:
    from IDCBrowserLib.api.diagnostics import Handles as Kept
    from IDCBrowserLib.api.selection import Picked
    from IDCBrowserLib.api.values import Selection
    from IDCBrowserLib.api.working_set import Rows
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.catalog.origin_table import OriginTable
    from IDCBrowserLib.catalog.told_relations import Told
    from IDCBrowserLib.labelmap.seg.some_segments import SegHead
    from IDCBrowserLib.preview.slide_windows import SlideWindows
    from IDCBrowserLib.report.view import MeasurementTable
    from IDCBrowserLib.review.desk import Desk
    from IDCBrowserLib.selection.cart import Cart
    from IDCBrowserLib.selection.plan import Plan, Unresolved
    from IDCBrowserLib.slide.segment_levels import SegmentLevels
    from IDCBrowserLib.volume.first_slices import FirstSlices

# A plan of a million series takes a gigabyte.
_MAX_PLANS = 8
_MAX_PLANNED_SERIES = 1_500_000
_MAX_RESULTS = 3
_MAX_STACKS = 2
_MAX_FIRST_SLICES = 2
# Several may lie over one slide.
_MAX_SLIDE_SEGMENTS = 4
_MAX_SEG_HEADS = 2


class Config(TypedDict, total=False):
    """What the host starts the engine with: further files of the catalog, a folder for exchanged arrays, whether to log much."""

    catalog_sources: list[str]
    exchange_folder: str
    debug: bool


class EngineState:
    """Made once by the child. Keeps ``plans``, ``results`` of queries, ``latest_inventory`` (of what lies on the disk) and ``transfers``.

    ``network`` is for everything that fetches, ``limit_rate`` (bytes per second, 0 for none) for downloads; ``engine.set_network`` sets both.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self._lock = threading.Lock()
        self._catalog: Catalog | None = None
        self._cart: Cart | None = None
        self.release_problem = ""
        self._notes: list[str] = []
        self.transfers = Transfers()
        self.network = Network()
        self.limit_rate = 0.0
        # Set when the program ends: what is canceled then is to be offered again.
        self.closing = False
        self.results: Handles[QueryResult] = Handles(_MAX_RESULTS, "This result is no longer available. Run the query again.")
        self.plans: Handles[Plan] = Handles(_MAX_PLANS, "This plan is no longer available. Select the series again.", _MAX_PLANNED_SERIES)
        self.tables: Handles[MeasurementTable] = Handles(_MAX_RESULTS, "This report is no longer open. Load it again.")
        self.stacks: Handles[FrameFiles] = Handles(
            _MAX_STACKS, "These images are no longer open. Select the series again.", gone_with=FrameFiles.remove
        )
        self.first_slices: Handles[FirstSlices] = Handles(
            _MAX_FIRST_SLICES, "These slices are no longer looked at.", gone_with=lambda slices: slices.remove()
        )
        self.slide_windows: Recent[SlideWindows] = Recent(_MAX_STACKS)
        self.slide_segments: Recent[tuple[list[SegmentLevels], list[str]]] = Recent(_MAX_SLIDE_SEGMENTS)
        # Of files in buckets: megabytes each, of which segments are chosen after they were listed, and more of them later.
        self.seg_heads: Recent[SegHead | None] = Recent(_MAX_SEG_HEADS)
        # What objects refer to, by crdc_series_uuid: what was read once is not fetched again.
        self.told: dict[str, Told] = {}
        # What the sources of working sets name in vain, by the number of the set.
        self.sets: dict[int, list[Unresolved]] = {}
        self.latest_inventory = LatestInventory()
        self._desk: Desk | None = None
        self.last_opened = LastOpened()
        self.last_images = LastImages()
        self._numbers = itertools.count(1)
        # Large results are files: a raw array that the host maps, in a folder that goes when the engine goes.
        self._exchange = None if config.get("exchange_folder") else ExchangeFolder()
        self.exchange_folder = self._exchange.path if self._exchange is not None else Path(config["exchange_folder"])

    def put_right(self) -> None:
        """What a killed program left half done."""
        from IDCBrowserLib.transfer.folders.journal import move_record_path

        if move_record_path().exists():
            from IDCBrowserLib.store.move_record import put_right

            self._notes.append(put_right())

    def take_notes(self) -> list[str]:
        """What was put right, once."""
        notes, self._notes = [note for note in self._notes if note], []
        return notes

    def catalog(self) -> Catalog:
        """The catalog, opened at the first question."""
        with self._lock:
            if self._catalog is None:
                self._catalog, self.release_problem = self._open_catalog()
            return self._catalog

    def reopen_catalog(self) -> Catalog:
        """Another catalog, of the files that are to be used now; views of the former are no longer open."""
        opened, problem = self._open_catalog()
        with self._lock:
            former, self._catalog, self.release_problem = self._catalog, opened, problem
            self.sets.clear()
        if former is not None:
            former.close()
        return opened

    def origin_table(self) -> OriginTable | None:
        """The small table that answers where series are from; None where only the catalog knows."""
        from IDCBrowserLib.catalog.files.sources import find_sources
        from IDCBrowserLib.catalog.origin_table import open_table

        if self.config.get("catalog_sources"):
            return None
        return open_table(find_sources())

    def write_origin_table(self) -> None:
        """Make it of a catalog that is open. Without it everything goes on as before."""
        if self._catalog is not None and not self.config.get("catalog_sources"):
            with suppress(CatalogError, StorageError, OSError):
                if self.origin_table() is None:
                    self._catalog.write_origins()

    def _open_catalog(self) -> tuple[Catalog, str]:
        """The catalog; that of the installed package, and why, when a release that was fetched turns out to be damaged."""
        from IDCBrowserLib.catalog.catalog import Catalog
        from IDCBrowserLib.catalog.files import release
        from IDCBrowserLib.catalog.files.sources import find_sources

        extra = [Path(path) for path in self.config.get("catalog_sources", [])]
        sources = find_sources()
        try:
            return Catalog(extra, sources), "" if sources.bundled_version else release.problem(sources.data_version)
        except CatalogError as error:
            if not sources.bundled_version:
                raise
            return Catalog(extra, find_sources(bundled=True)), str(error)

    def cart(self) -> Cart:
        """The cart, read from the disk at the first question."""
        from IDCBrowserLib import paths
        from IDCBrowserLib.selection.cart import Cart

        with self._lock:
            if self._cart is None:
                self._cart = Cart(paths.data_folder() / "cart.json")
            return self._cart

    def picked(self, params: Picked) -> list[Selection]:
        """Rows, and what is in the cart."""
        return [*(params.get("selections") or []), *(self.cart().state.selections() if params.get("cart") else [])]

    def rows_of(self, rows: Rows) -> Selection:
        """What rows of a result name."""
        level, ids = self.results.get(rows["view"]).ids(rows["ranges"])
        return {"level": level, "ids": ids}

    @property
    def desk(self) -> Desk:
        """The review list that is open."""
        from IDCBrowserLib.review.desk import Desk

        with self._lock:
            if self._desk is None:
                self._desk = Desk()
            return self._desk

    def handles(self) -> Kept:
        """How much is kept for the host."""
        return {
            "views": 0 if self._catalog is None else self._catalog.open_views,
            "plans": len(self.plans),
            "results": len(self.results),
            "inventories": int(self.latest_inventory.has_inventory),
            "downloads": len(self.transfers),
        }

    def new_array_path(self) -> Path:
        """A file name in the exchange folder that nobody has."""
        return self.exchange_folder / f"{next(self._numbers)}.raw"

    def new_zeros(self, size: int, times: int = 1) -> Path:
        """Such a file of so many bytes, to be mapped and written; see ``take_room``. Raises ``StorageError``."""
        path = self.new_array_path()
        take_room(path, size, times)
        return path

    def own_array(self, path: str) -> Path:
        """One of those files. Raises ``InputError`` for any other."""
        own = Path(path)
        if own.parent != self.exchange_folder or own.suffix != ".raw" or own.is_symlink() or not own.is_file():
            raise InputError(f"{path} is not an array of this engine. Load the series again.")
        return own

    def close(self) -> None:
        """Remove the exchange folder, let go of downloads that have not ended, and close the catalog."""
        self.transfers.release()
        self.latest_inventory.close()
        if self._desk is not None:
            self._desk.close({})
        if self._catalog is not None:
            self._catalog.close()
        if self._exchange is not None:
            self._exchange.close()
