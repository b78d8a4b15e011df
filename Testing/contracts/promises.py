"""What the type checker holds, and nobody runs: each host, real or fake, keeps what ``host_interface`` promises to the panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.fake_host import FakeEngineProcess, FakeHost, FakeLoader, FakeSettings, FakeStore

    from IDCBrowserLib.engine.client import EngineProcess
    from IDCBrowserLib.engine.popen import PopenEngineProcess
    from IDCBrowserLib.host.engine_store import EngineStore
    from IDCBrowserLib.host.loading.engine_images import EngineImageLoader
    from IDCBrowserLib.host.loading.scene_loader import ImageLoader
    from IDCBrowserLib.host.qt_engine import QtEngineProcess
    from IDCBrowserLib.host.slicer.dicom.database import SlicerStore
    from IDCBrowserLib.host.slicer.host import SlicerHost, SlicerSettings
    from IDCBrowserLib.host.slicer.loading import SlicerImages, SlicerLoader
    from IDCBrowserLib.host.standalone.host import StandaloneHost, StandaloneSettings
    from IDCBrowserLib.host.standalone.window import ViewsLoader
    from IDCBrowserLib.host_interface import DicomStore, Host, SeriesLoader, Settings


def hosts(standalone: StandaloneHost, slicer: SlicerHost, fake: FakeHost) -> Sequence[Host]:
    return standalone, slicer, fake


def stores(engine: EngineStore, slicer: SlicerStore, fake: FakeStore) -> Sequence[DicomStore]:
    return engine, slicer, fake


def loaders(standalone: ViewsLoader, slicer: SlicerLoader, fake: FakeLoader) -> Sequence[SeriesLoader]:
    return standalone, slicer, fake


def image_loaders(standalone: EngineImageLoader, slicer: SlicerImages) -> Sequence[ImageLoader]:
    return standalone, slicer


def settings(standalone: StandaloneSettings, slicer: SlicerSettings, fake: FakeSettings) -> Sequence[Settings]:
    return standalone, slicer, fake


def processes(qt: QtEngineProcess, popen: PopenEngineProcess, fake: FakeEngineProcess) -> Sequence[EngineProcess]:
    return qt, popen, fake
