"""File names for an object that becomes several files."""

from __future__ import annotations

from pathlib import Path


def numbered_path(path: Path, ending: str, number: int) -> Path:
    """``liver-2.seg.nrrd`` for part 2 of ``liver.seg.nrrd``."""
    return path.with_name(f"{path.name[: -len(ending)]}-{number}{ending}")
