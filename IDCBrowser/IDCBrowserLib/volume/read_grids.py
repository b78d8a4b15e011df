"""Which regular grids the files of image series span, from their headers alone."""

from __future__ import annotations

import os
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from IDCBrowserLib.dicom.charset import guess_sentence
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.frames import LeftOut, read_frames
from IDCBrowserLib.volume.image_grid import ImageGrid
from IDCBrowserLib.volume.stacking import stack_frames
from IDCBrowserLib.volume.unplaced import NoImagesError, UnplacedImagesError
from IDCBrowserLib.wording import human_count


@dataclass(frozen=True)
class ReadImages:
    """Images whose headers have been read, for whoever needs them several times; ``grids`` as of ``read_image_grids``."""

    grids: tuple[ImageGrid, ...]


# Files of images, or what was read of them.
Images = Sequence[str | Path] | ReadImages


def read_images(files: Sequence[str | Path], task: Task) -> ReadImages:
    """Raises as ``read_image_grids``."""
    return ReadImages(read_image_grids(files, task))


def grids_of(images: Images, task: Task) -> tuple[ImageGrid, ...]:
    """Their grids, read where they have not been. Raises as ``read_image_grids``."""
    return images.grids if isinstance(images, ReadImages) else read_image_grids(images, task)


def read_image_grids(files: Sequence[str | Path], task: Task | None = None, *, assume_positions: bool = False) -> tuple[ImageGrid, ...]:
    """The grids that ``files`` hold: gray ones before color ones, then the one with most voxels first.

    Several come from several series, phases or echoes at the same places, other orientations (localizers), other pixel spacings.
    Only headers are read.
    Files that are no images with a position in the patient (SEG, RTSTRUCT, SR, projection images, anything that is not DICOM) are left out.
    With ``assume_positions`` projection images and the like, which have no position, are put at the origin instead, and a warning says so.
    Raises ``ConversionError`` when nothing is left, saying why for one file; ``UnplacedImagesError`` where there are images without a place.
    """
    return read_grids_and_rest(files, task, assume_positions=assume_positions)[0]


def read_grids_and_rest(
    files: Sequence[str | Path], task: Task | None = None, *, assume_positions: bool = False
) -> tuple[tuple[ImageGrid, ...], Sequence[LeftOut]]:
    """``read_image_grids``, and the files that were left out."""
    frames, left_out = read_frames(files, task or Task(), assume_positions)
    if not frames:
        # Images come first: what they lack says more than that a text file is none.
        left_out.sort(key=lambda one: not one.is_image)
        has_images = any(one.is_image for one in left_out)
        raise (UnplacedImagesError if has_images else NoImagesError)(*_why_nothing(files, left_out))
    first, *others = stack_frames(frames)
    guess = guess_sentence(set().union(*(frame.series.guessed_charsets for frame in frames)))
    notes = [note for note in (_what_is_missing(left_out, {frame.series.series_uid for frame in frames}), guess) if note]
    return (replace(first, warnings=(*first.warnings, *notes)), *others), left_out


def _what_is_missing(left_out: Sequence[LeftOut], series: Set[str]) -> str:
    """Slices that should have been there; other objects beside the images are left out without a word."""
    lost = [one for one in left_out if one.is_image or one.is_damaged or one.series_uid == "" or one.series_uid in series]
    if not lost:
        return ""
    files = human_count(len(lost), "image file was", "image files were")
    return f"{files} skipped{':' if len(lost) == 1 else ', such as'} {os.path.basename(lost[0].path)} ({lost[0].reason})."


def _why_nothing(files: Sequence[str | Path], left_out: Sequence[LeftOut]) -> tuple[str, str]:
    """What is the matter with the files, and what to do."""
    if not files:
        return "No image files were given.", ""
    path, reason = left_out[0].path, left_out[0].reason
    others = f" The other {len(left_out) - 1} files cannot be used either." if len(left_out) > 1 else ""
    problem = f"{path} is not an image with a position in the patient: {reason}.{others}"
    return problem, "Give files of images that have one, such as CT, MR or PET."
