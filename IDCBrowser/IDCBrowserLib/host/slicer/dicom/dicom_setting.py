"""Whether SEG and RTSTRUCT are offered to Slicer's DICOM module, and what they become: settings, their page in Application Settings, and
registering after startup.

Signatures (Slicer 5.12): ``ctkSettingsPanel.registerProperty(key, object, property, signal, label)`` (CTK Libs/Widgets/ctkSettingsPanel.h),
``slicer.app.settingsDialog().addPanel(label, panel)`` (ctkSettingsDialog.h); as in ``_ui_DICOMSettingsPanel`` of Modules/Scripted/DICOM/DICOM.py.
The page writes the value of every registered widget into the settings when it is added, so the download folder, whose default follows the
database, is not on it.
"""

from __future__ import annotations

from IDCBrowserLib.host.slicer.dicom.load_as import LOAD_AS_SETTING, PLUGIN_NAMES
from IDCBrowserLib.host.slicer.views.look_settings import words
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore, QtWidgets

SETTING = "IDCBrowser/DicomPlugins"


def is_on() -> bool:
    """The user's choice; on until switched off. An INI file gives a bool back as a text."""
    value = QtCore.QSettings().value(SETTING, True)
    return str(value).lower() not in ("false", "0", "none")


def apply() -> None:
    """Register or take out, as the setting says."""
    import slicer

    if is_on():
        from IDCBrowserLib.host.slicer.dicom.dicom_plugin import register

        register()
        return
    plugins = getattr(slicer.modules, "dicomPlugins", {})
    for name in PLUGIN_NAMES:
        plugins.pop(name, None)


def add_settings_page() -> QtWidgets.QWidget | None:
    """The page, once per Slicer; None without a main window. The caller keeps it."""
    import ctk
    import slicer

    existing = getattr(slicer.modules, "idcBrowserSettingsPage", None)
    if existing is not None or slicer.app.commandOptions().noMainWindow:
        return existing
    page = ctk.ctkSettingsPanel()
    plugins = QtWidgets.QCheckBox(_("Load DICOM SEG and RTSTRUCT from the DICOM module with IDC Browser"))
    plugins.setToolTip(
        _("Load them as segmentation and labelmap volume. When this is off, Slicer and other extensions load them. Applies after a restart.")
    )
    plugins.setChecked(True)
    load_as = QtWidgets.QComboBox()
    load_as.addItems([_("a segmentation and a labelmap volume"), _("a segmentation"), _("a labelmap volume")])
    load_as.setToolTip(_("Applies to series loaded from now on."))
    load_as_label = QtWidgets.QLabel(_("Load SEG and RTSTRUCT as"))
    load_as_label.setBuddy(load_as)
    folder = QtWidgets.QLabel(_("The download folder is chosen in the module panel."))
    choice = QtWidgets.QHBoxLayout()
    choice.addWidget(load_as_label)
    choice.addWidget(load_as)
    choice.addStretch(1)
    layout = QtWidgets.QVBoxLayout()
    layout.addLayout(choice)
    layout.addWidget(plugins)
    layout.addWidget(QtWidgets.QLabel(_("After loading, show:")))
    looks = {look: QtWidgets.QCheckBox(text) for look, text in words().items()}
    for box in looks.values():
        box.setChecked(True)
        layout.addWidget(box)
    layout.addWidget(folder)
    layout.addStretch(1)
    page.setLayout(layout)
    signal = str(QtCore.SIGNAL("toggled(bool)"))
    page.registerProperty(SETTING, plugins, "checked", signal, _("DICOM plugins of IDC Browser"), ctk.ctkSettingsPanel.OptionRequireRestart)
    index_signal = str(QtCore.SIGNAL("currentIndexChanged(int)"))
    text = _("Load SEG and RTSTRUCT as")
    page.registerProperty(LOAD_AS_SETTING, load_as, "currentIndex", index_signal, text, ctk.ctkSettingsPanel.OptionNone)
    for look, box in looks.items():
        page.registerProperty(look.value, box, "checked", signal, str(box.property("text")), ctk.ctkSettingsPanel.OptionNone)
    slicer.app.settingsDialog().addPanel(_("IDC Browser"), page)
    slicer.modules.idcBrowserSettingsPage = page
    return page
