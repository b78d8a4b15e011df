"""Addresses of the portal, and what the engine says of itself and of the network, behind its methods."""

from __future__ import annotations

from helpers.answer import Handlers, answer
from IDCBrowserLib.api import diagnostics, network
from IDCBrowserLib.api import sharing as api
from IDCBrowserLib.errors import InputError

LINK = "https://portal.imaging.datacommons.cancer.gov/explore/filters/?Modality=CT"


class FakeSharing:
    """An address can hold Modality alone."""

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(api.LINK, self.link),
            **answer(api.OPEN_LINK, self.open_link),
            **answer(network.SET_NETWORK, lambda _params: {}),
            **answer(network.CHECK_BUNDLE, lambda _params: {}),
            **answer(diagnostics.ECHO, lambda params: params),
            **answer(diagnostics.INFO, lambda _params: _INFO),
        }

    @staticmethod
    def link(params: api.LinkParameters) -> api.Link:
        notes = ["The slider leaves out its end."] if "SliceThickness" in params["filters"] else []
        return {"url": LINK, "left_out": [name for name in params["filters"] if name not in ("Modality", "SliceThickness")], "notes": notes}

    @staticmethod
    def open_link(params: api.OpenLinkParameters) -> api.Opened:
        if "/collections/" in params["url"]:
            return {"filters": {}, "ids": [], "collections": ["brains"]}
        if "viewer" in params["url"]:
            return {"filters": {}, "ids": ["1.2.3"], "collections": []}
        if "Modality" not in params["url"]:
            raise InputError("The address cannot be applied: it is odd.")
        return {"filters": {"Modality": ["CT"]}, "ids": [], "collections": []}


_INFO: diagnostics.Info = {
    "pid": 1,
    "python": "3.12.0",
    "version": "fake",
    "exchange_folder": "/nowhere",
    "handles": {"views": 0, "plans": 0, "results": 0, "inventories": 0, "downloads": 0},
}
