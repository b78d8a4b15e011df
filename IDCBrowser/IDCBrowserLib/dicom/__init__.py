"""DICOM files: elements, headers, character sets, encapsulated and deflated data, and the SOP classes that matter here."""
