"""Parts of the pages that are made from the code: commands, keys, methods of the engine, and the page that leads to the first one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from docutils import nodes
from engine_methods import EngineMethods
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from IDCBrowserLib.cli import main as command_line

_LEADS_ON = """<!DOCTYPE html>
<meta charset="utf-8">
<title>IDC Browser</title>
<meta http-equiv="refresh" content="0; url={page}">
<a href="{page}">IDC Browser</a>
"""


def commands() -> argparse.ArgumentParser:
    """``idc-browser`` with the arguments of every command."""
    return command_line.make_parser(command_line.COMMANDS)


class Keys(SphinxDirective):
    """``keys``: the tables of the page "Help", one for each place."""

    def run(self) -> list[nodes.Node]:
        """As Markdown, so that a table looks as one that was written."""
        with mock.patch.dict(sys.modules, {"IDCBrowserLib.qtbinding": mock.MagicMock()}):
            from IDCBrowserLib.ui.widgets import shortcuts
        lines: list[str] = []
        for place, heading in shortcuts.places().items():
            lines += ["", f"| {heading} | |", "|---|---|"]
            lines += [f"| {key.label} | {key.text} |" for key in shortcuts.shortcuts().values() if key.where == place]
        return self.parse_text_to_nodes("\n".join(lines))


def _lead_on(app: Sphinx, error: Exception | None) -> None:
    """``index.html`` above the folder that the first page is in."""
    if error is None and app.builder.name == "html":
        Path(app.outdir, "index.html").write_text(_LEADS_ON.format(page=f"{app.config.root_doc}.html"), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("keys", Keys)
    app.add_directive("engine-methods", EngineMethods)
    app.connect("build-finished", _lead_on)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
