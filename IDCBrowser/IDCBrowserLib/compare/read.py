"""Reads the inputs of a comparison (SEG, RTSTRUCT and label files) onto compatible grids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.compare.comparing import Comparison, compare
from IDCBrowserLib.compare.one_grid import Compared, on_one_grid
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.convert import convert_parts
from IDCBrowserLib.labelmap.files.read import is_label_file, read_label_file
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.task import Task


def compare_files(
    sources: Sequence[str | Path], images: Sequence[str | Path] | None = None, by_hand: Sequence[tuple[int, int]] = (), task: Task | None = None
) -> tuple[Comparison, list[list[Compared]]]:
    """The figures, and for each grid (mostly one) what was compared on it.

    ``images``: the files of the series that SEG and RTSTRUCT were drawn on. Raises ``InputError`` where they cannot be compared, and what reading
    raises.
    """
    if len(sources) < 2:
        raise InputError("Give at least two segmentations to compare.")
    task = task or Task()
    groups = _groups([read_compared(source, images, task) for source in sources])
    found = Comparison()
    for part, group in groups.items():
        placed, notes = on_one_grid(group)
        groups[part] = placed
        warnings = [f"{one.short_name}: {warning}" for one in placed for warning in one.labelmap.warnings]
        found = found.with_more(compare(placed, by_hand, task, part)).with_more(Comparison(notes=(*notes, *warnings)))
    return found, list(groups.values())


def read_compared(source: str | Path, images: Sequence[str | Path] | None, task: Task) -> list[Compared]:
    """One file; several where it lies on several grids or phases."""
    name = str(source)
    if is_label_file(source):
        is_part = name.lower().endswith(".seg.nrrd")
        return [Compared(name, read_label_file(source), not is_part)]
    parts = convert_parts(source, images, ConvertOptions(grid="auto"), task)
    return [Compared(name, part, bool(part.series_uid)) for part in parts]


def _groups(read: Sequence[list[Compared]]) -> dict[str, list[Compared]]:
    """By the label of the grid or phase; each source has to be on all of them."""
    most = max(read, key=len)
    if len(most) == 1:
        return {"": [one for (one,) in read]}
    return {label: [_part(parts, label) for parts in read] for label in (part.labelmap.label for part in most)}


def _part(parts: Sequence[Compared], label: str) -> Compared:
    found = next((part for part in parts if part.labelmap.label == label), None)
    if found is None:
        raise InputError(
            f"{parts[0].short_name} has nothing on the grid or phase {label!r} of the other segmentation. Compare the parts that `convert` writes."
        )
    return found
