"""Opened files and pasted identifiers in words: what they are called, and which of their lines name nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence

from IDCBrowserLib.api import selection as api
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import collection_name
from IDCBrowserLib.logic.base.state import Kind, SeriesOutcome


def sources_label(sources: Sequence[str]) -> str:
    """The name of a file or collection, or how many there are."""
    if len(sources) == 1:
        name = os.path.basename(sources[0].rstrip("/\\")) or sources[0]
        # A file may be called like a collection.
        return collection_name(name) if name == sources[0] else name
    return _("{count} files or identifiers").format(count=f"{len(sources):,}")


def unresolved_outcomes(document: api.Plan) -> tuple[SeriesOutcome, ...]:
    """Each line that names nothing: where it is, what it says, why it cannot be used; then warnings, then how many more there are."""
    return lines_outcomes(document["unresolved"], document["unresolved_count"], document["warnings"])


def lines_outcomes(unresolved: Sequence[api.Unresolved], count: int, notes: Sequence[str]) -> tuple[SeriesOutcome, ...]:
    """The same of ``count`` lines of which some are given."""
    lines = [SeriesOutcome("", _where(item), Kind.WARNING, _what(item)) for item in unresolved]
    lines += [SeriesOutcome("", _("Selection"), Kind.WARNING, text) for text in notes]
    more = count - len(unresolved)
    if more > 0:
        text = _("{count} more lines were skipped.").format(count=f"{more:,}")
        lines.append(SeriesOutcome("", _("Selection"), Kind.WARNING, text))
    return tuple(lines)


def _where(item: api.Unresolved) -> str:
    name = sources_label([item["source"]])
    return name if item["line"] is None else _("{name}, line {line}").format(name=name, line=f"{item['line']:,}")


def _what(item: api.Unresolved) -> str:
    said = " ".join(item["text"].split())
    return f"{said}: {item['reason']}" if said and said != item["source"] else item["reason"]
