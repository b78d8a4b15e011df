"""After loading: license, DOI and version of what came from IDC, as attributes of its nodes."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.api.catalog import PROVENANCE, Provenances, SeriesFolder
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.steps import Work
from IDCBrowserLib.idc_keys import idc_keys
from IDCBrowserLib.scene.provenance import nodes_of_series, state_origin

if TYPE_CHECKING:
    from slicer import vtkMRMLScene

logger = logging.getLogger(__name__)


class Origin:
    """Remembers the folders of the series that are being loaded."""

    def __init__(self, scene: vtkMRMLScene, engine: Engine) -> None:
        self._scene = scene
        self._engine = engine
        self._series: list[SeriesFolder] = []

    def remember(self, series_uid: str, files: Sequence[str]) -> None:
        """A series whose nodes are about to be made."""
        self._series.append({"SeriesInstanceUID": series_uid, "folder": os.path.dirname(files[0])})

    def mark_nodes(self) -> Work[None]:
        """Ask the index once for all of them. Nodes are of use without: what fails goes to the log."""
        series, self._series = self._series, []
        if not series:
            return
        try:
            answer: Provenances = yield lambda done, fail: self._engine.ask(PROVENANCE({"series": series}), done, fail)
        except IDCBrowserError as error:
            logger.warning("Where the series come from is not on their nodes: %s", error)
            return
        for provenance in answer["series"]:
            for node in nodes_of_series(self._scene, provenance["SeriesInstanceUID"]):
                state_origin(node, idc_keys(provenance))
