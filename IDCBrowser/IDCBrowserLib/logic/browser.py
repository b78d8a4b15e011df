"""The browser without widgets: tables, what is selected, details, status of series, and downloads.

Panels connect to the signals and call the methods; they hold no state of their own. Everything runs in the host's main thread and
returns at once; answers of the engine arrive through ``EngineClient.poll``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import Any

from IDCBrowserLib.api import catalog
from IDCBrowserLib.api.catalog import Details, Info
from IDCBrowserLib.api.clinical import is_clinical
from IDCBrowserLib.api.selection import SUMMARY, PlanParameters, Summary
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.base.loading_text import what_loading_does, why_not_load
from IDCBrowserLib.logic.base.settings_keys import slide_megapixels
from IDCBrowserLib.logic.base.state import CASE_GROUP, LEVELS, DetailsState, Hit, Kind, Message, Phase, Ranges, SelectionState, TableState
from IDCBrowserLib.logic.changes.changes import CohortChanges
from IDCBrowserLib.logic.details.clinical import Clinical
from IDCBrowserLib.logic.details.leafing import Leafing, is_leafed_through
from IDCBrowserLib.logic.details.picture_source import PictureSource
from IDCBrowserLib.logic.details.preview import Preview
from IDCBrowserLib.logic.details.qupath import HOME_PAGE, VARIABLE, find_qupath, largest_file
from IDCBrowserLib.logic.details.related import Related
from IDCBrowserLib.logic.details.thumbnails import Thumbnails
from IDCBrowserLib.logic.dose.histograms import DoseHistograms
from IDCBrowserLib.logic.downloads.download import MAX_LOADED_SERIES, DownloadOverrides
from IDCBrowserLib.logic.downloads.downloads import Downloads
from IDCBrowserLib.logic.finding.clinical_attributes import ClinicalAttributes
from IDCBrowserLib.logic.finding.filter_finder import FilterFinder
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.logic.finding.query import Query
from IDCBrowserLib.logic.finding.saved_searches import Searches
from IDCBrowserLib.logic.finding.search import SEARCH_LEVEL, Search
from IDCBrowserLib.logic.picking.cart import Cart
from IDCBrowserLib.logic.picking.selection_actions import CitedPart, ContentOptions, ExportFormat, SelectionActions
from IDCBrowserLib.logic.picking.source_plan import SourcePlan
from IDCBrowserLib.logic.picking.working_set import WorkingSet, WorkingSetState
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
from IDCBrowserLib.logic.tables.study_status import StudyStatusBook
from IDCBrowserLib.logic.tables.table_copy import TableCopy
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.signal import Signal

DOWNLOAD_FOLDER_KEY = "DownloadFolder"
# A working set of more is not planned as a whole until somebody asks for it: a plan of a million series takes a gigabyte.
_MAX_PLANNED = 100_000
ANALYSIS_RESULTS = "analysis_results"


class Browser:
    """``defer`` runs a function soon in the event loop.

    Signals: ``selection_changed(SelectionState)``, ``details_changed(DetailsState)``, ``message(Message or None)``, ``info_changed(dict)``,
    ``folder_changed(str)``, ``page_wanted(name)``; those of the tables are on ``tables``, of the search box on ``search``, of the filters on
    ``filters``, of an opened manifest on ``plan`` and ``working_set``, of downloads on ``downloads``, of the status column on ``statuses``, of
    the settings on ``settings`` and ``shared_folders``, of what is read on ``reports``, of histograms of doses on ``doses``.
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
        self.settings, self.shared_folders = (
            DownloadSettings(client, host.settings, options or DownloadOverrides()),
            SharedFolders(client, self._look_again),
        )
        self.downloads = Downloads(client, host, self.settings, self.statuses, defer)
        self.reports, self.doses = Reports(client, host, self.settings), DoseHistograms(client)
        self.review = Review(client, host, self.downloads, defer)
        self.storage = Storage(client, host, lambda: self.downloads.state.running, defer)
        self.pictures = pictures = PictureSource(host, self.settings)
        self.preview, self.choosing = Preview(client, host, pictures), SegmentChoosing(client, host, pictures)
        self.leafing, self.thumbnails = Leafing(client, pictures), Thumbnails(client, pictures)
        self.thumbnails.set_enabled(self.preview.enabled)
        self.series_tree = SeriesTree(client, self.tables, host)
        self.cart = Cart(client)
        self.scope = CohortScope(self.tables, self.shelf, self.filters, self.cart, self.plan)
        self.figures, self.changes = Figures(client, self.scope), CohortChanges(client, self.scope)
        self.clinical_tables = ClinicalTables(client, lambda: self.settings.parameters().get("endpoint_url") or "")
        self.related, self.clinical = Related(client, self.cart), Clinical(client, self.clinical_tables)
        self.content = ContentOptions()
        self.selection_actions = SelectionActions(client, self.downloads)
        self.rows = RowActions(client, host, self.selection_actions, self.downloads.start_folders)
        self.copying = TableCopy(
            client, {"SeriesInstanceUID": lambda uid: self.statuses.of(uid).text, "StudyInstanceUID": lambda uid: self.study_statuses.of(uid).text}
        )
        self.selection = SelectionState()
        self.details = DetailsState()
        self._selected_at_the_end: tuple[str | None, object] = (None, None)
        self.info: Info | None = None
        self._summary_request: Request | None = None
        self._details_request: Request | None = None
        self.selection_changed: Signal[SelectionState] = Signal()
        self.details_changed: Signal[DetailsState] = Signal()
        self.message: Signal[Message | None] = Signal()
        self.info_changed: Signal[Info] = Signal()
        self.folder_changed: Signal[str] = Signal()
        self.page_wanted: Signal[str] = Signal()
        self._connect()

    def _connect(self) -> None:
        self._client.died.connect(self._engine_died)
        self.tables.selection_changed.connect(self._selection_moved)
        self.tables.changed.connect(self._table_changed)
        rows = self.tables.rows("series")
        rows.changed.connect(self._ask_statuses)
        rows.arrived.connect(self._ask_statuses)
        self.statuses.failed.connect(self._tell_error)
        self.host.loader.loaded_changed.connect(self._scene_changed)
        self._scene_changed()
        studies = self.tables.rows("studies")
        studies.changed.connect(self._ask_study_statuses)
        studies.arrived.connect(self._ask_study_statuses)
        self.study_statuses.failed.connect(self._tell_error)
        self.downloads.ended.connect(self._ask_studies_again)
        self.downloads.ended.connect(self._download_ended)
        self.filters.chosen_changed.connect(self.tables.set_filters)
        self.filters.failed.connect(self._tell_error)
        self.search.failed.connect(self._tell_error)
        self.query.failed.connect(self._tell_error)
        self.searches.failed.connect(partial(self._tell, Kind.ERROR))
        self.searches.shown.connect(lambda: self.show_page("browse"))
        self.searches.ids_wanted.connect(self.open_sources)
        self.plan.failed.connect(partial(self._tell, Kind.ERROR))
        self.working_set.changed.connect(self._set_changed)
        self.working_set.failed.connect(self._set_failed)
        self.downloads.ended.connect(self.message.emit)
        self.downloads.noted.connect(self.message.emit)
        self.downloads.loaded.connect(self.reports.take)
        self.downloads.loaded.connect(self.doses.take)
        self.doses.message.connect(self.message.emit)
        # What a review list loads is looked at beside its page.
        self.reports.opened.connect(lambda: None if self.review.state.is_open else self.show_page("reports"))
        self.review.said.connect(self.message.emit)
        self.reports.message.connect(self.message.emit)
        self.side_fetch.arrived.connect(self._learn_more)
        self.side_fetch.arrived.connect(self.figures.again)
        self.clinical_tables.arrived.connect(self._use_clinical_tables)
        self.cart.contents_changed.connect(self.figures.again)
        self.storage.said.connect(self.message.emit)
        self.storage.disk_changed.connect(self._look_again)
        self.storage.moved.connect(self._set_folder)
        self.selection_actions.message.connect(self.message.emit)
        self.choosing.loaded.connect(lambda text: self._tell(Kind.INFO, text) if text else None)
        self.rows.message.connect(self.message.emit)
        self.cart.message.connect(self.message.emit)
        self.copying.message.connect(self.message.emit)
        self.indices.message.connect(self.message.emit)
        self.indices.changed.connect(lambda state: self.series_tree.know_sizes(state.sizes))
        self.series_tree.sizes_wanted.connect(self.indices.ask_sizes)
        self.release.message.connect(self.message.emit)
        self.release.replaced.connect(self._data_replaced)

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
        self.host.loader.loaded_changed.disconnect(self._scene_changed)
        self.settings.close()

    def restart_engine(self) -> None:
        """The way back after the engine ended too often."""
        self.message.emit(None)
        self._client.start()
        self._open_again()

    def open_sources(self, sources: Sequence[str]) -> None:
        """Keep the tables to what manifests or identifiers mean; "Download" takes all of that, or the rows that are selected in it."""
        self._begin_set()
        self.plan.await_sources(sources)
        self.working_set.open_sources(sources)

    def show_cart(self) -> None:
        """Keep the tables to what is in the cart."""
        self._begin_set()
        self.working_set.open_cart()

    def show_query_rows(self, ranges: Ranges) -> None:
        """Keep the tables to what rows of the query name, all of them when ``ranges`` is empty."""
        if self.query.state.view is not None:
            self._begin_set()
            self.working_set.open_rows(self.query.state.view, ranges)

    def leave_set(self) -> None:
        """Show everything again."""
        self.plan.clear()
        self.working_set.leave()

    def _begin_set(self) -> None:
        self.message.emit(None)
        self.show_page("browse")
        self.plan.clear()
        self.tables.clear_selection()

    def _set_changed(self, state: WorkingSetState) -> None:
        document = state.document
        if document is None:
            self.filters.keep_to(None)
            return
        self.filters.keep_to(self.working_set.number)
        if not state.sources:
            if not document["series"]:
                self._tell(Kind.WARNING, _("No series of this IDC release is in {name}.").format(name=state.name))
        elif document["series"] <= _MAX_PLANNED:
            self.plan.open(state.sources, self.content.parameters(False))
        else:
            self.plan.clear()

    def _set_failed(self, error: IDCBrowserError) -> None:
        self.plan.clear()
        self._tell_error(error)

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
            self.open_sources(hit.ids)

    def _reveal(self, path: Mapping[str, Sequence[str]], cases_with: str = "") -> None:
        self.show_page("browse")
        self.leave_set()
        self.tables.reveal(dict(path), None, cases_with)
        self.filters.reset()

    def download(self, load: bool) -> None:
        """Fetch what is selected; with ``load`` put it into the scene as well."""
        if self.why_not_download(load):
            return
        taken = self._taken()
        if taken is None:
            return
        what, content = taken
        counted = self.plan.state.document or self.selection.summary
        content = replace(content, slide_levels=self._slide_levels(load, counted and set(counted["modalities"])))
        self.message.emit(None)
        if content.parameters(False):
            self.selection_actions.download(what, content, load)
        else:
            self.downloads.start(what, load, self.with_references)

    def _taken(self) -> tuple[PlanParameters, ContentOptions] | None:
        """What is downloaded, saved and cited, and which content of it: the selected rows if there are any, else an opened list."""
        document = self.plan.state.document
        if document is not None:
            return {"plan": document["plan"]}, ContentOptions(with_references=self.with_references)
        level = self.tables.deepest_selected()
        selection = self.tables.selection(level) if level else None
        return ({"selections": [selection]}, self.content) if selection is not None else None

    def _slide_levels(self, load: bool, modalities: Set[str] | None) -> tuple[str, ...]:
        """Of slides that are to be seen no more than is shown of them; ``modalities`` are None where they are not known yet."""
        has_slides = load and (modalities is None or "SM" in modalities)
        return (f"{slide_megapixels(self.host.settings)}MP", "label") if has_slides else ()

    def download_level(self, place: int, load: bool) -> None:
        """Fetch one level of the slide whose details are shown, by its place among them."""
        document = self.details.document
        if document is not None and place < len(document["levels"]):
            self.message.emit(None)
            addresses = document["levels"][place]["addresses"]
            self.selection_actions.download({"sources": list(addresses)}, ContentOptions(with_references=False), load)

    def show_in_qupath(self) -> None:
        """Open the largest level that is here of the slide whose details are shown."""
        self.host.store.series_files(self.details.id, self._open_in_qupath, self._tell_error)

    def _open_in_qupath(self, files: Sequence[str]) -> None:
        program = find_qupath()
        if not program:
            text = _("QuPath is not on this computer. Get it from {address}; if it is somewhere unusual, {variable} names its program.")
            self._tell(Kind.INFO, text.format(address=HOME_PAGE, variable=VARIABLE))
        elif not files:
            self._tell(Kind.INFO, _("No level of this slide is on this computer. Download one first."))
        elif not self.host.run_program(program, [f"--image={largest_file(files)}"]):
            self._tell(Kind.ERROR, _("{program} cannot be started. Install QuPath again.").format(program=program))

    def download_cart(self, load: bool) -> None:
        """Fetch what is in the cart, or the part of it that was chosen there."""
        if not self.why_not_download_cart(load):
            self.message.emit(None)
            totals = self.cart.state.totals
            content = replace(self.cart.state.content, slide_levels=self._slide_levels(load, totals and set(totals["modalities"])))
            self.selection_actions.download({"cart": True}, content, load)

    def add_to_cart(self, level: str = "") -> None:
        """Put the selected rows of a table aside, those of the deepest one unless it is named."""
        level = level or self.tables.deepest_selected() or ""
        selection = self.tables.selection(level) if level else None
        if selection is not None:
            self.cart.add(selection, level)

    def save_as(self, form: ExportFormat, path: str) -> None:
        """Write what is selected, or an opened manifest, to a file."""
        taken = self._taken()
        if taken is not None:
            self.selection_actions.save(*taken, form, path)

    def cite(self, part: CitedPart, on_text: Callable[[str], None]) -> None:
        """Give the methods text or the citations of what is selected, or of an opened manifest, to ``on_text``."""
        taken = self._taken()
        if taken is not None:
            self.selection_actions.cite(*taken, part, on_text)

    def choose(self, **changes: Any) -> None:
        """Change which content of the selection is downloaded or saved (fields of ``ContentOptions``)."""
        former = self.content
        self.content = replace(self.content, **changes)
        if self.content.parameters(False) != former.parameters(False):
            self.plan.choose(self.content.parameters(False))
        if not self.plan.state.sources and self.selection.level and self.content != former:
            self._summarize(self.selection.level)

    @property
    def with_references(self) -> bool:
        """Whether the images that segmentations refer to come along."""
        return self.content.with_references

    @with_references.setter
    def with_references(self, on: bool) -> None:
        self.choose(with_references=on)

    def what_loading_does(self) -> str:
        """What becomes of the selection with "Download and load", by the kinds of its series."""
        summary = self.selection.summary
        return what_loading_does(set(summary["modalities"]) if summary is not None else set())

    def why_not_download(self, load: bool) -> str:
        """A sentence when the button cannot be used now; "" when it can."""
        if self.plan.state.sources:
            return self._why_not_plan(load)
        if not self.selection.level:
            return _("Select collections, cases, studies or series first.")
        return _why_not_these(self.selection.summary, load)

    def why_not_download_cart(self, load: bool) -> str:
        """The same for the cart."""
        if self.selection_actions.busy:
            return _("The series to download are still being looked up. Wait a moment.")
        if not self.cart.state.count:
            return _("The cart is empty.")
        return _why_not_these(self.cart.state.totals, load)

    def _why_not_plan(self, load: bool) -> str:
        plan = self.plan.state
        if plan.document is None:
            return _("The series to download are still being looked up. Wait a moment.")
        modalities = {str(item["Modality"]) for item in plan.document["series"]}
        return plan.nothing or _why_not_so_many(plan.document["series_count"], load) or why_not_load(modalities, load)

    def look_at(self, level: str, number: int) -> None:
        """Show the details of a row that was clicked, though it was selected before and what is selected below it stays so."""
        row = self.tables.rows(level).loaded_row(number)
        if row is None or (self.details.level, self.details.id) == (level, self.tables.id_of(level, row)):
            return
        if self._details_request is not None:
            self._details_request.cancel()
        item = self.tables.id_of(level, row)
        self._request_details(level, item)
        self._set_details(DetailsState(level, item))

    def open_link(self, level: str, kind: str) -> None:
        """Open the page of that kind (see ``catalog.links``) of the first row selected in a table."""
        selected = self.tables.state(level).selected
        row = self.tables.rows(level).loaded_row(selected[0][0]) if selected else None
        if row is None:
            self._tell(Kind.INFO, _("Select a row first."))
            return
        self.open_link_of(level, self.tables.id_of(level, row), kind)

    def open_link_of(self, level: str, row_id: str, kind: str) -> None:
        """Open the page of that kind of a row that is in no table."""
        question = catalog.DETAILS({"level": level, "id": row_id})
        self._client.ask(question, lambda document: self._open_page(document, kind), self._tell_error)

    def _open_page(self, document: Details, kind: str) -> None:
        address = next((address for _label, address, of_kind in document["links"] if of_kind == kind), "")
        if address:
            self.host.open_url(address)
        else:
            self._tell(Kind.INFO, _("There is no such page for the selected row."))

    def show_pictures(self, on: bool) -> None:
        """Whether pictures of series are looked for, which may fetch parts of them."""
        self.preview.set_enabled(on)
        self.thumbnails.set_enabled(on)
        self._leaf_through(self.details.id if self.details.level == "series" else "")

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

    def _scene_changed(self) -> None:
        self.statuses.set_loaded(self.host.loader.loaded_series())

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
        self._look_again()
        self.folder_changed.emit(self.host.download_folder)

    def refresh_statuses(self) -> None:
        """Ask disk and database again what is here of the rows in sight: somebody may have deleted, moved or imported files meanwhile."""
        self.statuses.expire()
        self._ask_statuses()
        self._ask_studies_again()

    def _look_again(self) -> None:
        self.statuses.forget()
        self._ask_statuses()
        self._ask_studies_again()

    def _ask_studies_again(self, *_why: object) -> None:
        self.study_statuses.forget()
        self._ask_study_statuses()

    # What the engine and the tables say

    def _data_replaced(self, info: Info) -> None:
        self._learn_info(info)
        self._open_again()
        self.indices.refresh()

    def _learn_info(self, info: Info) -> None:
        self.info = info
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
        self._cancel_questions()
        if level is None:
            self._set_selection(SelectionState())
            self._set_details(DetailsState())
            self.plan.bring_back()
            return
        if self.working_set.state.sources:
            # All of it is what a download takes again when nothing in it is selected.
            self.plan.set_aside()
        else:
            self.plan.clear()
        if self._selected() != self._selected_at_the_end:
            self.downloads.leave_results()
        self._summarize(level)
        self._ask_details(level)

    def _selected(self) -> tuple[str | None, object]:
        level = self.tables.deepest_selected()
        return level, (self.tables.selected_ids(level) or self.tables.selection(level)) if level else None

    def _download_ended(self, _message: object) -> None:
        self._selected_at_the_end = self._selected()
        # Files that are here now say what they refer to.
        self.series_tree.again()

    def _summarize(self, level: str) -> None:
        if self._summary_request is not None:
            self._summary_request.cancel()
        self._set_selection(SelectionState(level, self.tables.state(level).selected_count))
        selection = self.tables.selection(level)
        question = SUMMARY({"selections": [] if selection is None else [selection], "content": self.content.parameters(True)})
        self._summary_request = self._client.ask(question, self._summarized, self._not_summarized)

    def _ask_details(self, level: str) -> None:
        number = self.tables.state(level).selected[0][0]
        row = self.tables.rows(level).loaded_row(number)
        if row is None:
            self._set_details(DetailsState())
            return
        item = self.tables.id_of(level, row)
        if (self.details.level, self.details.id) == (level, item):
            return
        self._request_details(level, item)
        self._set_details(DetailsState(level, item))

    def _request_details(self, level: str, item: str) -> None:
        self._details_request = self._client.ask(
            catalog.DETAILS({"level": level, "id": item}),
            lambda document: self._set_details(DetailsState(level, item, document)),
            lambda error: self._set_details(DetailsState(level, item, None, str(error))),
        )

    def _learn_more(self, _name: str) -> None:
        """Another index is here: what it adds to what is in sight is asked for."""
        self.series_tree.again()
        self.search.again()
        self.clinical_attributes.again()
        level, item = self.details.level, self.details.id
        if item:
            self._request_details(level, item)
            self.related.again()
            self.clinical.again()

    def _use_clinical_tables(self) -> None:
        """Filters on them go on."""
        self.filters.refresh()
        self.filter_finder.data_arrived()
        if any(map(is_clinical, self.filters.state.chosen)):
            self.tables.set_filters(self.filters.for_engine(), again=True)

    def _cancel_questions(self) -> None:
        for request in (self._summary_request, self._details_request):
            if request is not None:
                request.cancel()
        self._summary_request = self._details_request = None
        if self.details.document is None:
            self.details = DetailsState()

    def _summarized(self, summary: Summary) -> None:
        self._set_selection(SelectionState(self.selection.level, self.selection.rows, summary))

    def _not_summarized(self, error: IDCBrowserError) -> None:
        self._set_selection(SelectionState(self.selection.level, self.selection.rows, None, str(error)))

    def _set_selection(self, state: SelectionState) -> None:
        self.selection = state
        self.selection_changed.emit(state)

    def _set_details(self, state: DetailsState) -> None:
        self.details = state
        self.details_changed.emit(state)
        series = state.id if state.level == "series" else ""
        self.preview.show(series)
        self._leaf_through(series)
        self.related.show(series)
        self.clinical.show(state.id if state.level == "cases" else "")

    def _leaf_through(self, series_uid: str) -> None:
        rows = self.tables.rows("series")
        row = next((row for _number, row in rows.loaded() if row and rows.value(row, "SeriesInstanceUID") == series_uid), None)
        images = rows.value(row, "instanceCount") if row is not None and is_leafed_through(str(rows.value(row, "Modality"))) else None
        self.leafing.show(series_uid if self.preview.enabled else "", images if isinstance(images, int) else 0)

    def _ask_study_statuses(self, first: int = 0, last: int = -1) -> None:
        rows = self.tables.rows("studies")
        numbers = [number for number, _row in rows.loaded()] if last < 0 else range(first, last + 1)
        loaded = [row for row in map(rows.loaded_row, numbers) if row is not None]
        self.study_statuses.ask([self.tables.id_of("studies", row) for row in loaded])

    def _ask_statuses(self, first: int = 0, last: int = -1) -> None:
        rows = self.tables.rows("series")
        numbers = [number for number, _row in rows.loaded()] if last < 0 else range(first, last + 1)
        loaded = [row for row in map(rows.loaded_row, numbers) if row is not None]
        self.statuses.ask([self.tables.id_of("series", row) for row in loaded])

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
        if self.tables.deepest_selected() is None:
            self.plan.bring_back()
        if self.working_set.state.name:
            # It opens its plan when it is looked up again.
            self.filters.keep_to(None)
            self.working_set.open_again()
        else:
            self.plan.open_again()
        self.cart.refresh()
        self.filters.refresh()
        self.clinical_attributes.again()
        self.figures.again()

    def _tell(self, kind: Kind, text: str) -> None:
        self.message.emit(Message(kind, text))

    def _tell_error(self, error: IDCBrowserError) -> None:
        self._tell(Kind.ERROR, str(error))


def _why_not_these(summary: Summary | None, load: bool) -> str:
    # While the selection is being counted, allow it; the download checks the plan again.
    if summary is not None and not summary["series"]:
        return _("The selection contains nothing of this kind. Choose other content.")
    if summary is None:
        return ""
    return _why_not_so_many(summary["series"], load) or why_not_load(set(summary["modalities"]), load)


def _why_not_so_many(series: int, load: bool) -> str:
    if load and series > MAX_LOADED_SERIES:
        return _('At most {limit} series can be loaded at once. Select fewer series, or use "Download".').format(limit=MAX_LOADED_SERIES)
    return ""
