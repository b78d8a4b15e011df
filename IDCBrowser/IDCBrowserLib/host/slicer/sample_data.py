"""Two small cases of IDC in Slicer's Sample Data module: one with SEG, one with RTSTRUCT.

Signatures (Slicer 5.12, Modules/Scripted/SampleData/SampleData.py): ``registerCustomSampleDataCategory(category, title)``,
``registerCustomSampleDataSource(category, sampleName, ..., customDownloader)``; the downloader is called with its source when its button is clicked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.host.slicer.opening import open_sources
from IDCBrowserLib.i18n import tr as _

if TYPE_CHECKING:
    from SampleData import SampleDataLogic

_CATEGORY = "IDCBrowser"
# Image and what was drawn on it; each is all of its study. C4KC-KiTS and CC-Radiomics-Phantom-3, CC BY 3.0.
KIDNEY = ("1.3.6.1.4.1.14519.5.2.1.6919.4624.111142386261645667677799925469", "1.2.276.0.7230010.3.1.3.0.75563.1588585422.426087")
PHANTOM = (
    "1.3.6.1.4.1.14519.5.2.1.1706.3977.488201664960026150404737888158",
    "1.3.6.1.4.1.14519.5.2.1.1706.3977.141555339684365069254435029061",
)


def register() -> None:
    """Once after startup, like other modules."""
    from SampleData import SampleDataLogic

    SampleDataLogic.registerCustomSampleDataCategory(_CATEGORY, _("Imaging Data Commons"))
    _add(SampleDataLogic, "IDCKidneySEG", KIDNEY)
    _add(SampleDataLogic, "IDCPhantomRTSTRUCT", PHANTOM)


def _add(logic: type[SampleDataLogic], name: str, series_uids: Sequence[str]) -> None:
    def fetch(_source: object) -> None:
        """The click asks for it: it is downloaded and loaded, progress and outcome are shown in the browser."""
        open_sources(series_uids, True)

    # Lists of nothing: the source checks that addresses and file names are equally many.
    logic.registerCustomSampleDataSource(category=_CATEGORY, sampleName=name, uris=[], fileNames=[], customDownloader=fetch)
