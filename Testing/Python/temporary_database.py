"""A DICOM database in a folder of the test, instead of Slicer's own while the test runs."""

import os

import qt
import slicer
from DICOMLib import DICOMUtils


class TemporaryDatabase(DICOMUtils.TemporaryDICOMDatabase):
    """A Slicer that never had a database of its own (``--testing``) names "." as its folder; opening that afterwards would make one in the
    working directory, so it is left without."""

    def __enter__(self):
        database = super().__enter__()
        if not os.path.isabs(self.originalDatabaseDir or ""):
            self.originalDatabaseDir = None
        return database

    def __exit__(self, kind, value, traceback):
        super().__exit__(kind, value, traceback)
        if self.originalDatabaseDir is None:
            qt.QSettings().remove(slicer.dicomDatabaseDirectorySettingsKey)
