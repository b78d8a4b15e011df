"""What a step gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import StorageError


@dataclass(frozen=True)
class Made:
    """By step a document for each object of the series, JSON-able; and the files that were written beside the receipts."""

    documents: dict[str, list[dict[str, Any]]]
    files: list[Path] = field(default_factory=list)


def make_folder(folder: Path) -> None:
    """Raises ``StorageError``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {folder} cannot be created ({error.strerror or error}). Choose another one with --to.") from error
