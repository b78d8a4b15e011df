"""Whether SEG and RTSTRUCT are offered to Slicer's DICOM module: the setting, its page in Application Settings, and registering after startup.

Signatures (Slicer 5.12): ``ctkSettingsPanel.registerProperty(key, object, property, signal, label)`` (CTK Libs/Widgets/ctkSettingsPanel.h),
``slicer.app.settingsDialog().addPanel(label, panel)`` (ctkSettingsDialog.h); as in ``_ui_DICOMSettingsPanel`` of Modules/Scripted/DICOM/DICOM.py.
The page writes the value of every registered widget into the settings when it is added, so the download folder, whose default follows the
database, is not on it.
"""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import QtCore, QtWidgets

PLUGIN_NAMES = ("IDCBrowserSegmentationPlugin", "IDCBrowserStructureSetPlugin")
SETTING = "IDCBrowser/DicomPlugins"


def is_on() -> bool:
    """The user's choice; on until switched off. An INI file gives a bool back as a text."""
    value = QtCore.QSettings().value(SETTING, True)
    return str(value).lower() not in ("false", "0", "none")


def apply() -> None:
    """Register or take out, as the setting says."""
    import slicer

    if is_on():
        from IDCBrowserLib.host.slicer_dicom_plugin import register

        register()
        return
    plugins = getattr(slicer.modules, "dicomPlugins", {})
    for name in PLUGIN_NAMES:
        plugins.pop(name, None)


def add_settings_page() -> Any:
    """The page, once per Slicer; None without a main window. The caller keeps it."""
    import ctk
    import slicer

    existing = getattr(slicer.modules, "idcBrowserSettingsPage", None)
    if existing is not None or slicer.app.commandOptions().noMainWindow:
        return existing
    page = ctk.ctkSettingsPanel()
    plugins = QtWidgets.QCheckBox(_("Load DICOM SEG and RTSTRUCT from the DICOM module with IDC Browser"))
    plugins.setToolTip(_("Loads them as segmentation and label volume; otherwise Slicer and other extensions do. Applies after a restart."))
    plugins.setChecked(True)
    folder = QtWidgets.QLabel(_("The folder for downloads is chosen in the module's panel."))
    layout = QtWidgets.QVBoxLayout()
    layout.addWidget(plugins)
    layout.addWidget(folder)
    layout.addStretch(1)
    page.setLayout(layout)
    signal = str(QtCore.SIGNAL("toggled(bool)"))
    page.registerProperty(SETTING, plugins, "checked", signal, _("DICOM plugins of IDC Browser"), ctk.ctkSettingsPanel.OptionRequireRestart)
    slicer.app.settingsDialog().addPanel(_("IDC Browser"), page)
    slicer.modules.idcBrowserSettingsPage = page
    return page
