"""Renew the translation files from the texts of the code: ``make translations``. What was translated stays; what nobody says any more goes.

Texts without a translation are listed. Every translation is marked as unfinished until a native speaker has read it (in Qt Linguist: "Done").
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "IDCBrowser" / "IDCBrowserLib"
sys.path.insert(0, str(LIBRARY.parent))

from IDCBrowserLib.translations.reading import FOLDER, PREFIX, available, read  # noqa: E402

_HEADER = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'


@cache
def texts() -> dict[tuple[str, str], None]:
    """Every text of the window, by context and English text, in the order of files and lines."""
    found: dict[tuple[str, str], None] = {}
    for path in [LIBRARY.parent / "IDCBrowser.py", *sorted(LIBRARY.rglob("*.py"))]:
        package = f"{path.parent.name}." if (path.parent / "__init__.py").exists() else ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[package + path.stem, first.value] = None
    return dict(sorted(found.items()))


def document(language: str, translated: dict[tuple[str, str], str], finished: frozenset[tuple[str, str]] = frozenset()) -> str:
    """The whole file; ``finished`` were read by a native speaker."""
    lines = [f'<TS version="2.1" language="{language.replace("-", "_")}" sourcelanguage="en_US">']
    before = ""
    for context, source in texts():
        if context != before:
            lines += (["</context>"] if before else []) + ["<context>", f"    <name>{escape(context)}</name>"]
            before = context
        text = translated.get((context, source)) or translated.get(("", source)) or ""
        state = "" if text and (context, source) in finished else ' type="unfinished"'
        lines += [
            "    <message>",
            f"        <source>{escape(source)}</source>",
            f"        <translation{state}>{escape(text)}</translation>",
            "    </message>",
        ]
    return _HEADER + "\n".join([*lines, "</context>", "</TS>", ""])


def finished_in(path: Path) -> frozenset[tuple[str, str]]:
    """What a native speaker has read."""
    from xml.etree import ElementTree as ET

    root = ET.fromstring(path.read_text(encoding="utf-8"))
    return frozenset(
        (context.findtext("name") or "", message.findtext("source") or "")
        for context in root.iter("context")
        for message in context.iter("message")
        if (translation := message.find("translation")) is not None and translation.get("type") is None and translation.text
    )


def main() -> int:
    """Write all files; 1 when something is not translated."""
    missing = 0
    for path in available().values():
        known = read(path)
        path.write_text(document(path.stem.removeprefix(PREFIX), known, finished_in(path)), encoding="utf-8")
        for context, source in texts():
            if (context, source) not in known and ("", source) not in known:
                missing += 1
                print(f"{path.name}: {context}: {source}")
    print(f"{missing} texts are not translated. The files are in {FOLDER.relative_to(ROOT)}.")
    return int(missing > 0)


if __name__ == "__main__":
    raise SystemExit(main())
