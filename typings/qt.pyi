"""PythonQt's module of all Qt classes, for the module file; everything else goes through ``IDCBrowserLib.qtbinding``."""

from PySide6.QtCore import QSettings as QSettings
from PySide6.QtCore import QTimer as QTimer
