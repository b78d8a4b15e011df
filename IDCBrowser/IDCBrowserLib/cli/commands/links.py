"""``idc-browser links``: has the system open links ``idc-browser://...`` with this program, or no longer."""

from __future__ import annotations

import argparse
import os
import secrets
import time
from pathlib import Path

from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

# An open window takes a link at once; one that is busy for longer keeps nobody waiting.
_PATIENCE_S = 3.0
_LOOK_S = 0.05


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is to be done."""
    parser.add_argument("action", choices=("status", "install", "remove", "open"), help="open takes a LINK, the others none")
    parser.add_argument("link", metavar="LINK", nargs="*", help="idc-browser://open/?seriesInstanceUID=... and the like")
    parser.add_argument("--home", metavar="DIR", help="the folder of a portable installation (IDC_BROWSER_HOME), for open")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Nothing is written without ``install``."""
    if arguments.action == "open":
        if arguments.home:
            os.environ["IDC_BROWSER_HOME"] = arguments.home
        return _open(arguments.link, task)
    if arguments.link:
        raise InputError(f"idc-browser links {arguments.action} takes no link.")
    from IDCBrowserLib.provisioning.link_handler import SCHEME, link_handler

    handler = link_handler()
    if arguments.action == "install":
        handler.install()
    elif arguments.action == "remove":
        handler.remove()
    state = handler.state()
    texts = [
        f"Links {SCHEME}:// are opened by this program: {state.opens}" if state.installed else f"Links {SCHEME}:// are not opened by this program."
    ]
    if state.other:
        texts.append("Another program has them.")
    return Outcome({"scheme": SCHEME, **state._asdict()}, "\n".join([*texts, state.place] if state.installed else texts))


def _open(links: list[str], task: Task) -> Outcome:
    """In the window that is open, else in a new one. A link that holds a blank, as several words, is none."""
    from IDCBrowserLib.host.links import sources_of_link

    sources = sources_of_link(links[0]) if len(links) == 1 else None
    if sources is None:
        raise InputError("Give one link of the form idc-browser://open/?seriesInstanceUID=...")
    if _is_taken(links[0]):
        return Outcome({"opened": list(sources), "window": "open"}, "Opened in the window that is open.")
    from IDCBrowserLib.cli.commands.window import show_window

    return show_window(task, sources)


def _is_taken(link: str) -> bool:
    """Whether a window takes it. Of two windows one does; a link that none has taken is taken back."""
    from IDCBrowserLib.host.inbox import link_folder
    from IDCBrowserLib.whole_file import FOR_NOBODY_ELSE, whole_file

    folder = Path(link_folder())
    if not folder.is_dir():
        return False
    waiting = folder / f"{secrets.token_hex(8)}.link"
    with whole_file(waiting, FOR_NOBODY_ELSE) as file:
        file.write(f"{link}\n")
    end = time.monotonic() + _PATIENCE_S
    while waiting.exists() and time.monotonic() < end:
        time.sleep(_LOOK_S)
    try:
        waiting.unlink()
    except FileNotFoundError:
        return True
    return False
