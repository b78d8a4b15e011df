"""A button that writes a selection to a file: first the form, then where."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.picking.selection_actions import FOLDER, CitedPart, ExportFormat, export_formats
from IDCBrowserLib.qtbinding import QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button


class SaveMenu:
    """``button`` is for a layout; ``on_save(form, path)`` when the user chose both, ``on_cite(part)`` for the text to cite."""

    def __init__(
        self,
        name: str,
        text: str,
        host: Host,
        start: Callable[[], str],
        on_save: Callable[[ExportFormat, str], None],
        on_cite: Callable[[CitedPart], None],
    ) -> None:
        self._host = host
        self._start = start
        self._on_save = on_save
        self._on_cite = on_cite
        self.button = button(name, text, _("Save a manifest, table or lock file of what would be downloaded."))
        self._menu = QtWidgets.QMenu(self.button)
        self._menu.setObjectName(f"{name}Menu")
        self._menu.setToolTipsVisible(True)
        self._actions = [self._action(form) for form in export_formats()]
        self._menu.addSeparator()
        about = _("A paragraph for the methods section: what the data are and where they come from.")
        self._methods = self._cite(_("Copy methods text"), about, "methods")
        self._references = self._cite(_("Copy citations"), _("What to cite, as a list of references."), "references")
        self._bibtex = self._cite(_("Copy citations as BibTeX"), _("The same for LaTeX and reference managers."), "bibtex")
        self.button.setMenu(self._menu)

    def _cite(self, text: str, tip: str, part: CitedPart) -> QtGui.QAction:
        action = QtGui.QAction(text, self._menu)
        action.setObjectName(f"{part}Action")
        action.setToolTip(tip)
        action.triggered.connect(lambda: self._on_cite(part))
        self._menu.addAction(action)
        return action

    def _action(self, form: ExportFormat) -> QtGui.QAction:
        action = QtGui.QAction(form.text, self._menu)
        action.setObjectName(f"{form.key}SaveAction")
        action.setToolTip(form.tip)
        action.triggered.connect(lambda: self._choose(form))
        self._menu.addAction(action)
        return action

    def _choose(self, form: ExportFormat) -> None:
        if form.key == FOLDER:
            folder = self._host.choose_folder(_("Folder to share"), "")
            if folder:
                self._on_save(form, folder)
            return
        name = f"{self._start()}{'_gcs' if form.key == 'gcs' else ''}{form.ending}"
        path = self._host.choose_save_file(_("Save as"), name, f"{form.text.rstrip(' .')} (*{form.ending})")
        if path:
            self._on_save(form, path)
