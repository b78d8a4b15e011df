"""What tests share: fakes, generated DICOM, the way to real data."""
