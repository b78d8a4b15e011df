"""Translation files are sound, and what a person reads in the window can be translated."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from helpers.sources import LIBRARY, calls_in, setup_tool, tree_of

from IDCBrowserLib.i18n import placeholders
from IDCBrowserLib.translations.reading import available

# Functions and methods that show texts, and which of their arguments are read.
SHOWN = {
    "setText": (0,),
    "setToolTip": (0,),
    "setAccessibleName": (0,),
    "setAccessibleDescription": (0,),
    "setPlaceholderText": (0,),
    "setWindowTitle": (0,),
    "setTitle": (0,),
    "addTab": (1,),
    "setTabText": (1,),
    "addAction": (0,),
    "addSection": (0,),
    "QLabel": (0,),
    "QPushButton": (0,),
    "QCheckBox": (0,),
    "QGroupBox": (0,),
    "QAction": (0,),
    "Message": (1,),
    "button": (1, 2),
    "small_button": (1, 2),
    "label": (1,),
    "line_edit": (1, 2, 3),
    "view_action": (1,),
    "table_view": (1,),
    "sortable_table_view": (1,),
    "tree_widget": (1,),
    "Column": (1,),
}
# Names that are the same in every language.
SAME = {"English", "cc"}
WORD = re.compile(r"[A-Za-z]{2}")


def test_every_text_that_a_widget_shows_is_in_the_translation() -> None:
    bare = []
    for folder in ("ui", "logic", "host"):
        for path in sorted((LIBRARY / folder).rglob("*.py")):
            for node, name in calls_in(path):
                for number in SHOWN.get(name, ()):
                    argument = node.args[number] if number < len(node.args) else None
                    text = argument.value if isinstance(argument, ast.Constant) else None
                    if isinstance(text, str) and WORD.search(text) and text not in SAME:
                        bare.append(f"{path.relative_to(LIBRARY)}:{node.lineno}: {text!r}")
    assert bare == [], 'write _("...") around them'


def test_no_text_is_put_together_before_it_is_translated() -> None:
    odd = [place for place, is_constant, _is_later in translated() if not is_constant]
    assert odd == [], "a whole sentence in _(), then .format()"


def test_every_text_is_translated_when_it_is_needed() -> None:
    early = [place for place, _is_constant, is_later in translated() if not is_later]
    assert early == [], "no _() outside a function: at import the language is not chosen yet"


@functools.cache
def translated() -> list[tuple[str, bool, bool]]:
    """Every call of ``_``: where, whether its text is a constant, and whether it is inside of a function."""
    found = []
    for path in sorted(LIBRARY.rglob("*.py")):
        if "_(" in path.read_text(encoding="utf-8"):
            calls = _calls(tree_of(path))
            found += [(f"{path.relative_to(LIBRARY)}:{node.lineno}", isinstance(node.args[0], ast.Constant), later) for node, later in calls]
    assert len(found) > 1000
    return found


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, bool]]:
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, is_later = waiting.pop()
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
            yield node, is_later
        body = _body(node) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) else []
        # Decorators and defaults of a function are not in its body.
        waiting += [(child, is_later or child in body) for child in ast.iter_child_nodes(node)]


def _body(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.AST]:
    return [function.body] if isinstance(function, ast.Lambda) else list(function.body)


@pytest.mark.parametrize("path", available().values(), ids=lambda path: path.stem)
def test_a_translation_file_is_one_of_qt_linguist_and_keeps_every_placeholder(path: Path) -> None:
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    assert root.tag == "TS" and root.get("language", "").replace("_", "-") == path.stem.partition("_")[2]
    seen, wrong = set(), []
    for context in root.iter("context"):
        for message in context.iter("message"):
            key = (context.findtext("name"), message.findtext("source"))
            assert key not in seen, f"{key} is there twice"
            seen.add(key)
            source, text = message.findtext("source") or "", message.findtext("translation") or ""
            if text and placeholders(source) != placeholders(text):
                wrong.append(source)
    assert wrong == []


def test_the_contexts_are_those_that_slicer_looks_for() -> None:
    contexts = {context for context, _text in setup_tool("update_translations").texts()}
    assert {"IDCBrowser", "finding.facets", "ui.browse_page", "summary.charts"} <= contexts
