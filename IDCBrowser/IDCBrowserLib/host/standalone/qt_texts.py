"""Qt's own texts, those of its dialogs, in the language of the window."""

from __future__ import annotations

from IDCBrowserLib.i18n import language
from IDCBrowserLib.qtbinding import QtCore


def install_qt_texts() -> QtCore.QTranslator | None:
    """Have Qt speak the language too; give what is returned to ``remove_qt_texts``. None where it is English, or Qt does not have it."""
    translator = QtCore.QTranslator()
    folder = QtCore.QLibraryInfo.path(QtCore.QLibraryInfo.LibraryPath.TranslationsPath)
    if language() == "en" or not translator.load(QtCore.QLocale(language()), "qtbase", "_", folder):
        return None
    QtCore.QCoreApplication.installTranslator(translator)
    return translator


def remove_qt_texts(translator: QtCore.QTranslator | None) -> None:
    """Back to English."""
    if translator is not None:
        QtCore.QCoreApplication.removeTranslator(translator)
