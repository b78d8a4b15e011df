"""File names for an object that becomes several files."""

from __future__ import annotations

from pathlib import Path


def numbered_path(path: Path, ending: str, number: int) -> Path:
    """``liver-2.seg.nrrd`` for part 2 of ``liver.seg.nrrd``."""
    return path.with_name(f"{path.name[: -len(ending)]}-{number}{ending}")


def numbered_paths(path: Path, ending: str, count: int) -> list[Path]:
    """Of each part: ``path`` itself for a single one."""
    return [path] if count == 1 else [numbered_path(path, ending, number) for number in range(1, count + 1)]
