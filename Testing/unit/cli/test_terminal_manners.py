"""Mistyped commands, and tables as people read them."""

import io
import re
import shlex
import shutil
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
from helpers.small_command_line import CommandLine

from IDCBrowserLib.cli import outcome
from IDCBrowserLib.cli.colors import finished
from IDCBrowserLib.cli.examples import EXAMPLES
from IDCBrowserLib.cli.main import COMMANDS, main, make_parser
from IDCBrowserLib.cli.outcome import table
from IDCBrowserLib.cli.progress import ProgressLine
from IDCBrowserLib.cli.terminal import clear_before_messages, say
from IDCBrowserLib.safe_text import printable
from IDCBrowserLib.task import Progress


@pytest.mark.parametrize(("typed", "meant"), [("serach", "search"), ("downlod", "download"), ("batches", "batch")])
def test_a_mistyped_command_is_told_what_was_meant(idc_browser: CommandLine, typed: str, meant: str) -> None:
    code, output, errors = idc_browser.run(typed, "x")
    assert (code, output) == (2, "") and f"did you mean {meant}?" in errors


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_each_example_of_the_help_can_be_parsed(name: str) -> None:
    for line in EXAMPLES[name]:
        words = shlex.split(line.removeprefix("sudo ").removeprefix('eval "$(').removesuffix(')"').partition(" >")[0])[1:] or ["window"]
        parsed = make_parser([words[0]]).parse_args(words)
        assert parsed.command == words[0]


def test_the_help_of_each_command_ends_with_examples() -> None:
    assert EXAMPLES.keys() == COMMANDS.keys()


def test_a_quiet_command_shows_no_progress(idc_browser: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    streams: list[object] = []

    class Remembering(ProgressLine):
        def __init__(self, stream: Any) -> None:
            streams.append(stream)
            super().__init__(stream)

        def show(self, progress: Progress) -> None:
            super().show(progress)

    monkeypatch.setattr("IDCBrowserLib.cli.main.ProgressLine", Remembering)
    for option in ("--quiet", "-q"):
        assert "lung_ct" in idc_browser.text("list", "collections", option)
    assert "lung_ct" in idc_browser.text("list", "collections")
    assert [stream is None for stream in streams] == [True, True, False]


def completed(script: str, *words: str) -> list[str]:
    """What bash offers for the last of the words."""
    given = " ".join(shlex.quote(word) for word in words)
    code = f'{script}\nCOMP_WORDS=({given}); COMP_CWORD={len(words) - 1}; _idc_browser; printf "%s\\n" "${{COMPREPLY[@]}}"'
    return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_commands_options_and_values(idc_browser: CommandLine) -> None:
    script = idc_browser.text("completion", "bash")
    assert completed(script, "idc-browser", "do") == ["download"]
    assert completed(script, "idc-browser", "") == list(COMMANDS)
    assert completed(script, "idc-browser", "download", "--prov") == ["--provider"]
    assert completed(script, "idc-browser", "download", "--provider", "g") == ["gcs"]
    assert completed(script, "idc-browser", "list", "coll") == ["collections"]
    assert completed(script, "idc-browser", "download", "no-such-word") == []


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_scripts_for_other_shells_name_each_command_and_option(idc_browser: CommandLine, shell: str) -> None:
    script = idc_browser.text("completion", shell)
    assert all(name in script for name in COMMANDS)
    assert ("-l provider" if shell == "fish" else "--provider") in script
    assert idc_browser.json("completion", shell)["script"] == script.rstrip("\n")


def test_numbers_stand_at_the_right_with_separators_and_texts_at_the_left() -> None:
    assert table([("a", 1234567, "2.5 MB"), ("long name", 8, "10 B"), (None, None, "")], ("name", "files", "size")).split("\n") == [
        "name           files    size",
        "a          1,234,567  2.5 MB",
        "long name          8    10 B",
        "-                  -       -",
    ]


def test_identifiers_of_digits_and_dots_are_no_numbers() -> None:
    assert table([("1.2.840.10008",), ("1.2",)], ("uid",)).split("\n")[2] == "1.2"


def test_on_a_terminal_a_row_fits_on_a_line_and_elsewhere_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("x" * 100, 5, "y" * 60)]
    assert "x" * 100 in table(rows, ("one", "n", "two"))

    class Terminal:
        def isatty(self) -> bool:
            return True

    size: Any = type("Size", (), {"columns": 60})
    monkeypatch.setattr(outcome.sys, "stdout", Terminal())
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: size)
    lines = table(rows, ("one", "n", "two")).split("\n")
    assert all(len(line) <= 60 for line in lines) and "…" in lines[1]


class Terminal(io.StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """For both streams of a command."""
    made = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("WT_SESSION", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return made


ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def test_a_terminal_shows_headings_in_bold_and_errors_in_red_with_the_same_words(
    idc_browser: CommandLine, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(*words: str) -> str:
        terminal.truncate(0)
        terminal.seek(0)
        with redirect_stdout(terminal), redirect_stderr(terminal):
            main([*words, "-q"])
        return terminal.getvalue()

    in_color = [shown("list", "collections"), shown("list", "cases", "--collection", "no_such_collection")]
    assert re.search(r"^\x1b\[1mcollection_.*\x1b\[0m$", in_color[0], re.MULTILINE)
    assert in_color[1].startswith("\x1b[1;31midc-browser:\x1b[0m ")
    assert "\x1b" not in shown("list", "collections", "--json")
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
        assert [shown("list", "collections"), shown("list", "cases", "--collection", "no_such_collection")] == [
            ESCAPES.sub("", text) for text in in_color
        ]
        monkeypatch.setenv(name, "")


def test_text_from_outside_makes_nothing_bold(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        text = table([("a\ufdd0b\ufdd1c",)], ("name",))
    assert finished(printable(text)).count("\x1b") == 2, "those around the heading"


def test_a_message_does_not_stand_behind_the_progress(terminal: Terminal) -> None:
    line = ProgressLine(terminal)
    clear_before_messages(line.clear)
    line.show(Progress("Reading nope"))
    with redirect_stderr(terminal):
        say("a message")
    line.clear()
    assert ESCAPES.sub("", terminal.getvalue()).split("\r")[-1] == "idc-browser: a message\n"
