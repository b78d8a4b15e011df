"""The step ``compare``: what was drawn on one image, each against each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from IDCBrowserLib.batch.made import Made
from IDCBrowserLib.errors import ConversionError, IDCBrowserError, InputError
from IDCBrowserLib.task import Task


def compared(by_image: Mapping[str, Mapping[Path, str]], images_of: Callable[[str], Sequence[Path]], task: Task) -> Made:
    """``by_image``: for each image series what was drawn on it, with the name that stands for each file in the result.

    Pairs that cannot be compared are in the result with the reason.
    """
    from IDCBrowserLib.compare.read import compare_files
    from IDCBrowserLib.compare.table import to_document

    documents: list[dict[str, Any]] = []
    for image, drawn in by_image.items():
        for a, b in combinations(drawn, 2):
            task.raise_if_cancelled()
            named = {"image": image, "a": drawn[a], "b": drawn[b]}
            try:
                comparison, _ = compare_files([a, b], list(images_of(image)) or None, (), task)
            except (ConversionError, InputError) as error:
                documents.append({**named, "pairs": [], "totals": [], "unmatched": [], "notes": [_without_folders(error, (a, b))]})
                continue
            told: Mapping[str, Any] = to_document(comparison)
            documents.append({**named, **{key: _renamed(value, {str(path): drawn[path] for path in (a, b)}) for key, value in told.items()}})
    return Made({"compare": documents})


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Files are told by series and name: where they are now is no part of the result."""
    if isinstance(value, dict):
        return {key: _renamed(one, names) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_renamed(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _without_folders(error: IDCBrowserError, paths: Sequence[Path]) -> str:
    text = str(error)
    for path in paths:
        text = text.replace(str(path), path.name)
    return text
