"""The standalone program: the panels beside three slice views and a 3D view of a real MRML scene, without Slicer.

``make_window(config)`` builds it; ``run_window(config)`` is the program. The panels appear first and are filled; scene and views follow.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from IDCBrowserLib import paths
from IDCBrowserLib.api.first_slices import Shown
from IDCBrowserLib.errors import IDCBrowserError, StoreError
from IDCBrowserLib.host.inbox import inbox_of_environment, inbox_of_links
from IDCBrowserLib.host.qt_engine import QtEngine
from IDCBrowserLib.host.standalone.about import show_about
from IDCBrowserLib.host.standalone.frame import MainWindow, add_action, why_no_manifests
from IDCBrowserLib.host.standalone.host import StandaloneHost, StandaloneSettings
from IDCBrowserLib.host.standalone.libraries import Libraries
from IDCBrowserLib.host.standalone.links_action import LinksAction
from IDCBrowserLib.host.standalone.qt_texts import install_qt_texts, remove_qt_texts
from IDCBrowserLib.host_interface import Cancellable, LoadRequest, LoadResult, OnProgress, ViewPlace
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import (
    WINDOW_MAXIMIZED_KEY,
    WINDOW_SIZE_KEY,
    load_sizes,
    save_list,
    save_splitter,
    slide_pixels,
    splitter_key,
    suv_kind,
)
from IDCBrowserLib.logic.base.state import Kind, Message, Phase, TableState
from IDCBrowserLib.logic.browser import DOWNLOAD_FOLDER_KEY, Browser
from IDCBrowserLib.logic.downloads.download import DownloadOverrides
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.browser_panel import BrowserPanel
from IDCBrowserLib.ui.language import speak
from IDCBrowserLib.ui.widgets import icons
from IDCBrowserLib.ui.widgets.building_blocks import splitter

if TYPE_CHECKING:
    from IDCBrowserLib.host.loading.read_ahead import ReadAhead
    from IDCBrowserLib.host.loading.scene_loader import SceneLoader
    from IDCBrowserLib.host.standalone.first_slices import FirstSlicesInViews
    from IDCBrowserLib.host.standalone.scene import StandaloneScene
    from IDCBrowserLib.host.standalone.segments_dock import SegmentsDock
    from IDCBrowserLib.host.standalone.views import ViewGrid
    from IDCBrowserLib.scene.loaded_series import LoadedSeries

_SIZE = (1280, 720)
# While nothing is loaded the tables have all of the window; then the views get their half, or what a person gave them.
_VIEWS_SHARE = 0.5
# When the catalog does not come, the views do.
_VIEWS_TIMEOUT_MS = 3000


@dataclass(frozen=True)
class WindowConfig:
    """What the command line (or a test) decides; empty values mean the defaults of ``paths`` and of the settings."""

    endpoint_url: str | None = None
    provider: str | None = None
    jobs: int | None = None
    catalog_sources: tuple[str, ...] = ()
    download_folder: str = ""
    database: str = ""
    settings_file: str = ""
    # Of the record of downloads; that of this user if empty.
    state_folder: str = ""
    # What is shown first: identifiers, or a manifest.
    sources: tuple[str, ...] = ()


class ViewsLoader:
    """Brings up the scene when something is loaded before it was there, and shows what was loaded."""

    def __init__(self, window: StandaloneWindow) -> None:
        self._window = window
        self.loaded_changed: Signal[[]] = Signal()

    def load(self, requests: Sequence[LoadRequest], on_done: Callable[[Sequence[LoadResult]], object], on_progress: OnProgress) -> Cancellable:
        """See ``SeriesLoader``."""
        self._window.ensure_views()
        if self._window.scene_loader is None:
            on_done([LoadResult(request.series_uid, error=self._window.views_problem) for request in requests])
            return _Ended()

        def show(results: Sequence[LoadResult]) -> None:
            self._window.show_loaded(results)
            self._window.look_at_loaded()
            on_done(results)

        if self._window.read_ahead is not None:
            self._window.read_ahead.pause(requests)
        return self._window.scene_loader.load(requests, show, on_progress)

    def read_ahead(self, entries: Sequence[Sequence[LoadRequest]]) -> None:
        """See ``SeriesLoader``."""
        if self._window.read_ahead is not None:
            self._window.read_ahead.start(entries)

    def views_are_free(self) -> bool:
        """See ``SeriesLoader``."""
        return self._window.views is None or self._window.views.are_free

    def show_first_slices(self, shown: Shown) -> bool:
        """See ``SeriesLoader``."""
        self._window.ensure_views()
        return self._window.first_slices is not None and self._window.first_slices.show(shown)

    def hide_first_slices(self) -> None:
        """See ``SeriesLoader``."""
        if self._window.first_slices is not None:
            self._window.first_slices.hide()

    def loaded_series(self) -> frozenset[str]:
        """See ``SeriesLoader``."""
        return self._window.loaded_series

    def show_series(self, series_uid: str) -> bool:
        """See ``SeriesLoader``."""
        return self._window.show_series(series_uid)

    def remove_series(self, series_uids: Sequence[str]) -> bool:
        """See ``SeriesLoader``."""
        return self._window.remove_series(series_uids)

    def show_place(self, place: ViewPlace) -> str:
        """See ``SeriesLoader``."""
        self._window.ensure_views()
        if self._window.scene is None or self._window.views is None:
            return ""
        from IDCBrowserLib.scene.places import show_place

        missing, point = show_place(self._window.scene.scene, place)
        if point is not None:
            self._window.views.jump(point)
        return missing


class _Ended:
    def cancel(self) -> None:
        """There is nothing left to stop."""


class StandaloneWindow:
    """The window and everything that lives with it. ``show``, ``close``; ``browser`` and ``panel`` for those who drive it.

    ``scene`` (``host.standalone_scene.StandaloneScene``), ``views`` (``ViewGrid``) and ``scene_loader`` are there after ``ensure_views``.
    """

    def __init__(self, config: WindowConfig) -> None:
        self.scene: StandaloneScene | None = None
        self.views: ViewGrid | None = None
        self.scene_loader: SceneLoader | None = None
        self.read_ahead: ReadAhead | None = None
        self.segments: SegmentsDock | None = None
        self.first_slices: FirstSlicesInViews | None = None
        self._loaded: LoadedSeries | None = None
        self.views_problem = ""
        self.closed = False
        environment = {"IDC_BROWSER_STATE": config.state_folder} if config.state_folder else {}
        self.engine = QtEngine(sys.executable, {"catalog_sources": list(config.catalog_sources)}, environment)
        self.engine.start()
        settings = StandaloneSettings(config.settings_file, {DOWNLOAD_FOLDER_KEY: config.download_folder})
        # Before anything that has a text.
        problem = speak(settings)
        self._qt_texts = install_qt_texts()
        database = config.database or str(paths.default_database_folder())
        self._loader = ViewsLoader(self)
        self.host = StandaloneHost(self.engine.client, self._loader, settings, database, lambda: self.window)
        options = DownloadOverrides(config.endpoint_url, config.provider, config.jobs)
        self.browser = Browser(self.engine.client, self.host, _soon, options)
        self.panel = BrowserPanel(self.browser, True)
        self.window = MainWindow(self._clean_up, self.open_manifests)
        self.window.setObjectName("mainWindow")
        self.window.setWindowTitle(_("IDC Browser"))
        self.window.setWindowIcon(QtGui.QIcon(str(icons.FOLDER / "IDCBrowser.png")))
        self.window.setCentralWidget(self._central())
        self.window.set_bottom(self.panel.bar.widget)
        self._restore_window()
        self._add_menus()
        self._libraries = Libraries(self.ensure_views)
        self._views_timer = QtCore.QTimer()
        self._views_timer.setSingleShot(True)
        self._views_timer.timeout.connect(self._libraries.load)
        self.browser.tables.changed.connect(self._table_changed)
        self.browser.start()
        # A window of a demonstration does not take the links of its user.
        arrivals = (inbox_of_environment,) if config.state_folder else (inbox_of_environment, inbox_of_links)
        self._inboxes = [inbox for make in arrivals if (inbox := make(self._open_arrived, self._tell_problem)) is not None]
        if config.sources:
            self.browser.opened_set.open_sources(config.sources)
        if problem:
            self.browser.message.emit(Message(Kind.WARNING, problem))

    def show(self) -> None:
        """Show the window; the views follow."""
        self.window.show()
        self._views_timer.start(_VIEWS_TIMEOUT_MS)

    def close(self) -> None:
        """End everything that was started; may be called twice."""
        self.window.close()
        self._clean_up()

    def ensure_views(self) -> None:
        """Bring up the scene and its views, if that has not happened."""
        if self.scene is not None or self.closed:
            return
        self._views_timer.stop()
        self._libraries.give_up()
        # All that needs VTK or slicer-core, some of it by way of others.
        try:
            from IDCBrowserLib.host.loading.answered_ahead import AnsweredAhead
            from IDCBrowserLib.host.loading.engine_images import EngineImageLoader
            from IDCBrowserLib.host.loading.read_ahead import ReadAhead
            from IDCBrowserLib.host.loading.scene_loader import SceneLoader
            from IDCBrowserLib.host.segments_work import SegmentsWork
            from IDCBrowserLib.host.slides.slide_source import SegmentWindowSource, SlideWindowSource
            from IDCBrowserLib.host.standalone.first_slices import FirstSlicesInViews
            from IDCBrowserLib.host.standalone.scene import StandaloneScene
            from IDCBrowserLib.host.standalone.segments_dock import SegmentsDock
            from IDCBrowserLib.host.standalone.views import ViewGrid
            from IDCBrowserLib.scene.loaded_series import LoadedSeries
            from IDCBrowserLib.scene.review import Looks

            scene = StandaloneScene()
        except ImportError as error:
            text = _(
                "Images cannot be displayed ({reason}). Browsing and downloading still work. To install the views: pip install "
                "'idc-browser[standalone]'."
            )
            self.views_problem = text.format(reason=error)
            self.browser.message.emit(Message(Kind.INFO, self.views_problem))
            return
        self.scene, self.views = scene, ViewGrid(scene)
        self.first_slices = FirstSlicesInViews(scene.scene, self.views, self.bring_up_views, self.give_views_back)
        self.views.setObjectName("views")
        self.views.axial.detail.source = SlideWindowSource(self.engine.client, self.browser)
        self.views.axial.segments.source = SegmentWindowSource(self.engine.client, self.browser)
        self._loaded = LoadedSeries(scene.scene, _soon, self._loader.loaded_changed.emit)
        self._loader.loaded_changed.connect(self.views.look_again)
        engine, suv = AnsweredAhead(self.engine.client), partial(suv_kind, self.host.settings)
        self.read_ahead = ReadAhead(engine, self.host.store, suv)
        images = EngineImageLoader(scene.scene, engine, suv)
        self.scene_loader = SceneLoader(
            scene.scene, engine, self.host.store, images, self.host.confirm, slide_pixels=partial(slide_pixels, self.host.settings)
        )
        self._splitter.addWidget(self.views)
        self._splitter.setStretchFactor(1, 1)
        self.views.hide()
        views = self.views
        looks = Looks(lambda: views.layout_name, views.set_layout_name)
        client = self.engine.client
        work = SegmentsWork(scene.scene, client, self.browser, _soon, views.jump, views.show_contours, views.show_side_by_side, looks, True)
        self.segments = SegmentsDock(self.window, work)
        self.segments.dock.visibilityChanged.connect(lambda shown: views.three_d.show_legend(not shown))
        self._view_menu.addAction(self.segments.action)

    def _table_changed(self, _level: str, state: TableState) -> None:
        if state.phase in (Phase.READY, Phase.FAILED):
            self.browser.tables.changed.disconnect(self._table_changed)
            # Once the rows are painted.
            self._views_timer.start(0)

    def show_loaded(self, results: Sequence[LoadResult]) -> None:
        """Bring what was loaded into sight."""
        if any(result.node_ids for result in results):
            self.bring_up_views()
        if self.views is not None:
            self.views.show_loaded([node_id for result in results for node_id in result.node_ids])
        if self.segments is not None and self.segments.show_first_time():
            self._share_room()

    @property
    def loaded_series(self) -> frozenset[str]:
        """See ``SeriesLoader``; none before there is a scene."""
        return frozenset() if self._loaded is None else self._loaded.uids

    def look_at_loaded(self) -> None:
        """Something was loaded."""
        if self._loaded is not None:
            self._loaded.look()

    def show_series(self, series_uid: str) -> bool:
        """See ``SeriesLoader``."""
        if self.scene is None or self.views is None or series_uid not in self.loaded_series:
            return False
        from IDCBrowserLib.scene.provenance import ids_of, nodes_of_series

        self.bring_up_views()
        self.views.show_loaded(ids_of(nodes_of_series(self.scene.scene, series_uid)))
        return True

    def remove_series(self, series_uids: Sequence[str]) -> bool:
        """See ``SeriesLoader``."""
        if self.scene is None:
            return False
        from IDCBrowserLib.scene.removing import remove_series

        return remove_series(self.scene.scene, series_uids)

    def close_scene(self) -> None:
        """Take everything out of the scene; what was made here and is not saved only if the user says so."""
        if self.scene is None or self.segments is None:
            return
        scene, made_here = self.scene, [source.short_name for source in self.segments.work.segments.state.all_sources if not source.series_uid]
        if made_here:
            text = _("{names} was made here and is in no file. Close the scene all the same?")
            self.host.confirm(text.format(names=", ".join(made_here[:3])), lambda yes: scene.clear() if yes else None)
        else:
            scene.clear()

    def bring_up_views(self) -> None:
        """Give the views their place beside the panels, as wide as a person left it."""
        if self.views is None or self.views.isVisibleTo(self.window):
            return
        self.views.show()
        self._views_action.setChecked(True)
        self._share_room()

    def give_views_back(self) -> None:
        """Nothing came of what the views were brought up for: the panels have all of the window again."""
        if self.views is not None and self.views.isVisibleTo(self.window):
            self._views_action.setChecked(False)
            self._toggle_views()

    def _share_room(self) -> None:
        width = self._splitter.width()
        self._splitter.setSizes(self._sizes or [int(width * (1 - _VIEWS_SHARE)), int(width * _VIEWS_SHARE)])

    def _toggle_views(self) -> None:
        self.ensure_views()
        if self._views_action.isChecked():
            self.bring_up_views()
        elif self.views is not None:
            self._sizes = [int(size) for size in self._splitter.sizes()]
            self.views.hide()

    def open_folder(self, folder: str) -> None:
        """Add a folder of DICOM files to the database and load it; progress and outcome are shown in the panel."""
        self.browser.message.emit(None)
        self.browser.downloads.start_folders([folder])

    def open_manifests(self, paths: Sequence[str]) -> None:
        """Show what manifests mean; nothing is downloaded before the user says so."""
        reason = why_no_manifests(paths)
        if reason:
            self._tell_problem(reason)
        else:
            self.browser.opened_set.open_sources(paths)

    def _open_arrived(self, sources: Sequence[str]) -> None:
        self.browser.opened_set.open_sources(sources)
        self.window.raise_()
        self.window.activateWindow()

    def _tell_problem(self, sentence: str) -> None:
        self.browser.message.emit(Message(Kind.ERROR, sentence))

    def save_scene(self, path: str) -> None:
        """Write the scene as ``.mrb`` and say so in the panel."""
        from pathlib import Path

        try:
            if self.scene is None:
                raise StoreError(_("There is no scene yet. Load a series first."))
            self.scene.save(Path(path))
        except IDCBrowserError as error:
            self.browser.message.emit(Message(Kind.ERROR, str(error)))
        else:
            self.browser.message.emit(Message(Kind.SUCCESS, _("Scene saved to {path}.").format(path=path)))

    def _central(self) -> QtWidgets.QSplitter:
        self._splitter = splitter("mainSplitter", Qt.Orientation.Horizontal, [self.panel.widget])
        self._splitter.setStretchFactor(0, 1)
        self._sizes = load_sizes(self.host.settings, splitter_key(self._splitter), 2)
        return self._splitter

    def _restore_window(self) -> None:
        settings = self.host.settings
        self.window.resize(*_SIZE)
        size = load_sizes(settings, WINDOW_SIZE_KEY, 2)
        if size:
            # The screen may be a smaller one than last time.
            self.window.resize(QtCore.QSize(*size).boundedTo(self.window.screen().availableSize()))
        if settings.value(WINDOW_MAXIMIZED_KEY, "no") == "yes":
            self.window.setWindowState(Qt.WindowState.WindowMaximized)

    def _remember_window(self) -> None:
        settings = self.host.settings
        size = self.window.normalGeometry().size() if self.window.isMaximized() else self.window.size()
        save_list(settings, WINDOW_SIZE_KEY, [size.width(), size.height()])
        settings.set_value(WINDOW_MAXIMIZED_KEY, "yes" if self.window.isMaximized() else "no")
        if self.views is not None and self.views.isVisibleTo(self.window):
            save_splitter(settings, self._splitter)

    def _add_menus(self) -> None:
        menu = self.window.menuBar().addMenu(_("&File"))
        self._actions = [
            add_action(self.window, menu, "openFolderAction", _("&Open DICOM folder..."), "Ctrl+O", self._choose_and_open),
            add_action(self.window, menu, "openManifestAction", _("Open &manifest..."), "Ctrl+M", self._choose_manifests),
            add_action(self.window, menu, "saveSceneAction", _("&Save scene..."), "Ctrl+S", self._choose_and_save),
            add_action(self.window, menu, "closeSceneAction", _("&Close scene"), "Ctrl+W", self.close_scene),
            add_action(self.window, menu, "quitAction", _("&Quit"), "Ctrl+Q", self.window.close),
        ]
        self._view_menu = self.window.menuBar().addMenu(_("Views"))
        self._view_menu.setObjectName("viewsMenu")
        self._views_action = add_action(self.window, self._view_menu, "viewsAction", _("&Slice and 3D views"), "", self._toggle_views)
        self._views_action.setCheckable(True)
        # Without a key of its own: every letter of it leads somewhere in the panel.
        menu = self.window.menuBar().addMenu(_("Help"))
        menu.setObjectName("helpMenu")
        keys = self.panel.help
        keys.setText(_("&Keys and diagnostics"))
        keys.setObjectName("helpAction")
        keys.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        menu.addAction(keys)
        self._links = LinksAction(self.window, menu, lambda text: self.browser.message.emit(Message(Kind.INFO, text)), self._tell_problem)
        self._actions.append(add_action(self.window, menu, "aboutAction", _("&About IDC Browser"), "", lambda: show_about(self.window)))

    def _choose_and_open(self) -> None:
        folder = self.host.choose_folder(_("Open DICOM folder"), "")
        if folder:
            self.open_folder(folder)

    def _choose_manifests(self) -> None:
        paths = self.host.choose_manifests()
        if paths:
            self.browser.opened_set.open_sources(paths)

    def _choose_and_save(self) -> None:
        path = self.host.choose_save_file(_("Save scene"), "scene.mrb", _("Medical reality bundle (*.mrb)"))
        if path:
            self.save_scene(path if path.endswith(".mrb") else f"{path}.mrb")

    def _clean_up(self) -> None:
        if self.closed:
            return
        self.closed = True
        remove_qt_texts(self._qt_texts)
        self._views_timer.stop()
        self._libraries.give_up()
        self._remember_window()
        for inbox in self._inboxes:
            inbox.close()
        self.browser.close()
        self.panel.close()
        if self.segments is not None:
            self.segments.close()
        if self._loaded is not None:
            self._loaded.close()
        if self.views is not None:
            self.views.release()
        if self.scene is not None:
            self.scene.release()
        self.engine.close()


def make_window(config: WindowConfig | None = None) -> StandaloneWindow:
    """The window, not yet shown; a ``QApplication`` must be there. Its engine starts at once."""
    return StandaloneWindow(config or WindowConfig())


def run_window(config: WindowConfig, on_ready: Callable[[Callable[[], None]], None] | None = None) -> int:
    """Run the program until its window is closed. ``on_ready`` gets a function that closes it (for Ctrl-C)."""
    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(sys.argv[:1])
    application.setApplicationName("IDC Browser")
    window = make_window(config)
    window.show()
    if on_ready is not None:
        on_ready(window.close)
    code = application.exec()
    window.close()
    return int(code)


def _soon(do: Callable[[], None]) -> None:
    QtCore.QTimer.singleShot(0, do)
