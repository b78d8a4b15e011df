"""Questions about a cohort: its counts, what changed in it, what of it others got, which cases of other archives it has, and any DICOM attribute."""
