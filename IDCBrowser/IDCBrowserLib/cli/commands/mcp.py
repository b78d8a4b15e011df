"""``idc-browser mcp``: the catalog as tools for assistants (Model Context Protocol over standard input and output).

Every tool only reads the catalog and manifests, but for ``download``, which is there when a folder for it was named at the start and writes nowhere
else.
Answers are the documents of the commands with ``--json``; lists are cut to what an assistant can read.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from mcp.server import MCPServer

_MAX_ROWS = 200
_MAX_VALUES = 40
_ABOUT = (
    "The NCI Imaging Data Commons: open DICOM images of cancer with segmentations, structure sets and reports. Identifiers are collection_id, "
    "PatientID, StudyInstanceUID and SeriesInstanceUID. Look up counts with facets, rows with list_rows, then plan; state licenses and citations "
    "(cite) whenever data are used. Filters are COLUMN=VALUE with columns of idc-index, for example Modality=CT."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where downloads may go."""
    parser.add_argument("--downloads-to", type=Path, metavar="DIR", help="allow downloads, into this folder only (default: no downloads)")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Serve until standard input ends."""
    if find_spec("mcp") is None:
        raise InputError("The package mcp is missing; install it with: pip install 'idc-browser[mcp]'")
    make_server(arguments.downloads_to, task).run("stdio")
    return Outcome({})


def make_server(downloads_to: Path | None, task: Task) -> MCPServer:
    """The tools; ``download`` only where there is a folder for it."""
    from mcp.server import MCPServer

    server = MCPServer("IDC Browser", instructions=_ABOUT)
    ask = _Commands(task)

    @server.tool()
    def search(text: str, limit: int = 20) -> Any:
        """Find collections, cases, studies, series and analysis results by words, part of an identifier, or a DOI."""
        return {"rows": ask("search", "--limit", _rows(limit), "--", text)}

    @server.tool()
    def list_rows(level: str, collection: str = "", case: str = "", study: str = "", filters: Sequence[str] = (), limit: int = 50) -> Any:
        """Rows of the catalog. level: collections, cases, studies or series; filters: COLUMN=VALUE, all of which hold."""
        chosen = [("--collection", collection), ("--case", case), ("--study", study), *(("--filter", one) for one in filters)]
        return {"rows": ask("list", "--limit", _rows(limit), *(f"{option}={value}" for option, value in chosen if value), "--", level)}

    @server.tool()
    def facets(filters: Sequence[str] = ()) -> Any:
        """How many series have each value of each column, under filters (COLUMN=VALUE). Only the most frequent values."""
        counts = ask("facets", *(f"--filter={one}" for one in filters))
        return {column: dict(list(values.items())[:_MAX_VALUES]) for column, values in counts.items()}

    @server.tool()
    def related(uid: str) -> Any:
        """Series that refer to a series or that it refers to: segmentations of an image, images of a segmentation."""
        return ask("related", "--", uid)

    @server.tool()
    def plan(sources: Sequence[str], with_references: bool = False) -> Any:
        """What identifiers of any level or manifest files would download: series, bytes, licenses, and what was not found. Downloads nothing."""
        return _without_lines(ask("plan", *(["--with-references"] if with_references else []), "--", *sources))

    @server.tool()
    def cite(sources: Sequence[str]) -> Any:
        """What to cite for identifiers of any level, and a sentence for the methods section."""
        return ask("cite", "--", *sources)

    if downloads_to is not None:
        folder = str(downloads_to.expanduser().absolute())

        @server.tool()
        def download(sources: Sequence[str], with_references: bool = False) -> Any:
            """Download series and verify them, into the folder that the user has named."""
            return _without_lines(ask("download", "--to", folder, *(["--with-references"] if with_references else []), "--", *sources))

    return server


class _Commands:
    """Runs commands of the command line in this process."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __call__(self, name: str, *words: str) -> Any:
        """The document of a command; a wrong word or a failure is an error with its sentence."""
        from IDCBrowserLib.cli.main import COMMANDS

        module = import_module(f"IDCBrowserLib.cli.commands.{COMMANDS[name][0]}")
        parser = argparse.ArgumentParser(prog=name, exit_on_error=False, add_help=False)
        module.add_arguments(parser)
        try:
            arguments = parser.parse_args(list(words))
        except (argparse.ArgumentError, SystemExit) as error:
            raise InputError(f"{name} does not understand this: {error}") from error
        outcome: Outcome = module.run(arguments, self._task)
        return _read_out(outcome.document)


def _read_out(document: Any) -> Any:
    """Lists instead of what a document gives piece by piece, cut to what an assistant can read."""
    if isinstance(document, Mapping):
        return {key: _read_out(value) for key, value in document.items()}
    return [_read_out(one) for one in islice(document, _MAX_ROWS)] if isinstance(document, Iterable) and not isinstance(document, str) else document


def _without_lines(document: dict[str, Any]) -> dict[str, Any]:
    """Lines of files that name no series are none of an assistant's business: any file can be given as a manifest."""
    told = document.get("unresolved") or ()
    return {**document, "unresolved": [{**one, "text": ""} if one["line"] is not None else one for one in told]}


def _rows(limit: int) -> str:
    return str(max(1, min(limit, _MAX_ROWS)))
