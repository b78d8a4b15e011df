"""The images that a segmentation was drawn on, in the DICOM database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import DicomStore


def first_series_files(
    store: DicomStore,
    series: Sequence[str],
    on_done: Callable[[Sequence[str]], object],
    on_error: Callable[[IDCBrowserError], object],
) -> None:
    """Paths of the first of these series that is in the database; none where none of them is."""
    if not series:
        on_done(())
        return

    def found(files: Sequence[str]) -> None:
        if files:
            on_done(files)
        else:
            first_series_files(store, series[1:], on_done, on_error)

    store.series_files(series[0], found, on_error)
