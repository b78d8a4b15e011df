"""References as BibTeX, taken apart from citations in the style of the American Psychological Association, as IDC's index has them.

"Newitt, D., & Hylton, N. (2016). Title (Version 2) [Data set]. The Cancer Imaging Archive. https://doi.org/..."; what is written otherwise is
kept whole as a note, so that nothing is lost.
"""

from __future__ import annotations

import re

_CITATION = re.compile(r"(?P<authors>.+?)\s*\((?P<year>\d{4})[^)]*\)\.?\s*(?P<rest>.+)", re.DOTALL)
_DOI = re.compile(r"\s*(?:https?://(?:dx\.)?doi\.org/|doi:\s*)\S+\s*$", re.IGNORECASE)
# "Last, F. M." and what follows it.
_PERSON = re.compile(r"\s*(?:and\s+|&\s*)?([^,&]+,\s*(?:[^\W\d_]\.[\s-]*)+)(?:,|$|(?=&))")
_AND_OTHERS = re.compile(r",?\s*(?:&|and)?\s*(?:et al\.?|\.\.\.|…)\s*$", re.IGNORECASE)
_VERSION = re.compile(r"\(Version\s+([^)]+)\)", re.IGNORECASE)
_KIND = re.compile(r"\s*\[(?:data ?set|dataset)\]", re.IGNORECASE)
_SPECIAL = {char: f"\\{char}" for char in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}


def entry(doi: str, title: str, citation: str) -> str:
    """One ``@misc``, whose key is made of the DOI. ``citation`` may be empty; then the title alone is stated."""
    fields = {**(_fields(citation) or ({"title": title or "Data", "note": citation} if citation else {"title": title or "Data"}))}
    fields |= {"doi": doi, "url": f"https://doi.org/{doi}"} if doi else {}
    return entry_of("misc", key_of(doi or fields["title"]), fields)


def entry_of(kind: str, key: str, fields: dict[str, str]) -> str:
    """``author`` is BibTeX already; everything else is text."""
    lines = [f"  {name} = {{{value if name in ('author', 'doi', 'url') else _escaped(name, value)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def key_of(text: str) -> str:
    """Letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower()[:80] or "source"


def _fields(citation: str) -> dict[str, str] | None:
    found = _CITATION.fullmatch(_DOI.sub("", citation).strip())
    if found is None:
        return None
    rest = found["rest"].strip().rstrip(".")
    version = _VERSION.search(rest)
    text = _VERSION.sub("", rest)
    title, _dot, publisher = text.rpartition(". ")
    if _KIND.search(text):
        title, publisher = _KIND.split(text, 1)
    fields = {"author": _authors(found["authors"]), "title": title or publisher, "year": found["year"]}
    fields["publisher"] = publisher.strip(" .") if title else ""
    fields["edition"] = f"Version {version[1]}" if version else ""
    return {name: " ".join(value.split()) for name, value in fields.items() if value.strip()}


def _authors(text: str) -> str:
    """ "Newitt, D. and Hylton, N."; a group that is no list of persons stays one name."""
    named = _AND_OTHERS.sub("", text.strip())
    persons, place = [], 0
    while place < len(named):
        found = _PERSON.match(named, place)
        if found is None:
            break
        persons.append(found[1].strip())
        place = found.end()
    if place < len(named.rstrip(" ,")) or not persons:
        return f"{{{_plain(text.strip().rstrip('.'))}}}"
    return " and ".join([*map(_plain, persons), *(["others"] if named != text.strip() else [])])


def _escaped(name: str, value: str) -> str:
    # Titles keep their capitals.
    return f"{{{_plain(value)}}}" if name == "title" else _plain(value)


def _plain(text: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in text)
