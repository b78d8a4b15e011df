"""The narrow panel in Slicer's module dock: what state things are in, what is selected, download folder. Widgets only.

Each line of it has its place whether there is something to say or not, so that no button moves while something is downloaded and loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import ANY_HEIGHT, button, column, holder, label, row
from IDCBrowserLib.ui.widgets.plain_tip import plain

# Lines of text that are kept free for what is said.
_STATE_LINES, _SELECTION_LINES, _PROGRESS_LINES, _FOLDER_LINES = 3, 2, 2, 3
_LINE_MARGIN = 4


@dataclass(frozen=True)
class PanelActions:
    """What the buttons do."""

    install: Callable[[], None]
    install_from_folder: Callable[[], None]
    show_browser: Callable[[], None]
    open_manifest: Callable[[], None]
    open_database: Callable[[], None]
    choose_folder: Callable[[], None]
    cancel: Callable[[], None]
    pause: Callable[[], None]
    show_page: Callable[[str], None]


class ModulePanel:
    """``widget`` goes into the module's layout. Keep this object; ``close`` takes its connections apart."""

    def __init__(self, actions: PanelActions) -> None:
        self.state = _text("moduleState")
        self.install = button("installPackages", _("&Install packages"), _("Slicer asks before it installs anything."))
        self.from_folder = button(
            "installFromFolder",
            _("Install from a &folder of wheels..."),
            _("For computers without internet access: a folder with the packages as wheel files."),
        )
        self.show = button("showBrowser", _("&Show the browser"), _("Show the tables of IDC in the central area."))
        self.manifest = button(
            "moduleManifest",
            _("Open manifest..."),
            _("Show what a manifest, a lock file or a list of identifiers means (Ctrl+M). Nothing is downloaded."),
        )
        self.selection = _text("moduleSelection")
        self.progress = _text("moduleProgress")
        self.cancel = button("moduleCancel", _("&Cancel"), _("Cancel the download. Complete files are kept."))
        self.pause = button("modulePause", _("Pause"), _("Pause the download; waiting downloads continue."))
        self.database = _text("databaseState")
        self.open_database = button(
            "openDatabase", _("Create or open the DICOM &database"), _("Done as in Slicer's DICOM module; existing databases are kept.")
        )
        self.folder = _text("moduleFolder")
        self.change_folder = button("moduleChangeFolder", _("C&hange..."), _("Choose the download folder."))
        pages = [
            (button("moduleCart", _("Car&t"), _("Series collected for a download.")), "cart"),
            (button("moduleDownloads", _("Do&wnloads"), _("Running, waiting and finished downloads.")), "downloads"),
            (button("moduleStorage", _("St&orage"), _("Data on this computer: remove, move, clean up.")), "storage"),
            (button("moduleSettings", _("Settin&gs"), _("Folder, provider, limits, proxy, index files.")), "settings"),
        ]
        self.pages = holder(_two_and_two([*(made for made, _name in pages), self.manifest]), "modulePages")
        self._connections: list[tuple[QtWidgets.QPushButton, Callable[[], None]]] = [
            (self.install, actions.install),
            (self.from_folder, actions.install_from_folder),
            (self.show, actions.show_browser),
            (self.manifest, actions.open_manifest),
            (self.open_database, actions.open_database),
            (self.change_folder, actions.choose_folder),
            (self.cancel, actions.cancel),
            (self.pause, actions.pause),
            *((made, _opening(actions, name)) for made, name in pages),
        ]
        self._column = column(
            [
                self.state,
                self.install,
                self.from_folder,
                self.show,
                # Above what makes room for the segments, so that it stays where it is; beside its buttons it would be cut.
                row([self.pause, self.cancel, None]),
                self.progress,
                self.pages,
                self.selection,
                _beside(self.folder, self.change_folder),
                self.database,
                self.open_database,
                None,
            ]
        )
        for said, lines in ((self.selection, _SELECTION_LINES), (self.progress, _PROGRESS_LINES), (self.folder, _FOLDER_LINES)):
            _keep_lines(said, lines)
        # In line with its button.
        self.folder.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.widget = holder(self._column, "idcBrowserModulePanel")
        for widget, action in self._connections:
            widget.clicked.connect(action)

    def add_below(self, widget: QtWidgets.QWidget) -> None:
        """Something that takes the room below everything else."""
        self._column.insertWidget(self._column.count() - 1, widget, 1)

    def make_room(self, below: bool, alone: bool = False) -> None:
        """What is below has the room of everything that is not needed beside the views; ``alone`` also of what it says itself."""
        said: tuple[QtWidgets.QWidget, ...] = (self.state, self.progress, self.pause, self.cancel)
        for widget in said:
            widget.setVisible(not alone)
        for widget in (self.pages, self.selection, self.folder, self.change_folder):
            widget.setVisible(not below)
        if below and not self.database.property("text"):
            # Of what was said once, the place was kept.
            self.database.hide()

    def show_setup(self, text: str, can_install: bool) -> None:
        """A state before the browser: too old a Slicer, packages missing or not installed, no engine."""
        self.state.setMinimumHeight(0)
        self.state.setMaximumHeight(ANY_HEIGHT)
        self.state.setText(text)
        self.install.setVisible(can_install)
        self.from_folder.setVisible(can_install)
        for widget in (
            self.show,
            self.pages,
            self.selection,
            self.progress,
            self.pause,
            self.cancel,
            self.database,
            self.open_database,
            self.folder,
            self.change_folder,
        ):
            widget.hide()

    def show_ready(self, text: str, has_view: bool) -> None:
        """The browser is there."""
        _keep_lines(self.state, _STATE_LINES)
        _say(self.state, text)
        self.install.hide()
        self.from_folder.hide()
        self.show.setVisible(has_view)
        self.pages.setVisible(has_view)
        for widget in (self.selection, self.progress, self.pause, self.cancel, self.folder, self.change_folder):
            widget.show()

    def show_selection(self, text: str) -> None:
        """Two lines."""
        _say(self.selection, text)

    def show_progress(self, text: str, running: bool, pause: str = "") -> None:
        """What runs and how many wait, with the buttons that let it rest (named ``pause``; "" when it cannot) and stop it."""
        _say(self.progress, text)
        self.cancel.setEnabled(running)
        self.pause.setEnabled(running and bool(pause))
        if pause:
            self.pause.setText(pause)

    def show_database(self, text: str, is_problem: bool) -> None:
        """A problem comes with the button against it. The place of what was said once stays."""
        if text:
            self.database.setMinimumHeight(0)
            self.database.setMaximumHeight(ANY_HEIGHT)
            self.database.setText(text)
            self.database.show()
        elif self.database.isVisible():
            self.database.setFixedHeight(int(self.database.property("height")))
            self.database.setText("")
        else:
            # Nobody sees it: another module is in front.
            self.database.setText("")
            self.database.hide()
        self.open_database.setVisible(is_problem)

    def show_folder(self, folder: str) -> None:
        """Where downloads go."""
        _say(self.folder, _("Downloads go to {folder}").format(folder=folder))

    def close(self) -> None:
        """Disconnect, and let the widget go with its parent."""
        for widget, action in self._connections:
            widget.clicked.disconnect(action)
        self._connections = []
        self.widget.hide()
        if self.widget.parent() is not None:
            self.widget.deleteLater()


def _text(name: str) -> QtWidgets.QLabel:
    """Of any width: Slicer makes the dock as wide as the panel would like to be, and moves the browser while a text changes."""
    made = label(name, "", True)
    made.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)
    return made


def _two_and_two(buttons: Sequence[QtWidgets.QPushButton]) -> QtWidgets.QGridLayout:
    """All in one row would make the dock wider, at the expense of the browser. They stay at the left when it becomes wider with the segments."""
    grid = QtWidgets.QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    for number, made in enumerate(buttons):
        grid.addWidget(made, number // 2, number % 2)
    grid.setColumnStretch(2, 1)
    return grid


def _beside(said: QtWidgets.QLabel, *buttons: QtWidgets.QPushButton) -> QtWidgets.QHBoxLayout:
    """A text behind what can be done about it, which stays at the left when the dock becomes wider."""
    made = row([*buttons, said])
    made.setStretch(len(buttons), 1)
    return made


def _keep_lines(said: QtWidgets.QLabel, lines: int) -> None:
    """A label as high as so many lines, with or without a text; what does not fit is in the tool tip."""
    said.setFixedHeight(lines * int(said.fontMetrics().lineSpacing()) + _LINE_MARGIN)
    said.setAlignment(Qt.AlignmentFlag.AlignTop)


def _say(said: QtWidgets.QLabel, text: str) -> None:
    said.setText(text)
    said.setToolTip(plain(text))


def _opening(actions: PanelActions, page: str) -> Callable[[], None]:
    return lambda: actions.show_page(page)
