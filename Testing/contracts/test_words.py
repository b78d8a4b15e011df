"""The words of Resources/Decisions/words.md: American spelling everywhere, and terms that are not used absent from what people see."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from helpers.sources import ROOT, nodes_in, nodes_of

LIBRARY = ROOT / "IDCBrowser"
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "Resources").rglob("*.md")]

# British -> American. "cancelled" is fixed in identifiers and JSON and refused in visible texts only, below.
BRITISH = (
    r"centres?|centred|colou?r(?<!color)s?|coloured|colouring|grey|greyscale|licen[c]e[ds]?|organis\w+|recognis\w+|normalis\w+|initialis\w+|"
    r"optimis\w+|summaris\w+|serialis\w+|visualis\w+|analys(?:e|ed|es|ing)(?! *\()|catalogue[ds]?|behaviours?|neighbours?|neighbouring|favourites?|"
    r"honour\w*|millimetres?|metres|litres?|fibres?|tumours?|labell(?:ed|ing)|modell(?:ed|ing)|travell(?:ed|ing)|signall(?:ed|ing)|"
    r"programme[ds]?|towards|whilst|defence|artefacts?|practis(?:e|ed|ing)|judgement|dialogue box"
)
SPELLING = re.compile(rf"\b(?:{BRITISH})\b", re.IGNORECASE)
# Names that others gave: a type of IDC's analysis results, a color node of Slicer, a file name that the Extensions Index allows.
THIRD_PARTY = re.compile(r"Image Analyses|\"Grey\"|\"LICENCE")

# What is not used in texts that people see -> what is. Each is a whole word or phrase.
NOT_VISIBLE = {
    r"(?<!there )is no(?! longer)": "is not a",
    r"(?<!there )are no(?! longer)": "are not",
    r"side ind(?:ex|ices)": "index file",
    r"label volumes?": "labelmap volume",
    r"jobs?": "download",
    r"folder for downloads": "download folder",
    r"(?:free|enough|disk) room|room on|no room|make room": "disk space",
    r"left out|leaves? out|leave out": "skipped, or excluded",
    r"come along|comes along": "is included",
    r"under way": "running",
    r"cancelled": "canceled",
    r"kept searches|kept queries|kept as": "saved",
    r"partly here|not here|is here|are here": "on this computer, available, incomplete",
    r"on its way": "being downloaded",
    r"patience|turns?": "wait, queue",
    r"remarks?": "note",
    r"basket": "cart",
    r"told|tells (?:what|which|nothing)": "states, shows",
    r"fetch(?:ed|es|ing)? (?:series|cases|studies)": "download",
    r"outside of": "outside",
    r"lies (?:at|in|on) ?": "is",
}
BANNED = re.compile(r"(?<![\w-])(?:" + "|".join(f"(?:{pattern})" for pattern in NOT_VISIBLE) + r")(?![\w-])", re.IGNORECASE)
SQL = re.compile(r"\s*(SELECT|UPDATE|INSERT|DELETE|CREATE|ALTER|REPLACE|PRAGMA|WITH|FROM)\b")
SPACED_DOTS = re.compile(r"\w \.\.\.(?:$|\")")


def literal(node: ast.AST) -> str:
    """The text of a literal, with the values of an f-string left open."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) or "{}" for part in node.values)
    return ""


def name_of(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def visible(nodes: Sequence[ast.AST]) -> Iterator[tuple[int, str]]:
    """Translated texts, and all other texts of three words or more that are neither docstrings nor SQL: messages, help, labels."""
    translated = {node.args[0] for node in nodes if isinstance(node, ast.Call) and name_of(node.func) in ("_", "tr") and node.args}
    hidden = {node.value for node in nodes if isinstance(node, ast.Expr)}
    hidden |= {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        text = literal(node)
        if node in translated or (node not in hidden and len(text.split()) >= 3 and not SQL.match(text)):
            yield getattr(node, "lineno", 0), text


@cache
def texts_of_the_program() -> list[tuple[str, str]]:
    """Where a text is, and the text."""
    return [(f"{path.relative_to(ROOT)}:{line}", text) for path in sorted(LIBRARY.rglob("*.py")) for line, text in visible(nodes_of(path))]


def test_texts_that_people_see_use_the_terms_of_the_glossary() -> None:
    found = [f"{where}: {match.group(0)!r} in {text!r}" for where, text in texts_of_the_program() if (match := BANNED.search(text)) is not None]
    assert found == []


def test_no_space_stands_before_three_dots_at_the_end_of_a_text() -> None:
    found = [f"{where}: {text!r}" for where, text in texts_of_the_program() if SPACED_DOTS.search(text)]
    assert found == []


def british(text: str) -> list[str]:
    return SPELLING.findall(THIRD_PARTY.sub("", text))


def test_code_and_documents_are_spelled_the_american_way() -> None:
    sources = [path for folder in (LIBRARY, ROOT / "Testing", ROOT / "docs") for path in folder.rglob("*.py") if path != Path(__file__)]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {', '.join(words)}"
        for path in (*sources, *DOCUMENTS)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (words := british(line))
    ]
    assert found == []


def test_the_glossary_is_found_from_the_list_of_decisions() -> None:
    assert "(words.md)" in (ROOT / "Resources" / "Decisions" / "README.md").read_text(encoding="utf-8")


def test_the_checks_find_what_they_are_for() -> None:
    source = 'label(_("This is no address."))\nraise InputError(f"There is no room on {disk}")\nparser.add_argument("--x", help="number of jobs")\n'
    assert sorted(BANNED.findall(text) for _line, text in visible(nodes_in(source))) == [["is no"], ["jobs"], ["no room"]]
    assert BANNED.search("There is no series in the selection. It is no longer open.") is None
    assert british("The centre of a coloured tumour, recognised") == ["centre", "coloured", "tumour", "recognised"]
    assert british("The center of a colored tumor, recognized; an analysis result") == []
