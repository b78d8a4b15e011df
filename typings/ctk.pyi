"""The part of CTK that this project uses; in Slicer alone."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QWidget
from slicer import ctkDICOMDatabase as ctkDICOMDatabase

class ctkDICOMIndexer(QObject):
    progress: SignalInstance
    indexingComplete: SignalInstance
    def addListOfFiles(self, files: Sequence[str], copyFile: bool = False) -> None: ...
    def cancel(self) -> None: ...
    def setDatabase(self, database: ctkDICOMDatabase) -> None: ...

class ctkSettingsPanel(QWidget):
    OptionNone: int
    OptionRequireRestart: int
    def registerProperty(self, key: str, object: QObject, property: str, signal: str, label: str = ..., options: int = ...) -> None: ...
