"""Where it lies here: the DICOM database behind one protocol; importing, status, deleting."""
