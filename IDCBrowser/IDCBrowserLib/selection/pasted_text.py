"""Restores commands pasted from documents, web pages, chats, spreadsheets and notebooks to what was originally typed."""

from __future__ import annotations

import re

# Blanks of typesetting; a letter that takes no room; quotes and dashes that word processors put in.
_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_DOUBLE_QUOTES = re.compile("[\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02]")
_SINGLE_QUOTES = re.compile("[\u2018\u2019\u201a\u201b\u2032\u00b4\uff07]")
# "--option" becomes one long dash, "-o" a shorter one.
_LONG_DASH = re.compile("(?<!\\S)[\u2013\u2014\u2015\u2212](?=[A-Za-z]{2})")
_DASH = re.compile("(?<!\\S)[\u2010-\u2013\u2212](?=[-A-Za-z])")
_WHOLE_LINE_QUOTED = re.compile(r"""(["'`])(.*)\1""")
_PROMPT = re.compile(r"(?:[$>%!]|PS [^>]*>|[A-Za-z]:\\[^>]*>|[\w.-]+@[\w.-]+:[^$#]*[$#])\s*(?=\S)")


def as_typed(line: str) -> str:
    """The line with plain blanks, quotes and dashes; without invisible letters, the quotes of a cell around all of it, and the prompt of a shell."""
    text = _BLANKS.sub(" ", _INVISIBLE.sub("", line)).strip()
    text = _SINGLE_QUOTES.sub("'", _DOUBLE_QUOTES.sub('"', text))
    quoted = _WHOLE_LINE_QUOTED.fullmatch(text)
    if quoted and " " in quoted[2] and '" ' not in quoted[2].replace('""', ""):
        # A cell of a table doubles the quotes inside it.
        text = quoted[2].replace('""', '"').strip()
    text = _PROMPT.sub("", text, count=1) if _PROMPT.match(text) else text
    return _DASH.sub("-", _LONG_DASH.sub("--", text))
