"""The text of the About box of the standalone program."""

from __future__ import annotations

from html import escape

import IDCBrowserLib
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets import icons

_ICON_PIXELS = 64
_IDC = "https://imaging.datacommons.cancer.gov"


def show_about(parent: QtWidgets.QWidget) -> QtWidgets.QMessageBox:
    """A box over the window; returns at once."""
    box = QtWidgets.QMessageBox(parent)
    box.setObjectName("aboutBox")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(_("About IDC Browser"))
    box.setIconPixmap(QtGui.QIcon(str(icons.FOLDER / "IDCBrowser.png")).pixmap(_ICON_PIXELS, _ICON_PIXELS))
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    box.setText(
        f"<h3>{escape(_('IDC Browser {version}').format(version=IDCBrowserLib.__version__))}</h3>" + "".join(f"<p>{line}</p>" for line in _lines())
    )
    box.setStandardButtons(QtWidgets.QMessageBox.StandardButton.Close)
    box.open()
    return box


def _lines() -> list[str]:
    address = f'<a href="{_IDC}">{escape(_IDC.removeprefix("https://"))}</a>'
    return [
        escape(_("Finds, downloads and shows images of the NCI Imaging Data Commons: {address}")).format(address=address),
        escape(_("For research; not a medical device.")),
        escape(_("Each series has its own license, shown in the tables. Please cite the data you use; the details show how.")),
        escape(_("This program is free software under the MIT license.")),
    ]
