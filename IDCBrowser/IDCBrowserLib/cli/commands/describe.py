"""``idc-browser describe``: what DICOM files are, in words."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import IDCBrowserError, IncompleteError, NotFoundError
from IDCBrowserLib.safe_text import one_line
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.api.objects import Description

_LISTED = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE... [--save DIR]"""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a DICOM file of any kind, or a folder of them")
    parser.add_argument("--save", type=Path, metavar="DIR", help="also write the PDF, ECG (as CSV), surface or video inside into this folder")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """One document for one file, a list for several; of those, a file that cannot be read is listed with its error."""
    from IDCBrowserLib.describe.describe import describe_file

    files = list(_files(arguments.files))
    if len(files) == 1 and files == arguments.files:
        document: Any = _with_saved(describe_file(files[0]), arguments.save)
        return Outcome(document, lambda: as_text(document))
    entries: list[Any] = []
    for number, file in enumerate(files):
        task.raise_if_cancelled()
        task.report(Progress("Reading files", number, len(files), "files"))
        try:
            entries.append(_with_saved(describe_file(file), arguments.save))
        except IDCBrowserError as error:
            entries.append({"file": file, "error": str(error)})
    failed = any("error" in entry for entry in entries)
    return Outcome(entries, lambda: "\n\n".join(map(_entry_text, entries)), IncompleteError.exit_code if failed else 0)


def _files(given: list[str]) -> Iterator[str]:
    for path in given:
        if os.path.isdir(path):
            yield from sorted(os.path.join(base, name) for base, _, names in os.walk(path) for name in names)
        elif os.path.lexists(path):
            yield path
        else:
            raise NotFoundError(f"{path} does not exist. Check the path.")


def _with_saved(description: Description, folder: Path | None) -> dict[str, Any]:
    if folder is None or description["family"] not in ("document", "waveform", "video"):
        return {**description}
    from IDCBrowserLib.describe.payload import save_payload

    return {**description, "saved": str(save_payload(description["file"], folder))}


def _entry_text(entry: Any) -> str:
    return str(entry["error"]) if "error" in entry else as_text(entry)


def as_text(description: Any) -> str:
    """For a terminal: the line, the card, the text of a report, what it refers to."""
    lines = [f"{description['file']}", one_line(description["text"])]
    if description["title"] not in description["text"]:
        lines.append(f"  Title: {one_line(description['title'])}")
    items = description["items"]
    lines += [f"  {one_line(label)}: {one_line(value)}" for label, value in items[:_LISTED]]
    if len(items) > _LISTED:
        lines.append(f"  ... and {len(items) - _LISTED:,} more")
    for line in description["details"].get("text", ()):
        value = f": {line['value']}" if line["name"] and line["value"] else line["value"]
        lines.append(f"  {'  ' * line['depth']}{one_line(line['name'] + value)}")
    for reference in description["references"]:
        kind = reference["kind"] or "object"
        where = f" in series {reference['series']}" if reference["series"] else ""
        lines.append(f"  {reference['relation'].capitalize()}: {reference['objects'] or 'all'} x {kind}{where}")
    lines += [f"  Note: {warning}" for warning in description["warnings"]]
    if "saved" in description:
        lines.append(f"  Saved: {description['saved']}")
    return "\n".join(lines)
