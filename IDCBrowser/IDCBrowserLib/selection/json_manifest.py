"""JSON manifests: the portal's list of rows, a plan or lock file of this program, a list of identifiers, an object of any of these."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from IDCBrowserLib.selection import table
from IDCBrowserLib.selection.command_line import UUID
from IDCBrowserLib.selection.parsed_source import SERIES_UUID, Parsed, RequestedItem
from IDCBrowserLib.selection.plan import Unresolved

ParseText = Callable[[str, str], Parsed]

_MAX_DEPTH = 20
# Parts of our own documents that name no series.
_NO_SERIES = frozenset({"unresolved", "warnings", "licenses", "source_DOIs"})


def parse_json(text: str, source: str, parse_text: ParseText) -> Parsed:
    """What a JSON text names; ``parse_text`` takes the texts in it apart. JSON has no lines that mean something; ``line`` is the number of the
    entry, from 1.
    """
    parsed = Parsed(source)
    try:
        document = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", None)
        parsed.unresolved.append(Unresolved(source, line, text.strip()[:80], f"the file is not valid JSON ({error})"))
        return parsed
    except RecursionError:
        parsed.unresolved.append(Unresolved(source, None, text.strip()[:80], "the JSON is nested too deeply to be a manifest"))
        return parsed
    _Walker(source, parsed, parse_text).walk(document, 0)
    if not parsed.wanted and not parsed.unresolved:
        parsed.unresolved.append(Unresolved(source, None, text.strip()[:80], "it names no series, study, case or collection"))
    return parsed


class _Walker:
    def __init__(self, source: str, parsed: Parsed, parse_text: ParseText) -> None:
        self._source = source
        self._parse_text = parse_text
        self._parsed = parsed
        self._entry = 0

    def walk(self, node: Any, depth: int) -> None:
        if depth > _MAX_DEPTH:
            return
        if isinstance(node, dict):
            self._object(node, depth)
        elif isinstance(node, list):
            for item in node:
                self.walk(item, depth + 1)
        elif isinstance(node, str) and depth > 0:
            self._text(node)

    def _object(self, node: dict[str, Any], depth: int) -> None:
        names = list(node)
        columns = table.column_numbers([str(name) for name in names])
        values = {name: _cell(node[names[position]]) for name, position in columns.items()}
        if any(values.get(name) for name in columns if name not in ("idc_version", "source_doi")):
            self._entry += 1
            if self._instances(values, node.get("instances")):
                return
            table.add_row(values, self._source, self._entry, json.dumps(node, ensure_ascii=True)[:300], self._parsed)
            return
        for name in names:
            if isinstance(node[name], (list, dict)) and str(name) not in _NO_SERIES:
                self.walk(node[name], depth + 1)

    def _instances(self, values: dict[str, str], instances: Any) -> bool:
        """A row of ours that names single instances of a series."""
        series = values.get("crdc_series_uuid", "")
        if not isinstance(instances, list) or not instances or not UUID.fullmatch(series):
            return False
        names = [str(name).lower() for name in instances if UUID.fullmatch(str(name))]
        self._parsed.wanted += [
            RequestedItem(SERIES_UUID, series.lower(), self._source, self._entry, f"{series}/{name}.dcm", instance=name) for name in names
        ]
        return len(names) == len(instances)

    def _text(self, text: str) -> None:
        self._entry += 1
        inner = self._parse_text(text, self._source)
        self._parsed.wanted += [wanted._replace(line=self._entry) for wanted in [*inner.ordinary_as_wanted(), *inner.wanted]]
        self._parsed.unresolved += [Unresolved(item.source, self._entry, item.text, item.reason, item.refused) for item in inner.unresolved]


def _cell(value: Any) -> str:
    if value is None or isinstance(value, (dict, bool)):
        return ""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
