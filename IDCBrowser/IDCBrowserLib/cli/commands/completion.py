"""``idc-browser completion``: a script for a shell, made from the arguments that the commands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import NamedTuple

from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.task import Task


class _Command(NamedTuple):
    """``options`` -> the values that may follow, none where any may; ``help`` of options; ``choices`` of what is no option."""

    text: str
    options: dict[str, tuple[str, ...]]
    help: dict[str, str]
    choices: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("shell", choices=sorted(_SCRIPTS), help="the shell that reads the script")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print the script."""
    script = _SCRIPTS[arguments.shell](_commands())
    return Outcome({"shell": arguments.shell, "script": script}, script)


def _commands() -> dict[str, _Command]:
    from IDCBrowserLib.cli.main import COMMANDS, make_parser

    parser = make_parser(COMMANDS)
    parsers: Mapping[str, argparse.ArgumentParser] = next(
        action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    return {name: _described(COMMANDS[name][1], parsers[name]) for name in COMMANDS}


def _described(text: str, parser: argparse.ArgumentParser) -> _Command:
    options: dict[str, tuple[str, ...]] = {}
    texts: dict[str, str] = {}
    choices: list[str] = []
    for action in parser._actions:
        values = tuple(str(value) for value in action.choices or ())
        long = next((name for name in action.option_strings if name.startswith("--")), "")
        if long:
            options[long] = values
            texts[long] = action.help or ""
        else:
            choices += values
    return _Command(text, options, texts, tuple(choices))


def _bash(commands: Mapping[str, _Command]) -> str:
    cases = []
    for name, command in commands.items():
        for option, values in command.options.items():
            if values:
                cases.append(f'        "{name} {option}") words="{" ".join(values)}" ;;')
    for name, command in commands.items():
        cases.append(f'        "{name} "*) words="{" ".join((*command.options, *command.choices))}" ;;')
    return "\n".join(
        [
            "_idc_browser() {",
            "    local words",
            '    if [ "$COMP_CWORD" -eq 1 ]; then',
            f'        words="{" ".join(commands)}"',
            "    else",
            '        case "${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD - 1]}" in',
            *cases,
            "        esac",
            "    fi",
            '    COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
            "}",
            "complete -o default -F _idc_browser idc-browser",
        ]
    )


def _zsh(commands: Mapping[str, _Command]) -> str:
    return f"autoload -U +X bashcompinit && bashcompinit\n{_bash(commands)}"


def _fish(commands: Mapping[str, _Command]) -> str:
    lines = []
    for name, command in commands.items():
        lines.append(f"complete -c idc-browser -n __fish_use_subcommand -a {name} -d {_quoted(command.text)}")
        seen = f"complete -c idc-browser -n '__fish_seen_subcommand_from {name}'"
        for option, values in command.options.items():
            following = f" -xa {_quoted(' '.join(values))}" if values else ""
            lines.append(f"{seen} -l {option[2:]} -d {_quoted(command.help[option])}{following}")
        if command.choices:
            lines.append(f"{seen} -a {_quoted(' '.join(command.choices))}")
    return "\n".join(lines)


def _powershell(commands: Mapping[str, _Command]) -> str:
    words = [f"    {_doubled(name)} = @({', '.join(map(_doubled, (*command.options, *command.choices)))})" for name, command in commands.items()]
    return "\n".join(
        [
            "$idcBrowserWords = [ordered]@{",
            *words,
            "}",
            "Register-ArgumentCompleter -Native -CommandName idc-browser -ScriptBlock {",
            "    param($word, $line, $position)",
            "    $before = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.ToString() })",
            "    $words = if ($before.Count -le 1) { $idcBrowserWords.Keys } else { $idcBrowserWords[$before[1]] }",
            '    $words | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }',
            "}",
        ]
    )


def _quoted(text: str) -> str:
    """In single quotes of fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _doubled(text: str) -> str:
    """In single quotes of PowerShell."""
    return "'" + text.replace("'", "''") + "'"


_SCRIPTS: Mapping[str, Callable[[Mapping[str, _Command]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish, "powershell": _powershell}
