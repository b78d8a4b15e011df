"""IDC Browser inside 3D Slicer: the narrow panel, the browser in the central area, and their life from ``setup`` to ``cleanup``.

Signatures (Slicer 5.12): properties ``slicer.app.majorVersion/minorVersion`` and signal ``aboutToQuit`` of ``slicer.app``
(Base/QTCore/qSlicerCoreApplication.h), ``shutil.which("PythonSlicer")`` as Base/Python/slicer/util.py finds it.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.qt_engine import QtEngine
from IDCBrowserLib.host.segments_work import SegmentsWork
from IDCBrowserLib.host.slicer import packages
from IDCBrowserLib.host.slicer.dicom import origins
from IDCBrowserLib.host.slicer.dicom.database_state import DatabaseWatch, close_if_gone, create_or_open, was_taken_away, why_not_open
from IDCBrowserLib.host.slicer.host import SlicerHost, SlicerSettings, choose_folder, database_folder
from IDCBrowserLib.host.slicer.panel.module_panel import ModulePanel, PanelActions
from IDCBrowserLib.host.slicer.panel.own_keys import OwnKeys
from IDCBrowserLib.host.slicer.panel.pages_beside import PagesBeside
from IDCBrowserLib.host.slicer.panel.panel_text import first_database_text, state_text
from IDCBrowserLib.host.slicer.panel.registrations import RegistrationsButton
from IDCBrowserLib.host.slicer.panel.segments_section import SegmentsSection
from IDCBrowserLib.host.slicer.views.first_look import needs_segments_panel
from IDCBrowserLib.host.slicer.views.layout import CentralView
from IDCBrowserLib.host.slicer.views.look_settings import Look, wants
from IDCBrowserLib.host.slicer.views.review_looks import slicer_looks
from IDCBrowserLib.host.slicer.views.show_3d import Show3D
from IDCBrowserLib.host.slicer.views.shown_nodes import ShownNodes
from IDCBrowserLib.host.slicer.views.slide_views import SlideViews
from IDCBrowserLib.host.slicer.views.two_views import TwoViews
from IDCBrowserLib.host.slicer.views.views_3d import center_3d_views
from IDCBrowserLib.host.slides.slide_source import SegmentWindowSource, SlideWindowSource
from IDCBrowserLib.host_interface import LoadResult
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.log_file import start_log
from IDCBrowserLib.logic.base.progress_text import with_waiting
from IDCBrowserLib.logic.base.state import Kind, Message, PlanState, ProgressState, SelectionState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.downloads.download_state import pause_text
from IDCBrowserLib.logic.picking.selection_text import levels_text, selection_lines
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.browser_panel import BrowserPanel
from IDCBrowserLib.ui.language import speak
from IDCBrowserLib.ui.widgets.shortcuts import add_shortcut

logger = logging.getLogger(__name__)


class SlicerDesktop:
    """What a module widget holds: made in ``setup``, closed in ``cleanup``. Browser and engine come with the first ``enter``.

    ``reason`` says why this Slicer cannot be used, or is empty. Nothing here raises into Slicer: problems are texts in the panel.
    ``engine_config`` is what ``engine.state`` reads; a test adds rows to the catalog by it, before the first ``enter``.
    """

    def __init__(self, layout: QtWidgets.QBoxLayout, requirements_file: str, reason: str, make_engine: Callable[[], QtEngine] | None = None) -> None:
        import slicer

        self._requirements_file = requirements_file
        self._reason = reason
        self.engine_config: dict[str, Any] = {}
        self._make_engine = make_engine or (lambda: _engine(self.engine_config))
        self._problem = ""
        self._waiting: list[str] = []
        self._fetch = False
        self._closed = False
        self._engine: QtEngine | None = None
        self._host: SlicerHost | None = None
        self._watch: DatabaseWatch | None = None
        self._browser_panel: BrowserPanel | None = None
        self._view: CentralView | None = None
        self._keys: OwnKeys | None = None
        self._open_manifest: list[QtGui.QAction] = []
        self._layout = layout
        self.segments: SegmentsSection | None = None
        self._nodes: ShownNodes | None = None
        self.slides: SlideViews | None = None
        self._beside: PagesBeside | None = None
        self.browser: Browser | None = None
        # Before anything that has a text.
        self._language_problem = speak(SlicerSettings(), str(getattr(slicer.app, "applicationLocaleName", "")))
        actions = PanelActions(
            self._install,
            self._install_from_folder,
            self._show_browser,
            self._choose_manifests,
            self._open_database,
            self._choose_folder,
            self._cancel,
            self._pause,
            self._show_page,
        )
        self.panel = ModulePanel(actions)
        layout.addWidget(self.panel.widget, 1)
        slicer.app.aboutToQuit.connect(self._quit)
        self._show_state()

    def enter(self) -> None:
        """The module was selected: show the browser if its packages are there."""
        if self._closed or self._reason:
            return
        self._open_if_possible()
        if self._view is not None:
            if self.browser is None or not self.browser.review.state.reader:
                # Who corrected a segmentation comes back to it.
                self._view.show()
            if self.browser is not None:
                # Other modules delete and move files as well.
                self.browser.statuses_in_sight.refresh()
        self._show_state()

    def exit(self) -> None:
        """Another module was selected."""
        if self._view is not None:
            self._view.restore()

    def open_sources(self, sources: Sequence[str], fetch: bool = False) -> None:
        """Show what manifests or identifiers mean, and with ``fetch`` download and load it; waits for the packages where they are missing."""
        self._waiting = list(sources)
        self._fetch = fetch
        self.enter()

    def show_problem(self, text: str) -> None:
        """Something from outside that cannot be opened."""
        if self.browser is not None:
            self.browser.message.emit(Message(Kind.WARNING, text))
        elif not self._reason:
            self._problem = text
            self._show_state()

    def close(self, leaving: bool = False) -> None:
        """End the engine and take everything out of Slicer; may be called twice. ``leaving``: Slicer itself ends."""
        import slicer

        if self._closed:
            return
        self._closed = True
        slicer.app.aboutToQuit.disconnect(self._quit)
        origins.use(None)
        origins.close()
        if self.browser is not None:
            self._listen(self.browser, False)
        # The browser before its pages: they still take what was typed last.
        parts = (self._keys, self._watch, self._host, self.slides, self.browser, self.segments, self._browser_panel, self._beside, self._nodes)
        for part in parts:
            if part is not None:
                part.close()
        self.segments = self.slides = None
        if self._view is not None:
            self._view.close(leaving)
        if self._engine is not None:
            self._engine.close()
        self.panel.close()
        self._open_manifest = []
        self._keys = self._engine = self._host = self._watch = self._browser_panel = self._view = self._nodes = self._beside = self.browser = None

    def _quit(self) -> None:
        self.close(True)

    # Opening

    def _open_if_possible(self) -> None:
        if self._engine is not None:
            self._open_waiting()
            return
        try:
            if packages.are_installed(self._requirements_file):
                self._open()
                self._open_waiting()
        except (IDCBrowserError, OSError) as error:
            self._problem = str(error)

    def _open(self) -> None:
        import slicer

        engine = self._make_engine()
        self._host = SlicerHost(engine.client)
        self.browser = Browser(engine.client, self._host, _soon)
        self._browser_panel = BrowserPanel(self.browser)
        around = Qt.ShortcutContext.WidgetWithChildrenShortcut
        self._open_manifest = [
            add_shortcut(widget, "open_manifest", _("Open manifest"), self._choose_manifests, around)
            for widget in (self._browser_panel.widget, self.panel.widget)
        ]
        self._keys = OwnKeys(self._browser_panel.widget)
        self._view = CentralView(self._browser_panel.widget, self._show_state)
        entry = self.browser.review.scene
        self._nodes = ShownNodes(self._view, entry.turn_views, entry.arrange_again)
        self._beside = PagesBeside(self.browser, self._view, self.panel, self._make_room)
        self._host.loader.loaded = self._loaded
        self._host.loader.begins = self._begins
        self._host.loader.seen = self._nodes.seen
        self._host.loader.wanted = self._wanted
        self._host.loader.first_slices.begins = self._nodes.first_slices
        self._host.loader.first_slices.gone = self._first_slices_gone
        arrange, looks = TwoViews().arrange, slicer_looks()
        work = SegmentsWork(slicer.mrmlScene, engine.client, self.browser, _soon, arrange=arrange, looks=looks)
        registrations = RegistrationsButton(slicer.mrmlScene, self._host.loader.loaded_changed)
        show_3d = Show3D(slicer.mrmlScene, center_3d_views)
        self.segments = SegmentsSection(self._layout, work, show_3d, registrations, self._show_state)
        sources = SlideWindowSource(engine.client, self.browser), SegmentWindowSource(engine.client, self.browser)
        self.slides = SlideViews(*sources, self.panel.widget)
        self._watch = DatabaseWatch(self._database_changed)
        self._listen(self.browser, True)
        self._engine = engine
        self._problem = ""
        engine.start()
        origins.use(engine.client)
        self.browser.start()
        if self._language_problem:
            self.browser.message.emit(Message(Kind.WARNING, self._language_problem))
        start_log("slicer")
        logger.info("IDC Browser opened.")

    def _open_waiting(self) -> None:
        sources, self._waiting = self._waiting, []
        if sources and self.browser is not None:
            fetch, self._fetch = self._fetch, False
            self.browser.opened_set.open_sources(sources)
            self._fetch = fetch

    def _listen(self, browser: Browser, on: bool) -> None:
        browser.picked.changed.listen(self._draw_selection, on)
        browser.downloads.changed.listen(self._draw_progress, on)
        browser.folder_changed.listen(self._draw_folder, on)
        browser.plan.changed.listen(self._plan_changed, on)

    # Buttons

    def _install(self) -> None:
        self._try_install(lambda: packages.install(self._requirements_file))

    def _install_from_folder(self) -> None:
        folder = choose_folder(_("Folder with the packages as wheel files"), "")
        if folder:
            self._try_install(lambda: packages.install_from_folder(self._requirements_file, folder))

    def _try_install(self, do: Callable[[], None]) -> None:
        try:
            do()
        except IDCBrowserError as error:
            self._problem = str(error)
            self._show_state()
            return
        self._problem = ""
        self.enter()

    def _show_browser(self) -> None:
        if self._view is not None:
            self._view.show()

    def _choose_manifests(self) -> None:
        paths = self._host.choose_manifests() if self._host is not None else []
        if paths:
            self._show_browser()
            self.open_sources(paths)

    def _open_database(self) -> None:
        close_if_gone()
        create_or_open()
        self._database_changed()

    def _choose_folder(self) -> None:
        if self.browser is not None:
            self.browser.choose_folder()

    def _show_page(self, name: str) -> None:
        if self.browser is not None:
            self._show_browser()
            self.browser.show_page(name)

    def _pause(self) -> None:
        if self.browser is not None:
            self.browser.downloads.pause_or_resume()

    def _cancel(self) -> None:
        if self.browser is not None:
            self.browser.downloads.cancel()

    # What the browser and the database say

    def _begins(self) -> None:
        if self._nodes is not None and self._host is not None:
            self._nodes.begins()
            # CTK does not tell that its file went or came back.
            self._draw_database(self._host)

    def _loaded(self, results: Sequence[LoadResult]) -> None:
        node_ids = [node_id for result in results for node_id in result.node_ids]
        if not node_ids or self._nodes is None:
            return
        if self.segments is not None and wants(Look.LEGEND) and needs_segments_panel(node_ids):
            # After the views have begun to change: either takes a turn of the event loop.
            _soon(self._open_segments)
        self._nodes.loaded(node_ids)
        self._show_state()

    def _open_segments(self) -> None:
        if self.segments is not None:
            self.segments.open()

    def _first_slices_gone(self) -> None:
        if self._nodes is not None:
            self._nodes.first_slices_gone()
            self._show_state()

    def _wanted(self, node_ids: Sequence[str]) -> None:
        if self._nodes is not None:
            self._nodes.wanted(node_ids)
            self._show_state()

    def _database_changed(self) -> None:
        if self.browser is None or self._host is None:
            return
        self._draw_database(self._host)
        self._draw_folder(self._host.download_folder)
        if self._host.store.asked:
            self.browser.statuses.ask(sorted(self._host.store.asked), True)

    def _plan_changed(self, state: PlanState) -> None:
        """What was to be fetched is looked up now; another plan, or none, ends the wish."""
        if not self._fetch or (state.sources and state.document is None):
            return
        self._fetch = False
        if self.browser is not None and state.document is not None:
            self.browser.picked.download(True)

    def _draw_selection(self, state: SelectionState) -> None:
        lines = selection_lines(state)
        # Without a selection the second line speaks of the tables above it, which this panel has not; of what is added there is no room to speak.
        summary = state.summary if state.level else None
        self.panel.show_selection(lines.total if summary is None else f"{lines.total}\n{levels_text(summary)}")

    def _draw_progress(self, state: ProgressState) -> None:
        downloads = self.browser.downloads if self.browser is not None else None
        front = downloads.front if downloads is not None else None
        title = with_waiting(state.title, downloads.waiting) if downloads is not None and state.running else state.title
        pause = pause_text(front.row) if front is not None and front.row.can_pause_or_resume else ""
        slices = downloads.first_slices.text if downloads is not None and state.running else ""
        self.panel.show_progress("\n".join(part for part in (slices or title, state.text) if part), state.running, pause)

    def _draw_folder(self, folder: str) -> None:
        self.panel.show_folder(folder)

    def _show_state(self) -> None:
        if self._beside is not None:
            self._beside.draw()
        if self._reason:
            self.panel.show_setup(self._reason, False)
        elif self.browser is None or self._host is None or self._view is None or self._nodes is None or self._beside is None:
            text = _("IDC Browser needs a few Python packages to read the catalog and to download. Nothing is installed before you agree.")
            if self._waiting:
                text += " " + _("What you opened will be shown once they are installed.")
            self.panel.show_setup(self._problem or text, True)
        else:
            # The page of a review list says what is in sight, and no more.
            names = [] if self.browser.review.state.is_open else self._nodes.names
            text = state_text(self._view.is_available, self._view.is_shown, names, self._host.loader.first_slices.are_there)
            self.panel.show_ready(text, self._view.is_available)
            self._make_room()
            self._draw_selection(self.browser.picked.state)
            self._draw_progress(self.browser.downloads.state)
            self._draw_folder(self._host.download_folder)
            self._draw_database(self._host)

    def _make_room(self) -> None:
        """Beside the views, for a review list or the segments: what is to be downloaded is selected in the browser."""
        if self._beside is not None and self._view is not None:
            beside_views = self.segments is not None and self.segments.is_open and not self._view.is_shown
            self.panel.make_room(self._beside.takes_room or beside_views, self._beside.reviews)

    def _draw_database(self, host: SlicerHost) -> None:
        """That the first download makes the database is no problem; that it could not is one."""
        problem = why_not_open()
        first = first_database_text(database_folder()) if problem and not host.store.has_tried and not was_taken_away() else ""
        self.panel.show_database(first or problem, bool(problem and not first))


def why_not_this_slicer(minimum: tuple[int, int]) -> str:
    """A sentence when this Slicer is too old, else ""."""
    import slicer

    version = (int(slicer.app.majorVersion), int(slicer.app.minorVersion))
    if version >= minimum:
        return ""
    text = _("IDC Browser needs 3D Slicer {needed} or newer; this is {found}.")
    return text.format(needed=".".join(map(str, minimum)), found=".".join(map(str, version)))


def _soon(function: Callable[[], None]) -> None:
    QtCore.QTimer.singleShot(0, function)


def _engine(config: Mapping[str, Any]) -> QtEngine:
    """On PythonSlicer, which is on the PATH inside Slicer."""
    found = shutil.which("PythonSlicer")
    if found is None:
        raise IDCBrowserError(_("PythonSlicer was not found beside Slicer; reinstall Slicer."))
    return QtEngine(found, config)
