"""The current row: details, preview, relations and clinical data."""
