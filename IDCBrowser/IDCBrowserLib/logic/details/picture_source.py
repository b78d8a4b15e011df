"""Where pictures of a series come from: files that are here, else the buckets that downloads use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.api.preview import SeriesParameters
from IDCBrowserLib.api.values import Buckets
from IDCBrowserLib.host_interface import Cancellable, Host
from IDCBrowserLib.logic.downloads.download import DownloadParameters


class PictureSource:
    """``ask(uid, then)`` calls ``then`` with what the methods of ``api.preview`` take."""

    def __init__(self, host: Host, options: DownloadParameters) -> None:
        self._host = host
        self._options = options

    def ask(self, uid: str, then: Callable[[SeriesParameters], None]) -> Cancellable:
        """The files that are here make the network unnecessary."""
        return self._host.store.series_files(uid, lambda files: then(self._parameters(uid, files)), lambda _error: then(self._parameters(uid, ())))

    def _parameters(self, uid: str, files: Sequence[str]) -> SeriesParameters:
        return {**self.buckets(), "series": uid, "files": list(files), "folder": self._host.download_folder}

    def buckets(self) -> Buckets:
        """Those that downloads use."""
        options, buckets = self._options.parameters(), Buckets()
        if "endpoint_url" in options:
            buckets["endpoint_url"] = options["endpoint_url"]
        if "provider" in options:
            buckets["provider"] = options["provider"]
        return buckets
