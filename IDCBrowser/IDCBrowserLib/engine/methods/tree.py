"""Answers the method about what belongs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import get_args

from IDCBrowserLib.api import tree as api
from IDCBrowserLib.catalog.tree import FileTold, maker_of
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.preview.downloaded import downloaded
from IDCBrowserLib.task import Task

# A person waits for the table.
_MOST_FILES = 20


@answers(api.TREE)
def series(state: EngineState, params: api.TreeParameters, task: Task) -> api.Tree:
    """What was made of which and what is in it, as indices say, else as files that are here do."""
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        return catalog.tree(params["view"], partial(_told, state, params["folder"]))


def _told(state: EngineState, folder: str, uids: Sequence[str]) -> Mapping[str, FileTold]:
    """What downloaded objects say."""
    from IDCBrowserLib.selection.lookup import Lookup

    if not folder:
        return {}
    found: dict[str, FileTold] = {}
    for uid, planned in Lookup(state.catalog()).series(list(uids)[:_MOST_FILES]).items():
        files = downloaded(planned, folder)
        if len(files) == 1:
            try:
                found[uid] = _of_file(str(files[0]))
            except IDCBrowserError:
                # A damaged one says nothing.
                continue
    return {uid: told for uid, told in found.items() if told != FileTold()}


def _of_file(path: str) -> FileTold:
    from IDCBrowserLib.describe.describe import describe_file

    described = describe_file(path)
    references = [reference["series"] for reference in described["references"] if reference["series"]]
    if described["family"] == "report":
        return FileTold(references, _measured(path))
    return _of_segments(references, described["details"].get("segments"))


def _of_segments(references: Sequence[str], segments: object) -> FileTold:
    """Of SEG and RTSTRUCT; of other objects, and of damaged ones, there are none."""
    if not isinstance(segments, list):
        return FileTold(references)
    names = [segment["name"] for segment in segments if segment["name"]]
    algorithms = dict.fromkeys(segment["algorithm_name"] for segment in segments if segment["algorithm_name"])
    maker = maker_of(segment["algorithm_type"] for segment in segments)
    return FileTold(references, {}, names, len(segments), maker, ", ".join(algorithms))


def _measured(path: str) -> Mapping[api.Counted, int]:
    """What a report measures, and of how many things."""
    from IDCBrowserLib.report.measurements import measurements_of
    from IDCBrowserLib.report.read import read_report
    from IDCBrowserLib.report.summary import counts_of

    counts = counts_of(measurements_of(read_report(path)))
    if counts is None:
        return {}
    found = {"measurements": counts.measurements, "ratings": counts.ratings, counts.words[1]: counts.things}
    return {name: found[name] for name in get_args(api.Counted) if found.get(name)}
