"""Data on this computer: the DICOM database, importing, status and removal of series."""
