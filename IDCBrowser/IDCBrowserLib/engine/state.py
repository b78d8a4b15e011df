"""What lives as long as the engine process: the open catalog, plans by handle, how to reach the network, the folder of exchanged arrays."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.engine.query_results import QueryResults
from IDCBrowserLib.engine.stored import Stored
from IDCBrowserLib.engine.transfers import Transfers
from IDCBrowserLib.errors import CatalogError, NotFoundError
from IDCBrowserLib.network import Network

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.selection.cart import Cart


class EngineState:
    """Made once by the child. ``config`` is the JSON object the host started it with (``catalog_sources``, ``exchange_folder``).

    ``network`` is for everything that fetches, ``limit_rate`` (bytes per second, 0 for none) for downloads; ``engine.set_network`` sets both.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self._lock = threading.Lock()
        self._catalog: Catalog | None = None
        self._cart: Cart | None = None
        self.release_problem = ""
        self.transfers = Transfers()
        self.network = Network()
        self.limit_rate = 0.0
        # Set when the program ends: what is cancelled then is to be offered again.
        self.closing = False
        self.query_results = QueryResults()
        self.stored = Stored()
        self._plans: dict[int, Any] = {}
        self._numbers = itertools.count(1)
        # Large results are files: a raw array that the host maps, in a folder that goes when the engine goes.
        self._owns_folder = "exchange_folder" not in config
        self.exchange_folder = Path(config.get("exchange_folder") or tempfile.mkdtemp(prefix="idc-browser-"))

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
        if former is not None:
            former.close()
        return opened

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

    def keep_plan(self, plan: Any) -> int:
        """A handle for a plan; the host names it in later requests instead of sending it back."""
        number = next(self._numbers)
        self._plans[number] = plan
        return number

    def plan(self, handle: int) -> Any:
        """The plan of a handle; raises ``NotFoundError`` after an engine restart, when the host has to plan again."""
        try:
            return self._plans[handle]
        except KeyError:
            raise NotFoundError("This plan is no longer known; plan the selection again.") from None

    def new_array_path(self) -> Path:
        """A file name in the exchange folder that nobody has."""
        return self.exchange_folder / f"{next(self._numbers)}.raw"

    def close(self) -> None:
        """Remove the exchange folder, let go of downloads that have not ended, and close the catalog."""
        self.transfers.release()
        if self._catalog is not None:
            self._catalog.close()
        if self._owns_folder:
            shutil.rmtree(self.exchange_folder, ignore_errors=True)
