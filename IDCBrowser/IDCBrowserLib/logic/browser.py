"""The browser without widgets: puts its parts together, and carries what one part says to the others.

Panels connect to the signals and call the methods; they hold no state of their own. Everything runs in the host's main thread and
returns at once; answers of the engine arrive through ``EngineClient.poll``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from IDCBrowserLib.api import catalog
from IDCBrowserLib.api.catalog import Info
from IDCBrowserLib.api.clinical import is_clinical
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import know
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.base.settings_keys import shown_slide_levels
from IDCBrowserLib.logic.base.state import CASE_GROUP, LEVELS, Hit, Kind, Message, Phase, TableState
from IDCBrowserLib.logic.changes.changes import CohortChanges
from IDCBrowserLib.logic.details.clinical import Clinical
from IDCBrowserLib.logic.details.leafing import Leafing
from IDCBrowserLib.logic.details.page_links import PageLinks
from IDCBrowserLib.logic.details.picture_source import PictureSource
from IDCBrowserLib.logic.details.preview import Preview
from IDCBrowserLib.logic.details.related import ObjectsAsked, Related
from IDCBrowserLib.logic.details.shown_details import ShownDetails
from IDCBrowserLib.logic.details.slide_files import SlideFiles
from IDCBrowserLib.logic.details.slide_rows import SlideRows
from IDCBrowserLib.logic.details.thumbnails import Thumbnails
from IDCBrowserLib.logic.dose.histograms import DoseHistograms
from IDCBrowserLib.logic.downloads.download import DownloadOverrides
from IDCBrowserLib.logic.downloads.downloads import Downloads
from IDCBrowserLib.logic.finding.clinical_attributes import ClinicalAttributes
from IDCBrowserLib.logic.finding.filter_finder import FilterFinder
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.logic.finding.query import Query
from IDCBrowserLib.logic.finding.saved_searches import Searches
from IDCBrowserLib.logic.finding.search import SEARCH_LEVEL, Search
from IDCBrowserLib.logic.picking.cart import Cart
from IDCBrowserLib.logic.picking.opened_set import OpenedSet
from IDCBrowserLib.logic.picking.picked import Picked
from IDCBrowserLib.logic.picking.selection_actions import SelectionActions
from IDCBrowserLib.logic.picking.source_plan import SourcePlan
from IDCBrowserLib.logic.picking.working_set import WorkingSet
from IDCBrowserLib.logic.reports.reports import Reports
from IDCBrowserLib.logic.review.review import Review
from IDCBrowserLib.logic.row_actions import RowActions
from IDCBrowserLib.logic.segments.choosing import SegmentChoosing
from IDCBrowserLib.logic.session_restore import restore_place, save_place
from IDCBrowserLib.logic.settings.catalog_speed import CatalogSpeed
from IDCBrowserLib.logic.settings.clinical_tables import ClinicalTables
from IDCBrowserLib.logic.settings.indices import Indices
from IDCBrowserLib.logic.settings.release_update import ReleaseUpdate
from IDCBrowserLib.logic.settings.settings import DownloadSettings
from IDCBrowserLib.logic.settings.shared_folders import SharedFolders
from IDCBrowserLib.logic.storage.storage import Storage
from IDCBrowserLib.logic.summary.figures import CohortScope, Figures
from IDCBrowserLib.logic.tables.series_status import SeriesStatusBook
from IDCBrowserLib.logic.tables.series_tree import SeriesTree
from IDCBrowserLib.logic.tables.shelf import Shelf
from IDCBrowserLib.logic.tables.statuses_in_sight import StatusesInSight
from IDCBrowserLib.logic.tables.study_status import StudyStatusBook
from IDCBrowserLib.logic.tables.table_copy import TableCopy
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.signal import Signal

DOWNLOAD_FOLDER_KEY = "DownloadFolder"
ANALYSIS_RESULTS = "analysis_results"


class Browser:
    """``defer`` runs a function soon in the event loop.

    Signals: ``message(Message or None)``, ``info_changed(dict)``, ``folder_changed(str)``, ``page_wanted(name)``; those of the parts are on the
    parts: ``tables``, ``picked`` for what is selected in them, ``details``, ``plan`` and ``working_set`` for an opened manifest, and so on.
    ``failed(sentence)``: something that was asked for, wherever that is shown.
    """

    def __init__(self, client: EngineClient, host: Host, defer: Defer, options: DownloadOverrides | None = None) -> None:
        self._client = client
        self.failed = client.failed
        self.host = host
        self.tables = Tables(client, host.store.folders, host.loader.loaded_series)
        self.shelf = Shelf(self.tables)
        self.plan = SourcePlan(client)
        self.working_set = WorkingSet(client)
        self.search, self.speed = Search(client), CatalogSpeed(client)
        self.filters = filters = Filters(client)
        self.clinical_attributes = attributes = ClinicalAttributes(client, filters)
        self.filter_finder = FilterFinder(client, filters, attributes)
        self.indices = Indices(client, host)
        self.side_fetch = self.indices.worker
        self.release = ReleaseUpdate(client, host.settings, lambda: self.indices.source)
        self.query = Query(client, host.settings)
        self.searches = Searches(client, host.settings, self.tables, self.filters, self.search)
        self.statuses = SeriesStatusBook(host.store)
        self.study_statuses = StudyStatusBook(client, host.store)
        self.statuses_in_sight = StatusesInSight(self.tables, self.statuses, self.study_statuses, host.loader)
        self.settings = DownloadSettings(client, host.settings, options or DownloadOverrides())
        self.shared_folders = SharedFolders(client, self.statuses_in_sight.look_again)
        self.downloads = Downloads(client, host, self.settings, self.statuses, defer, self._selected)
        self.reports, self.doses = Reports(client, host, self.settings), DoseHistograms(client)
        self.review = Review(client, host, self.downloads, defer)
        self.storage = Storage(client, host, lambda: self.downloads.state.running, lambda: self.settings.parameters().get("keep_free") or 0, defer)
        self.pictures = pictures = PictureSource(host, self.settings)
        self.preview, self.choosing = Preview(client, host, pictures), SegmentChoosing(client, host, pictures)
        self.leafing, self.thumbnails = Leafing(client, pictures), Thumbnails(client, pictures)
        self.series_tree = SeriesTree(client, self.tables, host)
        self.cart = Cart(client, host.store.folders)
        self.scope = CohortScope(self.tables, self.shelf, self.filters, self.cart, self.plan)
        self.figures, self.changes = Figures(client, self.scope), CohortChanges(client, self.scope)
        self.clinical_tables = ClinicalTables(client, lambda: self.settings.parameters().get("endpoint_url") or "")
        self.related, self.clinical = (
            Related(client, self.cart, ObjectsAsked(host.store.folders, pictures.buckets, lambda: self.preview.enabled)),
            Clinical(client, self.clinical_tables),
        )
        self.details = ShownDetails(client, self.tables, self.preview, self.leafing, self.thumbnails, self.related, self.clinical)
        self.selection_actions = actions = SelectionActions(client, self.downloads, host.store.folders)
        self.picked = Picked(
            client,
            self.tables,
            self.plan,
            self.cart,
            self.downloads,
            actions,
            lambda: shown_slide_levels(host.settings),
            host.store.folders,
        )
        self.opened_set = OpenedSet(self.working_set, self.plan, self.query, self.tables, filters, self.picked, lambda: self.show_page("browse"))
        self.slide_files = SlideFiles(host, self.details, actions)
        self.slide_rows = SlideRows(client, self.indices, self.slide_files.download)
        self.page_links = PageLinks(client, host, self.tables)
        self.rows = RowActions(client, host, self.selection_actions, self.downloads.start_folders)
        self.copying = TableCopy(
            client, {"SeriesInstanceUID": lambda uid: self.statuses.of(uid).text, "StudyInstanceUID": lambda uid: self.study_statuses.of(uid).text}
        )
        self._selected_at_the_end: tuple[str | None, object] = (None, None)
        self.info: Info | None = None
        self.message: Signal[Message | None] = Signal()
        self.info_changed: Signal[Info] = Signal()
        self.folder_changed: Signal[str] = Signal()
        self.page_wanted: Signal[str] = Signal()
        self._connect()

    def _connect(self) -> None:
        self._client.died.connect(self._engine_died)
        self.tables.selection_changed.connect(self._selection_moved)
        self.tables.changed.connect(self._table_changed)
        self.downloads.ended.connect(self._download_ended)
        self.filters.chosen_changed.connect(self.tables.set_filters)
        for part in (self.statuses, self.study_statuses, self.filters, self.search, self.query):
            part.failed.connect(self._tell_error)
        self.searches.failed.connect(partial(self._tell, Kind.ERROR))
        self.searches.shown.connect(lambda: self.show_page("browse"))
        self.searches.ids_wanted.connect(self.opened_set.open_sources)
        self.picked.began.connect(lambda: self.message.emit(None))
        self.related.learned.connect(self.picked.recount)
        self.downloads.ended.connect(lambda _message: self.picked.recount())
        self.downloads.ended.connect(self.message.emit)
        self.downloads.noted.connect(self.message.emit)
        self.downloads.loaded.connect(self.reports.take)
        self.downloads.loaded.connect(self.doses.take)
        # What a review list loads is looked at beside its page.
        self.reports.opened.connect(lambda: None if self.review.state.is_open else self.show_page("reports"))
        self.side_fetch.arrived.connect(self._learn_more)
        self.side_fetch.arrived.connect(self.figures.again)
        self.clinical_tables.arrived.connect(self._use_clinical_tables)
        self.cart.contents_changed.connect(self.figures.again)
        self.storage.disk_changed.connect(self.statuses_in_sight.look_again)
        self.storage.moved.connect(self._set_folder)
        self.choosing.loaded.connect(lambda text: self._tell(Kind.INFO, text) if text else None)
        self.indices.changed.connect(lambda state: self.series_tree.know_sizes(state.sizes))
        self.series_tree.sizes_wanted.connect(self.indices.ask_sizes)
        self.release.replaced.connect(self._data_replaced)
        self.review.said.connect(self.message.emit)
        self.storage.said.connect(self.message.emit)
        for speaker in (
            *(self.opened_set, self.slide_files, self.page_links, self.selection_actions, self.rows, self.cart, self.copying),
            *(self.reports, self.doses, self.indices, self.release),
        ):
            speaker.message.connect(self.message.emit)

    def start(self) -> None:
        """Ask for the catalog, and for what was selected at the last start; returns at once."""
        self._client.ask(catalog.INFO({}), self._learn_info, self._tell_error)
        self.downloads.restore()
        self.cart.start()
        restore_place(self.host.settings, self.tables, self.filters, self.shelf)
        self.indices.refresh()
        self.release.start()

    def close(self) -> None:
        """Listen no more. Whoever started the engine closes it: downloads then stop, and the next start offers them again."""
        self.review.close()
        self.selection_actions.cancel()
        save_place(self.host.settings, self.tables, self.filters, self.shelf)
        self.searches.recent.save()
        self.query.recent.save()
        self._client.died.disconnect(self._engine_died)
        self.statuses_in_sight.close()
        self.settings.close()

    def restart_engine(self) -> None:
        """The way back after the engine ended too often."""
        self.message.emit(None)
        self._client.start()
        self._open_again()

    def show_page(self, name: str) -> None:
        """Bring a page of the panel to the front (``ui.pages``; "browse" is the one with the tables)."""
        self.page_wanted.emit(name)

    def pick(self, hit: Hit) -> None:
        """Show something that was found: select it in the tables, or plan it when it is not in this release or of several levels."""
        self.message.emit(None)
        if hit.filters or hit.level == SEARCH_LEVEL:
            self.searches.pick(hit)
        elif hit.level == CASE_GROUP:
            self._reveal({"collections": hit.ids}, hit.text)
        elif hit.level in LEVELS:
            self.search.locate(hit, self._reveal)
        elif hit.level == ANALYSIS_RESULTS:
            self._reveal({ANALYSIS_RESULTS: list(hit.ids)})
        else:
            self.opened_set.open_sources(hit.ids)

    def _reveal(self, path: Mapping[str, Sequence[str]], cases_with: str = "") -> None:
        self.show_page("browse")
        self.opened_set.leave()
        self.tables.reveal(dict(path), None, cases_with)
        self.filters.reset()

    def show_folder(self, level: str) -> None:
        """Open the folder with the files of the rows selected in a table."""
        selection = self.tables.selection(level)
        if selection is None:
            self._tell(Kind.INFO, _("Select a row first."))
        else:
            self.rows.show_folder(selection)

    def show_in_views(self) -> None:
        """From the series selected in the table to its nodes in the scene."""
        ids = self.tables.selected_ids("series")
        if not ids:
            self._tell(Kind.INFO, _("Select a row first."))
        elif not any(self.host.loader.show_series(uid) for uid in ids):
            self._tell(Kind.INFO, _('This series is not loaded. "Download and load" brings it into the views.'))

    def remove_from_views(self) -> None:
        """Take the series selected in the table out of the scene; files and database stay."""
        ids = self.tables.selected_ids("series")
        if not ids:
            self._tell(Kind.INFO, _("Select a row first."))
        elif not self.host.loader.remove_series(ids):
            self._tell(Kind.INFO, _("Nothing of the selected series is in the views."))

    def choose_folder(self) -> None:
        """Let the user pick download folder."""
        folder = self.host.choose_folder(_("Download folder"), self.host.download_folder)
        if folder:
            self._set_folder(folder)

    def remove_selected(self, level: str) -> None:
        """Ask, on the page "Storage", whether what is here of the selected rows is to be removed."""
        selection = self.tables.selection(level)
        if selection is not None:
            self.message.emit(None)
            self.show_page("storage")
            self.storage.ask_remove_selection([selection])

    def _set_folder(self, folder: str) -> None:
        self.host.settings.set_value(DOWNLOAD_FOLDER_KEY, folder)
        self.statuses_in_sight.look_again()
        self.folder_changed.emit(self.host.download_folder)

    # What the engine and the tables say

    def _data_replaced(self, info: Info) -> None:
        self._learn_info(info)
        self._open_again()
        self.indices.refresh()

    def _learn_info(self, info: Info) -> None:
        self.info = info
        know(info["collection_names"])
        # What is on the screen may have been drawn before.
        self.filters.changed.emit(self.filters.state)
        self.info_changed.emit(info)
        self.speed.learn_info(info)
        if info["release_problem"]:
            text = _("The updated IDC release cannot be used; the installed release is used instead: {reason}.")
            self._tell(Kind.WARNING, text.format(reason=info["release_problem"].rstrip(".")))

    def _table_changed(self, level: str, state: TableState) -> None:
        if state.phase is Phase.FAILED:
            self._tell(Kind.ERROR, state.note)

    def _selection_moved(self, _level: str) -> None:
        level = self.tables.deepest_selected()
        self.clinical_attributes.keep_to(self.tables.selected_ids("collections") or ())
        self.picked.cancel()
        self.details.cancel()
        self.opened_set.selection_moved(is_empty=level is None)
        if level is None:
            self.picked.clear()
            self.details.clear()
            return
        if self._selected() != self._selected_at_the_end:
            self.downloads.leave_results()
        self.picked.count(level)
        self.details.show_first_selected(level)

    def _selected(self) -> tuple[str | None, object]:
        level = self.tables.deepest_selected()
        return level, (self.tables.selected_ids(level) or self.tables.selection(level)) if level else None

    def _download_ended(self, _message: object) -> None:
        self.statuses_in_sight.ask_studies_again()
        self._selected_at_the_end = self._selected()
        # Files that are here now say what they refer to.
        self.series_tree.again()

    def _learn_more(self, _name: str) -> None:
        """Another index is here: what it adds to what is in sight is asked for."""
        self.series_tree.again()
        self.search.again()
        self.clinical_attributes.again()
        self.details.again()

    def _use_clinical_tables(self) -> None:
        """Filters on them go on."""
        self.filters.refresh()
        self.filter_finder.data_arrived()
        if any(map(is_clinical, self.filters.state.chosen)):
            self.tables.set_filters(self.filters.for_engine(), again=True)

    def _engine_died(self, text: str) -> None:
        if self._client.gave_up:
            self.message.emit(Message(Kind.ERROR, text, "restart"))
            return
        self._tell(Kind.WARNING, text)
        self._open_again()

    def _open_again(self) -> None:
        self.review.open_again()
        self.leafing.forget()
        self.thumbnails.try_again()
        self.tables.open_all(views_lost=True)
        self.opened_set.open_again()
        self.cart.refresh()
        self.filters.refresh()
        self.clinical_attributes.again()
        self.figures.again()

    def _tell(self, kind: Kind, text: str) -> None:
        self.message.emit(Message(kind, text))

    def _tell_error(self, error: IDCBrowserError) -> None:
        self._tell(Kind.ERROR, str(error))
