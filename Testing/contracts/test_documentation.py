"""What the README promises exists: commands, options, make targets, files."""

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from helpers.sources import LIBRARY, ROOT, calls_in

from IDCBrowserLib.cli import main as command_line

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Every call of the program in the README, without the optional brackets of the tables."""
    found = re.findall(r"(?:\.venv/bin/)?(idc-browser(?: [^\n`|]*)?)", README.replace("\\|", "|"))
    return sorted({text.split("  ")[0].split(" #")[0].strip() for text in found if not text.startswith("idc-browser-")})


@pytest.mark.parametrize("text", commands())
def test_each_command_of_the_readme_is_one(text: str) -> None:
    words = shlex.split(text.replace("[", " ").replace("]", " "))
    if len(words) > 1 and words[1] != "COMMAND" and not words[1].startswith("-"):
        assert words[1] in command_line.COMMANDS


@pytest.mark.parametrize("text", commands())
def test_each_option_of_the_readme_is_known_to_its_command(text: str) -> None:
    words = shlex.split(text.replace("[", " ").replace("]", " "))
    name = words[1] if len(words) > 1 and words[1] in command_line.COMMANDS else "window"
    actions = command_line.make_parser([name])._subparsers._group_actions[0].choices[name]._option_string_actions
    assert [word for word in words if word.startswith("--") and word not in actions and word != "--help"] == []


def test_each_make_target_of_the_documents_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= targets


DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "Resources").rglob("*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_file_that_a_document_links_to_exists(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)|src=\"([^\"]+)\"", document.read_text(encoding="utf-8"))
    assert [link for pair in links for link in pair if link and not (document.parent / link).exists()] == []


@cache
def texts_of_the_program() -> str:
    """What is passed to the translator, without the marks of keys and the punctuation of labels, a line each."""
    texts = set()
    for path in LIBRARY.parent.rglob("*.py"):
        for node, name in calls_in(path):
            if name == "_" and node.args and isinstance(node.args[0], ast.Constant):
                texts.add(str(node.args[0].value).replace("&", "").rstrip(".:"))
    return "\n".join(texts)


# Menus of Slicer itself.
SLICERS_OWN = {"Add Data", "Edit > Application Settings > IDC Browser"}


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "window").glob("*.md")), ids=lambda path: path.stem)
def test_each_control_that_a_page_names_is_in_the_window(page: Path) -> None:
    named = set(re.findall(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)", page.read_text(encoding="utf-8"))) - SLICERS_OWN
    assert {name for name in named if name not in texts_of_the_program()} == set()


def test_no_two_decisions_share_a_number() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "Resources" / "Decisions").glob("[0-9]*.md"))
    assert numbers == sorted(set(numbers)), "two decisions share a number"


def test_the_exit_codes_of_the_readme_are_those_of_the_errors() -> None:
    from IDCBrowserLib import errors

    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.IDCBrowserError)}
    for code in codes:
        assert re.search(rf"\b{code}\b", README), f"exit code {code} is not explained"
