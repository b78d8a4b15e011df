"""What collections are called. People know the name that IDC gives each ("TCGA-LUAD"); programs use its id ("tcga_luad"), which stays in tool tips
and in all that is copied or saved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# By id: of the release in use, and so the same for every window of this process.
_NAMES: dict[str, str] = {}
# What the id of a case ("tcga_luad/TCGA-05-4244") and titles of downloads begin with.
_FIRST = re.compile(r"[^/,]+")


def know(names: Mapping[str, str]) -> None:
    """The names by id, in the place of all others."""
    _NAMES.clear()
    _NAMES.update(names)


def collection_name(collection_id: str) -> str:
    """The name; the id where there is none."""
    return _NAMES.get(collection_id) or collection_id


def named(text: str) -> str:
    """A text that begins with the id of a collection, such as the id of a case, with its name instead; any other text as it is."""
    found = _FIRST.match(text)
    return collection_name(found[0]) + text[found.end() :] if found else text


def named_within(text: str, collection_id: str) -> str:
    """A text with the name where it last mentions the id."""
    found = re.match(rf"(.*(?<![\w-])){re.escape(collection_id)}(?![\w-])", text, re.DOTALL) if collection_id else None
    return found[1] + collection_name(collection_id) + text[found.end() :] if found else text
