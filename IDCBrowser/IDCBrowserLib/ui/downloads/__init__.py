"""The Downloads page and the progress of downloads."""
