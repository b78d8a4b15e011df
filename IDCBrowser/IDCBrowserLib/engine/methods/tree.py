"""Answers the method about what belongs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from IDCBrowserLib.api import tree as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.downloaded import downloaded
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.task import Task

# A person waits for the table.
_MOST_FILES = 20


@answers(api.TREE)
def series(state: EngineState, params: api.TreeParameters, task: Task) -> api.Tree:
    """What was made of which, as indices say, else as files that are here do."""
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        return catalog.tree(params["view"], partial(_referenced, state, params["folder"]))


def _referenced(state: EngineState, folder: str, uids: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Series that downloaded objects name."""
    from IDCBrowserLib.describe.describe import describe_file
    from IDCBrowserLib.selection.lookup import Lookup

    if not folder:
        return {}
    found: dict[str, Sequence[str]] = {}
    for uid, planned in Lookup(state.catalog()).series(list(uids)[:_MOST_FILES]).items():
        files = downloaded(planned, folder)
        if len(files) == 1:
            try:
                found[uid] = [reference["series"] for reference in describe_file(str(files[0]))["references"] if reference["series"]]
            except IDCBrowserError:
                # A damaged one says nothing.
                continue
    return {uid: named for uid, named in found.items() if named}
