"""What the engine can be asked. Each function takes the engine's state, the parameters of the request and its task.

The modules are imported at the first request for them, so that an engine that only browses never loads pydicom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from IDCBrowserLib.engine.precedence import Rank
from IDCBrowserLib.errors import EngineError
from IDCBrowserLib.task import Task

Function = Callable[[Any, dict[str, Any], Task], Any]


@dataclass(frozen=True)
class Method:
    """Where a method's function lives, which lane runs it, and where it stands among questions about the catalog.

    Lanes run side by side, the requests of one lane in turn, except that each "transfer" has one of its own: "query" answers while transfers and
    some "work" go on. Of two lanes, the one whose question has the higher ``rank`` goes first; those without one neither wait nor keep others
    waiting. A lane has no two ranks: what waits would hold up what others wait for.
    """

    module: str
    function: str
    lane: str
    rank: Rank | None = None

    def load(self) -> Function:
        """Import the module and give the function."""
        function: Function = getattr(import_module(f"IDCBrowserLib.engine.methods.{self.module}"), self.function)
        return function


METHODS: dict[str, Method] = {
    "engine.echo": Method("diagnostics", "echo", "query"),
    "engine.info": Method("diagnostics", "info", "query"),
    "engine.set_network": Method("network", "set_network", "control"),
    "engine.check_bundle": Method("network", "check_bundle", "control"),
    "catalog.info": Method("catalog", "info", "query"),
    "catalog.view": Method("catalog", "view", "query", Rank.NEXT),
    "catalog.page": Method("catalog", "page", "query", Rank.NEXT),
    "catalog.row_of": Method("catalog", "row_of", "query", Rank.NEXT),
    "catalog.rows": Method("catalog", "rows", "query", Rank.NEXT),
    "catalog.save_table": Method("catalog", "save_table", "file"),
    "catalog.close_view": Method("catalog", "close_view", "aside", Rank.LATER),
    "catalog.details": Method("catalog", "details", "aside", Rank.LATER),
    "catalog.search": Method("catalog", "search", "search", Rank.FIRST),
    "catalog.identify": Method("finding", "identify", "query"),
    "catalog.locate": Method("finding", "locate", "query"),
    "catalog.facets": Method("catalog", "facets", "facets", Rank.FIRST),
    "catalog.facet_details": Method("catalog", "facet_details", "facet details", Rank.NEXT),
    "catalog.related": Method("catalog", "related", "aside", Rank.LATER),
    "catalog.side_indices": Method("catalog", "side_indices", "query"),
    "sharing.link": Method("sharing", "link", "query"),
    "sharing.open_link": Method("sharing", "open_link", "facets"),
    "expert.tables": Method("expert", "tables", "expert"),
    "expert.run": Method("expert", "run", "expert"),
    "expert.page": Method("expert", "page", "expert rows"),
    "expert.sort": Method("expert", "sort", "expert rows"),
    "expert.ids": Method("expert", "ids", "expert rows"),
    "expert.save": Method("expert", "save", "expert rows"),
    "catalog.fetch_side_index": Method("catalog", "fetch_side_index", "index"),
    "catalog.side_index_bytes": Method("releases", "side_index_bytes", "index"),
    "catalog.remove_side_index": Method("releases", "remove_side_index", "index"),
    "catalog.check_release": Method("releases", "check_release", "index"),
    "catalog.update_release": Method("releases", "update_release", "index"),
    "catalog.use_bundled_release": Method("releases", "use_bundled_release", "index"),
    "selection.summary": Method("selection", "summary", "aside", Rank.LATER),
    "selection.plan": Method("selection", "plan", "work"),
    "selection.cite": Method("selection", "cite", "work"),
    "selection.export": Method("selection", "export", "work"),
    "selection.unresolved": Method("selection", "unresolved", "query"),
    "selection.export_unresolved": Method("selection", "export_unresolved", "work"),
    "cart.add": Method("cart", "add", "query"),
    "cart.remove": Method("cart", "remove", "query"),
    "cart.list": Method("cart", "contents", "query"),
    "cart.groups": Method("cart", "groups", "query"),
    "cart.rows": Method("cart", "rows", "query"),
    "cart.clear": Method("cart", "clear", "query"),
    "cart.undo": Method("cart", "undo", "query"),
    "cart.presets": Method("cart", "presets", "query"),
    "transfer.download": Method("transfer", "download", "transfer"),
    "transfer.pause": Method("transfer", "pause", "control"),
    "transfer.resume": Method("transfer", "resume", "control"),
    "transfer.cancel_series": Method("transfer", "cancel_series", "control"),
    "transfer.enqueue": Method("downloads", "enqueue", "downloads"),
    "transfer.unfinished": Method("downloads", "unfinished", "downloads"),
    "transfer.forget": Method("downloads", "forget", "downloads"),
    "transfer.arrange": Method("downloads", "arrange", "downloads"),
    "transfer.series": Method("downloads", "series", "downloads"),
    "transfer.room": Method("downloads", "room", "downloads"),
    "transfer.export": Method("downloads", "export", "downloads"),
    "store.import": Method("store", "import_files", "store"),
    "store.series_status": Method("store", "series_status", "status", Rank.LATER),
    "store.study_status": Method("store", "study_status", "status", Rank.LATER),
    "store.series_files": Method("store", "series_files", "query"),
    "store.series_below": Method("store", "series_below", "query"),
    "store.inventory": Method("storage", "inventory", "storage"),
    "store.inventory_rows": Method("storage", "rows", "query"),
    "store.not_imported": Method("storage", "not_imported", "query"),
    "store.removal": Method("storage", "removal", "storage"),
    "store.rows_of": Method("storage", "rows_of", "storage"),
    "store.remove": Method("storage", "remove", "store"),
    "store.clean": Method("storage", "clean", "store"),
    "store.move_check": Method("storage", "move_check", "storage"),
    "store.move": Method("storage", "move", "store"),
    "store.move_end": Method("storage", "move_end", "store"),
    "volume.read": Method("volume", "read", "work"),
    "volume.memory": Method("volume", "memory", "work"),
    "clinical.case": Method("clinical", "case", "clinical", Rank.LATER),
    "clinical.fetch": Method("clinical", "fetch", "clinical fetch"),
    "preview.series": Method("preview", "series", "preview", Rank.LATER),
    "labelmap.describe": Method("labelmap", "describe", "work"),
    "labelmap.convert": Method("labelmap", "convert", "work"),
    "labelmap.contours": Method("labelmap", "contours", "work"),
}


def find(name: str) -> Method:
    """The method of that name; raises ``EngineError`` for an unknown one."""
    try:
        return METHODS[name]
    except KeyError:
        raise EngineError(f"The engine has no method {name!r}.") from None
