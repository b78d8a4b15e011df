"""``idc-browser``: finds the command, runs it, turns its outcome into text and an exit code.

A command is a module of this package with ``add_arguments(parser)`` and ``run(arguments, task) -> Outcome``. Only the module of the command
that was asked for is imported, so that ``list`` does not wait for DICOM or Qt.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable
from importlib import import_module
from itertools import chain, pairwise

import IDCBrowserLib
from IDCBrowserLib.cli.colors import finished
from IDCBrowserLib.cli.examples import EXAMPLES
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.cli.progress import ProgressLine
from IDCBrowserLib.cli.stopping import stopping
from IDCBrowserLib.cli.terminal import clear_before_messages, give_up, say, write_output
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.json_pieces import json_pieces
from IDCBrowserLib.log_file import log_folder, start_log
from IDCBrowserLib.own_process import without_pandas
from IDCBrowserLib.safe_text import printable
from IDCBrowserLib.surroundings import explained
from IDCBrowserLib.task import Task

logger = logging.getLogger(__name__)

# name -> (module, one line of help)
COMMANDS = {
    "window": ("window", "open the window (the default without a command)"),
    "demo": ("demo", "run the whole workflow once on a phantom patient, offline"),
    "info": ("info", "versions and folders"),
    "list": ("list_rows", "rows of the catalog"),
    "search": ("search", "find anything by text or identifier"),
    "facets": ("facets", "value counts under filters"),
    "sql": ("sql", "one SELECT over the index tables, read-only"),
    "related": ("related", "related series"),
    "levels": ("levels", "levels of a slide, of which each can be downloaded alone"),
    "indices": ("indices", "list the additional index files and fetch them"),
    "plan": ("plan", "show what would be downloaded"),
    "summary": ("summary", "counts of a cohort, for charts"),
    "tags": ("tags", "DICOM attributes of a series before it is downloaded"),
    "segments": ("segments", "segments of a SEG before it is downloaded; some of them without the others"),
    "diff": ("diff", "what changed in a cohort since a release of IDC"),
    "clinical": ("clinical", "clinical data of a cohort as one table, codes in words"),
    "gdc": ("gdc", "cases of the Genomic Data Commons in IDC"),
    "share": ("share", "write a folder that names a cohort for others"),
    "check": ("check", "what of a shared cohort is still the same"),
    "cite": ("cite", "what to cite for a selection"),
    "download": ("download", "download series and verify them"),
    "labelmaps": ("labelmaps", "download series and write their SEG and RTSTRUCT as labelmap volumes"),
    "batch": ("batch", "convert and measure many cases, resumable"),
    "storage": ("storage", "list downloaded data and disk usage"),
    "remove": ("remove", "delete downloaded series from disk and DICOM database"),
    "import": ("import_files", "add files to a DICOM database"),
    "describe": ("describe", "say what DICOM files are"),
    "measurements": ("measurements", "measurements of structured reports as one table"),
    "volume": ("volume", "convert an image series to NRRD or NIfTI: HU, SUV, Gy, or the quantity of a parametric map"),
    "dvh": ("dvh", "dose-volume histograms of a structure set in a dose"),
    "convert": ("convert", "convert a SEG or RTSTRUCT to a labelmap volume"),
    "compare": ("compare", "compare segmentations of one image"),
    "export": ("export", "write a label file as a DICOM SEG or RTSTRUCT"),
    "review": ("review", "what readers said of a review list, and how far they agree"),
    "mcp": ("mcp", "the catalog as read-only tools for assistants (Model Context Protocol)"),
    "setup": ("setup", "prepare a machine: packages, folders, index files, defaults for all users"),
    "wheelhouse": ("wheelhouse", "a folder from which IDC Browser is installed without internet"),
    "links": ("links", "have links idc-browser://... opened by this program, or no longer"),
    "completion": ("completion", "a script that has a shell complete commands and options"),
}


# Options that name what is written: an empty name, mostly of a variable that is not set, would write nothing, or "." in its place.
_RESULTS = ("--out", "--save", "--to", "--curves", "--report", "--consensus")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is documented in the README."""
    try:
        parsed = _parse(list(sys.argv[1:] if arguments is None else arguments))
    except (IDCBrowserError, OSError, RuntimeError) as error:
        # Texts of options name folders, which cannot always be told.
        known = error if isinstance(error, IDCBrowserError) else explained(error)
        if known is None:
            raise
        say(str(known), is_error=True)
        return known.exit_code
    _log_to_stderr(parsed.debug)
    start_log("window" if parsed.command == "window" else "command")
    line = ProgressLine(None if parsed.quiet else sys.stderr)
    clear_before_messages(line.clear)
    task = Task(line.show)
    try:
        with stopping(task), without_pandas():
            outcome: Outcome = import_module(f"IDCBrowserLib.cli.commands.{COMMANDS[parsed.command][0]}").run(parsed, task)
            line.clear()
            _print(outcome, parsed.json)
        return outcome.exit_code
    except (IDCBrowserError, KeyboardInterrupt) as error:
        line.clear()
        if parsed.debug:
            raise
        shown = error if isinstance(error, IDCBrowserError) else CancelledError()
        logger.warning("%s: %s", parsed.command, shown)
        say(" ".join([str(shown), *([f"Type: {shown.command}"] if shown.command else [])]), is_error=True)
        return shown.exit_code
    except BrokenPipeError:
        # The reader of our output (head, a closed terminal) has enough.
        give_up(sys.stdout)
        return 0
    except Exception as error:  # the outermost seam: an error is one readable line, never a traceback
        line.clear()
        if parsed.debug:
            raise
        logger.exception("%s", parsed.command)
        known = explained(error) or IDCBrowserError(
            f"internal error ({type(error).__name__}: {error}); please report it with the end of {log_folder() / 'command.log'}"
        )
        say(str(known), is_error=True)
        return known.exit_code


def _log_to_stderr(debug: bool) -> None:
    """Without ``--debug`` what goes wrong is one line of ours there; the rest is in the log."""
    shown = logging.StreamHandler(sys.stderr)
    shown.setLevel(logging.DEBUG if debug else logging.CRITICAL)
    logging.basicConfig(handlers=[shown], level=logging.DEBUG if debug else logging.WARNING, format="%(levelname)s: %(message)s")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = make_parser(_wanted(arguments))
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        from difflib import get_close_matches

        near = get_close_matches(arguments[0], COMMANDS, 1)
        parser.error(f"{printable(arguments[0])!r} is not a command{f'; did you mean {near[0]}?' if near else ''} (idc-browser --help lists all)")
    for option, value in pairwise([*arguments, ""]):
        if (option in _RESULTS and value == "") or option in {f"{name}=" for name in _RESULTS}:
            parser.error(f"{option.rstrip('=')} names nothing. Give the name of a file or folder.")
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help", "--version")):
        arguments = ["window", *arguments]
    return parser.parse_args(arguments)


def _wanted(arguments: list[str]) -> list[str]:
    """The command whose arguments have to be known; none for plain help and version."""
    first = arguments[0] if arguments else "window"
    if first in ("-h", "--help", "--version"):
        return []
    return [first if first in COMMANDS else "window"]


def make_parser(wanted: Iterable[str]) -> argparse.ArgumentParser:
    """The commands that are ``wanted`` with their arguments, for which each has to be imported; all without arguments where none is."""
    wanted = set(wanted)
    parser = argparse.ArgumentParser(
        prog="idc-browser", description="Browse the NCI Imaging Data Commons and download cases with their segmentations."
    )
    parser.add_argument("--version", action="version", version=f"idc-browser {IDCBrowserLib.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        if wanted and name not in wanted:
            continue
        examples = "\n".join(["Examples:", *(f"  {line}" for line in EXAMPLES[name])])
        command = commands.add_parser(name, help=text, description=text, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter)
        command.add_argument("--json", action="store_true", help="print one JSON document on standard output and nothing else there")
        command.add_argument("-q", "--quiet", action="store_true", help="show no progress, only the outcome and what went wrong")
        command.add_argument("--debug", action="store_true", help="log more, and show the traceback of an error")
        if name in wanted:
            import_module(f"IDCBrowserLib.cli.commands.{module}").add_arguments(command)
    return parser


def _print(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        write_output(chain(json_pieces(outcome.document), ["\n"]))
        return
    text = outcome.text() if callable(outcome.text) else outcome.text
    pieces = [text] if isinstance(text, str) else text
    write_output(f"{finished(printable(piece))}\n" for piece in pieces if piece)


if __name__ == "__main__":
    sys.exit(main())
