"""The document of ``catalog.details`` as text: HTML for the panel, plain for the clipboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.details.clinical import ClinicalState
from IDCBrowserLib.logic.settings.missing_index_text import missing_sentence
from IDCBrowserLib.logic.tables.columns import EMPTY
from IDCBrowserLib.wording import human_count

LINK_SCHEMES = ("https://", "http://")
# Of a link that gets a side index instead of leading anywhere.
FETCH_SCHEME = "fetch:"
# Gets the clinical tables of the collection.
CLINICAL_LINK = "clinical:"
# Copies all of it as text.
COPY_LINK = "copy:"


def with_clinical_data(document: Mapping[str, Any], clinical: ClinicalState) -> dict[str, Any]:
    """The details of a case, completed by its clinical data."""
    return {
        **document,
        "sections": [*document.get("sections", ()), *clinical.sections],
        "note": clinical.text,
        "missing_indices": [*document.get("missing_indices", ()), *clinical.missing_indices],
        "missing_tables": () if clinical.fetching else clinical.tables,
    }


def details_html(document: Mapping[str, Any]) -> str:
    """Everything in it is escaped, and only web addresses become links."""
    parts = [f"<p style='margin-top:0'><b>{escape(str(document.get('title') or ''))}</b></p>"]
    links = [*_links(document), (_("Copy as text"), COPY_LINK)]
    parts.append("<p>" + " &nbsp; ".join(f"<a href='{escape(url)}'>{_unbroken(name)}</a>" for name, url in links) + "</p>")
    parts.append(_table(document.get("items", ())) + _paragraphs(document.get("text")))
    for section in document.get("sections", ()):
        parts.append(f"<p style='margin-bottom:2px'><b>{escape(str(section['heading']))}</b></p>")
        parts.append(_table(section.get("items", ())) + _paragraphs(section.get("text")))
    parts += [_missing(str(name)) for name in document.get("missing_indices", ())]
    parts += [_missing_tables(len(document["missing_tables"]))] if document.get("missing_tables") else []
    parts.append(_paragraphs(document.get("note")))
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


def _missing(name: str) -> str:
    return f"<p>{escape(missing_sentence(name))} <a href='{FETCH_SCHEME}{escape(name)}'>{escape(_('Fetch'))}</a></p>"


def _missing_tables(number: int) -> str:
    text = _("The clinical data of this collection are not on this computer ({tables}).").format(tables=human_count(number, _("table"), _("tables")))
    return f"<p>{escape(text)} <a href='{CLINICAL_LINK}'>{escape(_('Fetch'))}</a></p>"


def _links(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(name), str(url)) for name, url, *_kind in document.get("links", ()) if str(url).lower().startswith(LINK_SCHEMES)]


def _unbroken(name: str) -> str:
    """A name that is not divided between two lines: with hard blanks, and word joiners after its slashes."""
    return escape(name).replace(" ", "&nbsp;").replace("/", "/&#8288;")


def _table(items: Iterable[Sequence[Any]]) -> str:
    rows = "".join(f"<tr><td style='padding-right:12px'>{escape(str(name))}</td><td>{escape(_value(value))}</td></tr>" for name, value in items)
    return f"<table cellspacing='0' cellpadding='1'>{rows}</table>" if rows else ""


def _paragraphs(text: Any) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in str(text or "").split("\n") if part.strip())


def _lines(items: Iterable[Sequence[Any]]) -> list[str]:
    return [f"{name}: {_value(value)}" for name, value in items]


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or EMPTY
    return EMPTY if value is None or value == "" else str(value)
