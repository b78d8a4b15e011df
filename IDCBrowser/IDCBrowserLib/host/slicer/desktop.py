"""IDC Browser inside 3D Slicer: the narrow panel, the browser in the central area, and their life from ``setup`` to ``cleanup``.

Signatures (Slicer 5.12): properties ``slicer.app.majorVersion/minorVersion`` and signal ``aboutToQuit`` of ``slicer.app``
(Base/QTCore/qSlicerCoreApplication.h), ``shutil.which("PythonSlicer")`` as Base/Python/slicer/util.py finds it.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.qt_engine import QtEngine
from IDCBrowserLib.host.segments_work import SegmentsWork
from IDCBrowserLib.host.slicer import origins, packages
from IDCBrowserLib.host.slicer.database_state import DatabaseWatch, create_or_open, why_not_open
from IDCBrowserLib.host.slicer.first_look import fitting_layout, has_data, next_turn, nodes_of_ids, show_loaded
from IDCBrowserLib.host.slicer.host import SlicerHost, SlicerSettings, choose_folder, database_folder
from IDCBrowserLib.host.slicer.layout import CentralView
from IDCBrowserLib.host.slicer.look_settings import Look, wants
from IDCBrowserLib.host.slicer.module_panel import ModulePanel, PanelActions
from IDCBrowserLib.host.slicer.panel_text import first_database_text, state_text
from IDCBrowserLib.host.slicer.review_looks import slicer_looks
from IDCBrowserLib.host.slicer.segments_section import SegmentsSection
from IDCBrowserLib.host.slicer.show_3d import Show3D
from IDCBrowserLib.host.slicer.two_views import TwoViews
from IDCBrowserLib.host_interface import LoadResult
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.log_file import start_log
from IDCBrowserLib.logic.base.progress_text import with_waiting
from IDCBrowserLib.logic.base.state import Kind, Message, PlanState, ProgressState, SelectionState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.downloads.download_state import pause_text
from IDCBrowserLib.logic.picking.selection_text import selection_lines
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.browser_panel import BrowserPanel
from IDCBrowserLib.ui.language import speak
from IDCBrowserLib.ui.reports.reports_page import ReportsPage
from IDCBrowserLib.ui.review.review_page import ReviewPage

if TYPE_CHECKING:
    from slicer import vtkMRMLScalarVolumeNode

logger = logging.getLogger(__name__)

# Until the views have the sizes of a new layout.
_LAYOUT_MS = 150


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
        self._loaded_ids: list[str] = []
        # What the views show since its first slices are there.
        self._seen_ids: list[str] = []
        self._to_show: Sequence[str] = ()
        self._show_timer = QtCore.QTimer()
        self._show_timer.setSingleShot(True)
        self._show_timer.timeout.connect(self._show_in_views)
        self._arranges = False
        self._closed = False
        self._engine: QtEngine | None = None
        self._host: SlicerHost | None = None
        self._watch: DatabaseWatch | None = None
        self._browser_panel: BrowserPanel | None = None
        self._view: CentralView | None = None
        self._layout = layout
        self.segments: SegmentsSection | None = None
        self._reports: ReportsPage | None = None
        self._review: ReviewPage | None = None
        # Pages of the browser that stand beside the views.
        self._beside: list[ReportsPage | ReviewPage] = []
        self.browser: Browser | None = None
        # Before anything that has a text.
        self._language_problem = speak(SlicerSettings(), str(getattr(slicer.app, "applicationLocaleName", "")))
        actions = PanelActions(
            self._install,
            self._install_from_folder,
            self._show_browser,
            self._open_database,
            self._choose_folder,
            self._cancel,
            self._pause,
            self._show_page,
        )
        self.panel = ModulePanel(actions)
        layout.addWidget(self.panel.widget)
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
        self._show_timer.stop()
        self._show_timer.timeout.disconnect(self._show_in_views)
        slicer.app.aboutToQuit.disconnect(self._quit)
        origins.use(None)
        origins.close()
        if self._watch is not None:
            self._watch.close()
        if self._host is not None:
            self._host.close()
        if self.browser is not None:
            self._listen(self.browser, False)
            self.browser.close()
        if self.segments is not None:
            self.segments.close()
            self.segments = None
        if self._browser_panel is not None:
            self._browser_panel.close()
        for page in self._beside:
            page.disconnect()
        if self._view is not None:
            self._view.close(leaving)
        if self._engine is not None:
            self._engine.close()
        self.panel.close()
        self._engine = self._host = self._watch = self._browser_panel = self._view = self._reports = self._review = self.browser = None

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
        self._host.loader.loaded = self._loaded
        self._host.loader.begins = self._begins
        self._host.loader.seen = self._seen
        self._host.loader.wanted = self._series_wanted
        self.browser = Browser(engine.client, self._host, _soon)
        self._browser_panel = BrowserPanel(self.browser)
        self._view = CentralView(self._browser_panel.widget, self._show_state)
        arrange, looks = TwoViews().arrange, slicer_looks()
        work = SegmentsWork(slicer.mrmlScene, engine.client, self.browser, _soon, arrange=arrange, looks=looks)
        self.segments = SegmentsSection(self._layout, work, Show3D(slicer.mrmlScene))
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
        browser.reports.opened.listen(self._report_opened, on)
        browser.review.changed.listen(self._review_changed, on)
        browser.reports.placed.listen(self._place_shown, on)

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

    def _open_database(self) -> None:
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

    def _loaded(self, results: Sequence[LoadResult]) -> None:
        """Make room for the views: the browser gives the central area back, and they show what has come."""
        node_ids = [node_id for result in results for node_id in result.node_ids]
        if not node_ids or self._view is None:
            return
        self._loaded_ids = node_ids
        if self.segments is not None and wants(Look.LEGEND):
            self.segments.open()
        # Whoever has scrolled meanwhile stays there.
        if node_ids != self._seen_ids:
            self._bring_up_views(node_ids, self._arranges)
        self._show_state()

    def _begins(self) -> None:
        """What the views show may be the user's own arrangement."""
        import slicer

        self._arranges = wants(Look.LAYOUT) and not has_data(slicer.mrmlScene)
        self._seen_ids = []
        if self._host is not None:
            # CTK does not tell that its file went or came back.
            self._draw_database(self._host)

    def _seen(self, node: vtkMRMLScalarVolumeNode) -> None:
        """The first slices are there; the rest comes while they are looked at."""
        self._seen_ids = [node.GetID()]
        self._bring_up_views(self._seen_ids, self._arranges)

    def _series_wanted(self, node_ids: Sequence[str]) -> None:
        """From a row of the tables to its nodes: the views come back, as they were."""
        self._loaded_ids = list(node_ids)
        self._bring_up_views(node_ids, False)
        self._show_state()

    def _bring_up_views(self, node_ids: Sequence[str], arranges: bool) -> None:
        """``arranges``: in a layout that fits, else as they were."""
        if self._view is None:
            return
        if arranges:
            self._view.arrange(fitting_layout(nodes_of_ids(node_ids)))
        else:
            self._view.restore()
        self._to_show = node_ids
        self._show_timer.start(_LAYOUT_MS)

    def _show_in_views(self) -> None:
        show_loaded(self._to_show, next_turn)
        if self.browser is not None:
            self.browser.review.arrange_again()

    def _review_changed(self) -> None:
        """Beside the views: the browser's own page is in their place."""
        if self.browser is None or self._view is None:
            return
        if self._review is None and self.browser.review.state.reader:
            self._review = ReviewPage(self.browser)
            self._beside.append(self._review)
            self.panel.add_below(self._review.widget)
        if self._review is not None:
            # Keys mean one of the two pages.
            shown = self.browser.review.state.is_open and not self._view.is_shown
            if shown != bool(self._review.widget.isVisibleTo(self.panel.widget)):
                self._review.widget.setVisible(shown)
                self.panel.make_room(shown)

    def _report_opened(self) -> None:
        """Beside the views: the pages of the browser are in their place."""
        if self.browser is not None and self._reports is None:
            self._reports = ReportsPage(self.browser)
            self._beside.append(self._reports)
            self.panel.add_below(self._reports.widget)

    def _place_shown(self) -> None:
        if self._view is not None:
            self._view.restore()

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
        # Without a selection the second line speaks of the tables above it, which this panel has not.
        self.panel.show_selection(f"{lines.total}\n{lines.levels}" if state.level and lines.levels else lines.total)

    def _draw_progress(self, state: ProgressState) -> None:
        downloads = self.browser.downloads if self.browser is not None else None
        front = downloads.front if downloads is not None else None
        title = with_waiting(state.title, downloads.waiting) if downloads is not None and state.running else state.title
        pause = pause_text(front.row) if front is not None and front.row.can_pause_or_resume else ""
        self.panel.show_progress("\n".join(part for part in (title, state.text) if part), state.running, pause)

    def _draw_folder(self, folder: str) -> None:
        self.panel.show_folder(folder)

    def _show_state(self) -> None:
        self._review_changed()
        if self._reason:
            self.panel.show_setup(self._reason, False)
        elif self.browser is None or self._host is None or self._view is None:
            text = _("IDC Browser needs a few Python packages to read the catalog and to download. Nothing is installed before you agree.")
            if self._waiting:
                text += " " + _("What you opened will be shown once they are installed.")
            self.panel.show_setup(self._problem or text, True)
        else:
            text = state_text(self._view.is_available, self._view.is_shown, self._loaded_names())
            self.panel.show_ready(text, self._view.is_available)
            if self._review is not None and self._review.widget.isVisibleTo(self.panel.widget):
                self.panel.make_room(True)
            self._draw_selection(self.browser.picked.state)
            self._draw_progress(self.browser.downloads.state)
            self._draw_folder(self._host.download_folder)
            self._draw_database(self._host)

    def _draw_database(self, host: SlicerHost) -> None:
        """That the first download makes the database is no problem; that it could not is one."""
        problem = why_not_open()
        first = first_database_text(database_folder()) if problem and not host.store.has_tried else ""
        self.panel.show_database(first or problem, bool(problem and not first))

    def _loaded_names(self) -> list[str]:
        import slicer

        if self.browser is not None and self.browser.review.state.is_open:
            # Its page says what is in sight, and no more.
            return []
        nodes = map(slicer.mrmlScene.GetNodeByID, self._loaded_ids)
        return [str(node.GetName()) for node in nodes if node is not None]


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
