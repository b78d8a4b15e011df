"""The document of ``catalog.details`` as text: HTML for the panel, plain for the clipboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from IDCBrowserLib.api.catalog import Details, SlideLevel
from IDCBrowserLib.catalog.about.links import QUPATH_SCHEME
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.details.clinical import ClinicalState
from IDCBrowserLib.logic.details.slide_rows import level_name, pixels_text
from IDCBrowserLib.logic.settings.missing_index_text import missing_sentence
from IDCBrowserLib.logic.tables.columns import EMPTY, collections
from IDCBrowserLib.wording import human_count, human_size

# As the engine calls the values that are ids.
_COLLECTIONS = ("Collection", "Collections")
LINK_SCHEMES = ("https://", "http://")
# Of a link that gets a side index instead of leading anywhere.
FETCH_SCHEME = "fetch:"
# Gets the clinical tables of the collection.
CLINICAL_LINK = "clinical:"
# Copies all of it as text.
COPY_LINK = "copy:"
# Download a level of a slide, by its place in ``Details.levels``; and load it.
LEVEL_SCHEME, LOAD_LEVEL_SCHEME = "level:", "load-level:"


class ShownDetails(Details):
    """``note`` says how fetching goes; ``missing_tables`` of clinical data can be fetched."""

    note: str
    missing_tables: Sequence[str]


def with_clinical_data(document: Details, clinical: ClinicalState) -> ShownDetails:
    """The details of a case, completed by its clinical data."""
    return {
        **document,
        "sections": [*document["sections"], *clinical.sections],
        "note": clinical.text,
        "missing_indices": [*document["missing_indices"], *clinical.missing_indices],
        "missing_tables": () if clinical.fetching else clinical.tables,
    }


def details_html(document: ShownDetails) -> str:
    """Everything in it is escaped, and only web addresses become links."""
    parts = [f"<p style='margin-top:0'><b>{escape(document['title'])}</b></p>"]
    links = [*_links(document, (*LINK_SCHEMES, QUPATH_SCHEME)), (_("Copy as text"), COPY_LINK)]
    parts.append("<p>" + " &nbsp; ".join(f"<a href='{escape(url)}'>{_unbroken(name)}</a>" for name, url in links) + "</p>")
    parts.append(_table(_with_name(document)) + _paragraphs(document["text"]))
    for section in document["sections"]:
        parts.append(f"<p style='margin-bottom:2px'><b>{escape(section['heading'])}</b></p>")
        parts.append(_table(section["items"]) + _paragraphs(section.get("text", "")))
    parts.append(_levels(document["levels"]))
    parts += [_missing(name) for name in document["missing_indices"]]
    parts += [_missing_tables(len(document["missing_tables"]))] if document["missing_tables"] else []
    parts.append(_paragraphs(document["note"]))
    return "".join(parts)


def _with_name(document: ShownDetails) -> list[list[str]]:
    """Its values, with names of collections for their ids; a collection, whose title is its name, keeps both."""
    return [
        [label, collections(value) if label in _COLLECTIONS and collections(value) != document["title"] else value]
        for label, value in document["items"]
    ]


def details_text(document: ShownDetails) -> str:
    """Title, one line per value, sections below their headings, addresses written out."""
    lines = [document["title"], *_lines(document["items"])]
    lines += ["", document["text"]] if document["text"] else []
    for section in document["sections"]:
        lines += ["", section["heading"], *_lines(section["items"])]
        lines += [section["text"]] if section.get("text") else []
    if document["levels"]:
        lines += ["", _("Levels"), *(f"{level_name(level)}: {_level_text(level)}" for level in document["levels"])]
    links = [f"{name}: {url}" for name, url in _links(document)]
    return "\n".join([*lines, "", *links] if links else lines) + "\n"


def _levels(levels: Sequence[SlideLevel]) -> str:
    """Each with what gets it alone."""
    rows = "".join(
        f"<tr><td style='padding-right:12px'>{escape(level_name(level))}</td><td style='padding-right:12px'>{escape(_level_text(level))}</td>"
        f"<td><a href='{LEVEL_SCHEME}{place}'>{_unbroken(_('Download'))}</a> &nbsp; "
        f"<a href='{LOAD_LEVEL_SCHEME}{place}'>{_unbroken(_('Download and load'))}</a></td></tr>"
        for place, level in enumerate(levels)
    )
    heading = escape(_("Levels, of which each can be downloaded alone"))
    return f"<p style='margin-bottom:2px'><b>{heading}</b></p><table cellspacing='0' cellpadding='1'>{rows}</table>" if rows else ""


def _level_text(level: SlideLevel) -> str:
    pixels = pixels_text(level)
    parts = [pixels] if pixels else []
    if level["spacing_mm"] and level["kind"] == "level":
        parts.append(local_number(f"{level['spacing_mm'] * 1000:.3g}") + " µm")
    if level["bytes"] is not None:
        parts.append(human_size(level["bytes"]))
    if len(level["instances"]) > 1:
        parts.append(human_count(len(level["instances"]), _("file"), _("files")))
    return ", ".join(parts)


def _missing(name: str) -> str:
    return f"<p>{escape(missing_sentence(name))} <a href='{FETCH_SCHEME}{escape(name)}'>{escape(_('Fetch'))}</a></p>"


def _missing_tables(number: int) -> str:
    text = _("The clinical data of this collection are not on this computer ({tables}).").format(tables=human_count(number, _("table"), _("tables")))
    return f"<p>{escape(text)} <a href='{CLINICAL_LINK}'>{escape(_('Fetch'))}</a></p>"


def _links(document: ShownDetails, schemes: tuple[str, ...] = LINK_SCHEMES) -> list[tuple[str, str]]:
    return [(name, url) for name, url, _kind in document["links"] if url.lower().startswith(schemes)]


def _unbroken(name: str) -> str:
    """A name that is not divided between two lines: with hard blanks, and word joiners after its slashes."""
    return escape(name).replace(" ", "&nbsp;").replace("/", "/&#8288;")


def _table(items: Iterable[Sequence[str]]) -> str:
    rows = "".join(f"<tr><td style='padding-right:12px'>{escape(name)}</td><td>{escape(value or EMPTY)}</td></tr>" for name, value in items)
    return f"<table cellspacing='0' cellpadding='1'>{rows}</table>" if rows else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n") if part.strip())


def _lines(items: Iterable[Sequence[str]]) -> list[str]:
    return [f"{name}: {value or EMPTY}" for name, value in items]
