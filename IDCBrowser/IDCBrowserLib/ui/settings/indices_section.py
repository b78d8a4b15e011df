"""The section "Index files and release" of the settings."""

from __future__ import annotations

from IDCBrowserLib.api.indices import SideIndex
from IDCBrowserLib.host_interface import Capability
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.settings.indices import ALWAYS, ASK, NEVER, IndicesState
from IDCBrowserLib.logic.settings.release_update import ReleaseState
from IDCBrowserLib.logic.tables.columns import EMPTY
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button, column, label
from IDCBrowserLib.ui.widgets.fields import ChoiceField, TextField, box, form
from IDCBrowserLib.ui.widgets.icons import icon
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.views import tree_widget
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow
from IDCBrowserLib.wording import human_size

_ROWS = 14
_ROW_MARGIN = 4
_STATE_WIDTH = 26
_SIZE_WIDTH = 10


class IndicesSection:
    """Draws ``browser.indices`` and ``browser.release``."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._list = self._make_list()
        self._fetch = button("indexFetch", _("&Fetch"), _("Fetch the selected index files."))
        self._fetch_all = button("indexFetchAll", _("Fet&ch all"), _("Fetch all index files that are missing or damaged."))
        self._repair = button("indexRepair", _("Repair"), _("Fetch the selected damaged file again. The damaged file is set aside."))
        self._remove = button("indexRemove", _("Remo&ve"), _("Delete the selected files. They can be fetched again."))
        self._cancel = button("indexCancel", _("Stop fetching"), _("Stop fetching. Complete files are kept."))
        self._progress = label("indexProgress", "", True)
        self._source = self._make_source()
        indices = browser.indices
        self._policy = ChoiceField(
            "indexPolicy",
            _("When neede&d"),
            _("What to do when an index file is needed that is not on this computer."),
            [(ASK, _("Ask")), (ALWAYS, _("Fetch")), (NEVER, _("Continue without it"))],
            indices.set_policy,
        )
        note = label("indexNote", _("These index files add information that the catalog does not contain. Everything else works without them."), True)
        buttons = WrappedRow([self._fetch, self._fetch_all, self._repair, self._remove, self._cancel])
        self.widget = box(
            "indexSettings",
            _("Index files and release"),
            column(
                [
                    note,
                    self._list,
                    buttons,
                    self._progress,
                    form([self._source, self._policy]),
                    self._make_release(),
                ],
                6,
            ),
        )
        self._connect()
        self._draw(indices.state)
        self._draw_release(browser.release.state)

    def shown(self) -> None:
        """See ``settings_page.Section``."""
        indices = self._browser.indices
        self._source.show(indices.source)
        self._policy.show(indices.policy)
        self._daily.setChecked(self._browser.release.daily)
        indices.refresh()
        indices.ask_sizes([str(found["name"]) for found in indices.state.rows if found["state"] != "here"])

    def disconnect(self) -> None:
        """See ``settings_page.Section``."""
        self._browser.indices.changed.disconnect(self._draw)
        self._browser.release.changed.disconnect(self._draw_release)
        self._browser.info_changed.disconnect(self._draw_info)

    def _make_list(self) -> QtWidgets.QTreeWidget:
        made = tree_widget("indexFiles", _("Index files"), [_("Index file"), _("State"), _("Size"), _("Purpose")])
        made.setToolTip(_("Additional index files of IDC, with purpose, size and state."))
        made.setRootIsDecorated(False)
        made.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        character = made.fontMetrics().averageCharWidth()
        made.header().setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        for number, width in ((1, _STATE_WIDTH), (2, _SIZE_WIDTH)):
            made.header().resizeSection(number, width * character)
        made.headerItem().setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        made.setMinimumHeight(_ROWS * (made.fontMetrics().height() + _ROW_MARGIN))
        return made

    def _make_source(self) -> TextField:
        choose = button("indexChooseFolder", _("Choose folder..."), _("Choose a folder that holds the index files."))
        host = self._browser.host
        if Capability.CHOOSE_FOLDER not in host.capabilities:
            choose.setEnabled(False)
            choose.setToolTip(host.why_not(Capability.CHOOSE_FOLDER))
        choose.clicked.connect(self._choose_folder)
        tip = _("Address or folder with the files as IDC publishes them, for use without internet access. Also used to check for newer releases.")
        return TextField("indexSource", _("Source"), tip, _("IDC servers"), lambda _text: None, self._browser.indices.set_source, [choose])

    def _make_release(self) -> QtWidgets.QVBoxLayout:
        self._in_use = label("releaseInUse", "", True)
        self._news = label("releaseNews", "", True)
        self._check = button("checkRelease", _("Chec&k for a newer release"), _("Check the IDC servers, or the source above, for a newer release."))
        self._update = button("updateRelease", _("&Use the new release"), _("Fetch the index files of the newer release and use them immediately."))
        self._stop = button("stopRelease", _("Stop"), _("Stop fetching and keep using the current release."))
        self._back = button(
            "bundledRelease", _("Return to the installed release"), _("Delete the updated index files and use those of the installed package.")
        )
        self._daily = QtWidgets.QCheckBox(_("Check for a newer release once a da&y"))
        self._daily.setObjectName("checkReleaseDaily")
        self._daily.setToolTip(_("When this is off, no server is contacted until you press the button."))
        self._daily.setAccessibleDescription(_("When this is off, no server is contacted until you press the button."))
        return column([self._in_use, self._news, WrappedRow([self._check, self._update, self._stop, self._back]), self._daily])

    def _connect(self) -> None:
        browser = self._browser
        self._list.itemSelectionChanged.connect(self._draw_buttons)
        self._fetch.clicked.connect(lambda _checked=False: browser.indices.fetch(self._chosen("missing")))
        self._repair.clicked.connect(lambda _checked=False: browser.indices.fetch(self._chosen("damaged")))
        self._fetch_all.clicked.connect(lambda _checked=False: browser.indices.fetch_all())
        self._remove.clicked.connect(self._remove_chosen)
        self._cancel.clicked.connect(lambda _checked=False: browser.indices.cancel())
        self._check.clicked.connect(lambda _checked=False: browser.release.check())
        self._update.clicked.connect(lambda _checked=False: browser.release.update())
        self._stop.clicked.connect(lambda _checked=False: browser.release.cancel())
        self._back.clicked.connect(lambda _checked=False: browser.release.use_bundled())
        self._daily.toggled.connect(browser.release.set_daily)
        browser.indices.changed.connect(self._draw)
        browser.release.changed.connect(self._draw_release)
        browser.info_changed.connect(self._draw_info)

    # What the user does

    def _choose_folder(self) -> None:
        folder = self._browser.host.choose_folder(_("Folder with index files"), self._browser.indices.source)
        if folder:
            self._browser.indices.set_source(folder)
            self._source.show(folder)

    def _remove_chosen(self) -> None:
        for name in self._chosen("here", "damaged"):
            self._browser.indices.remove(name)

    def _chosen(self, *states: str) -> list[str]:
        rows = [self._list.indexOfTopLevelItem(item) for item in self._list.selectedItems()]
        names = [str(self._browser.indices.state.rows[number]["name"]) for number in sorted(rows)]
        return [name for name in names if self._browser.indices.state.state_of(name) in states]

    # What the browser says

    def _draw(self, state: IndicesState) -> None:
        while int(self._list.property("topLevelItemCount") or self._list.model().rowCount()) < len(state.rows):
            self._list.addTopLevelItem(QtWidgets.QTreeWidgetItem())
        for number, found in enumerate(state.rows):
            self._draw_row(self._list.topLevelItem(number), found, state.state_of(str(found["name"])))
        self._progress.setText(state.text)
        self._draw_buttons()

    def _draw_row(self, item: QtWidgets.QTreeWidgetItem, found: SideIndex, state: str) -> None:
        item.setText(0, str(found["name"]))
        item.setText(1, _state_text(state))
        item.setIcon(
            1,
            icon(
                {"here": "status-disk", "damaged": "status-failed", "fetching": "status-downloading", "waiting": "status-waiting"}.get(
                    state, "status-remote"
                )
            ),
        )
        size = found["bytes"] if state == "here" else self._browser.indices.state.sizes.get(str(found["name"]))
        item.setText(2, EMPTY if size is None else human_size(size))
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setText(3, _purposes().get(str(found["name"]), str(found["about"])))
        item.setToolTip(1, plain(str(found.get("reason") or found.get("path") or "")))

    def _draw_buttons(self) -> None:
        state = self._browser.indices.state
        busy = bool(state.current or state.waiting)
        self._fetch.setEnabled(bool(self._chosen("missing")))
        self._fetch_all.setEnabled(any(row["state"] != "here" for row in state.rows) and not busy)
        self._repair.setEnabled(bool(self._chosen("damaged")))
        self._remove.setEnabled(bool(self._chosen("here", "damaged")))
        self._cancel.setEnabled(busy)

    def _draw_info(self, _info: object) -> None:
        self._browser.indices.forget_sizes()
        self._draw_release(self._browser.release.state)

    def _draw_release(self, state: ReleaseState) -> None:
        info = self._browser.info
        is_bundled = info is None or info["is_bundled"]
        if info:
            text = _("Current release: IDC {release}, index files {version} (installed).")
            if not is_bundled:
                text = _("Current release: IDC {release}, index files {version} (updated; installed: {bundled}).")
            self._in_use.setText(
                text.format(release=info.get("idc_version"), version=info.get("index_version") or EMPTY, bundled=info.get("bundled_version"))
            )
        self._news.setText(state.text)
        self._news.setVisible(bool(state.text))
        self._check.setEnabled(not state.running)
        self._update.setVisible(state.offered is not None and not state.running)
        self._stop.setVisible(state.running)
        self._back.setVisible(not is_bundled and not state.running)


def _state_text(state: str) -> str:
    return {
        "here": _("available"),
        "missing": _("not fetched"),
        "damaged": _("damaged"),
        "fetching": _("fetching"),
        "waiting": _("waiting"),
    }[state]


def _purposes() -> dict[str, str]:
    return {
        "seg_index": _("Finding segmentations by organ and algorithm, and their images"),
        "rtstruct_index": _("Finding structure sets by ROI name, and their images"),
        "ct_index": _("How CT was acquired: kVp, kernel, slice thickness"),
        "mr_index": _("How MR was acquired: echo and repetition time, b-value"),
        "pt_index": _("How PET was acquired: tracer, dose, reconstruction"),
        "contrast_index": _("Contrast agents"),
        "volume_geometry_index": _("Whether a series forms a regular volume"),
        "ann_index": _("Annotations of slides"),
        "ann_group_index": _("Groups of annotations of slides"),
        "sm_index": _("Slide microscopy: stain, magnification"),
        "sm_instance_index": _("Slide microscopy: instances"),
        "clinical_index": _("List of clinical tables"),
    }
