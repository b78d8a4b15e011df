"""Reads a translation file (``.ts`` of Qt Linguist, named as Slicer's Language Tools name it: ``IDCBrowser_de-DE.ts``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.i18n import placeholders

FOLDER = Path(__file__).resolve().parent
PREFIX = "IDCBrowser_"
_MAX_BYTES = 16_000_000


def available() -> dict[str, Path]:
    """Files by language, "de"; English needs none."""
    return {path.stem.removeprefix(PREFIX).partition("-")[0]: path for path in sorted(FOLDER.glob(f"{PREFIX}*.ts"))}


def read(path: Path) -> dict[tuple[str, str], str]:
    """Translations by context and English text, and by ("", text) where all contexts agree or most do.

    Texts without a translation are left out, and those that lose or invent a placeholder. Raises ``InputError`` for a file that cannot be read.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"The translation file {path} is larger than any translation.")
        root = ET.fromstring(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, ET.ParseError) as error:
        raise InputError(f"The translation file {path} is damaged ({error}), so the window stays in English. Install the program again.") from error
    if root.tag != "TS":
        raise InputError(f"{path} is not a translation file of Qt Linguist, so the window stays in English. Install the program again.")
    found = {(_inside(context, "name"), source): text for context, source, text in _messages(root)}
    return {**_everywhere(found), **found}


def _messages(root: ET.Element) -> list[tuple[ET.Element, str, str]]:
    return [
        (context, source, text)
        for context in root.iter("context")
        for message in context.iter("message")
        if (source := _inside(message, "source")) and (text := _inside(message, "translation")) and placeholders(source) == placeholders(text)
    ]


def _inside(element: ET.Element, name: str) -> str:
    child = element.find(name)
    return (child.text or "") if child is not None else ""


def _everywhere(found: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """For a text that moved to another file."""
    texts: dict[str, Counter[str]] = {}
    for (_context, source), text in found.items():
        texts.setdefault(source, Counter())[text] += 1
    return {("", source): counted.most_common(1)[0][0] for source, counted in texts.items()}
