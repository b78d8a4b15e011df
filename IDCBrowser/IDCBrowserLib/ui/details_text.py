"""The document of ``catalog.details`` as text: HTML for the panel, plain for the clipboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from IDCBrowserLib.ui.columns import EMPTY

LINK_SCHEMES = ("https://", "http://")


def details_html(document: Mapping[str, Any]) -> str:
    """Everything in it is escaped, and only web addresses become links."""
    parts = [f"<p style='margin-top:0'><b>{escape(str(document.get('title') or ''))}</b></p>"]
    links = [f"<a href='{escape(url)}'>{escape(name)}</a>" for name, url in _links(document)]
    if links:
        parts.append("<p>" + " &nbsp; ".join(links) + "</p>")
    parts.append(_table(document.get("items", ())) + _paragraphs(document.get("text")))
    for section in document.get("sections", ()):
        parts.append(f"<p style='margin-bottom:2px'><b>{escape(str(section['heading']))}</b></p>")
        parts.append(_table(section.get("items", ())) + _paragraphs(section.get("text")))
    return "".join(parts)


def details_text(document: Mapping[str, Any]) -> str:
    """Title, one line per value, sections below their headings, addresses written out."""
    lines = [str(document.get("title") or ""), *_lines(document.get("items", ()))]
    lines += ["", str(document["text"])] if document.get("text") else []
    for section in document.get("sections", ()):
        lines += ["", str(section["heading"]), *_lines(section.get("items", ()))]
        lines += [section["text"]] if section.get("text") else []
    links = [f"{name}: {url}" for name, url in _links(document)]
    return "\n".join([*lines, "", *links] if links else lines) + "\n"


def _links(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(name), str(url)) for name, url, *_kind in document.get("links", ()) if str(url).lower().startswith(LINK_SCHEMES)]


def _table(items: Iterable[Sequence[Any]]) -> str:
    rows = "".join(
        f"<tr><td style='padding-right:12px'>{escape(str(name))}</td><td>{escape(_value(value))}</td></tr>" for name, value in items)
    return f"<table cellspacing='0' cellpadding='1'>{rows}</table>" if rows else ""


def _paragraphs(text: Any) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in str(text or "").split("\n") if part.strip())


def _lines(items: Iterable[Sequence[Any]]) -> list[str]:
    return [f"{name}: {_value(value)}" for name, value in items]


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or EMPTY
    return EMPTY if value is None or value == "" else str(value)
