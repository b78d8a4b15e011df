"""Segmentations against each other, whose voxels come as raw files."""

from __future__ import annotations

from IDCBrowserLib.api import compare as api
from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.task import Task


@answers(api.COMPARE)
def compare(state: EngineState, params: api.CompareParameters, task: Task) -> api.Compared:
    """Figures, and what else is asked for."""
    from IDCBrowserLib.compare.agreement import agreement
    from IDCBrowserLib.compare.comparing import Comparison
    from IDCBrowserLib.compare.comparing import compare as compare_all
    from IDCBrowserLib.compare.consensus import consensus
    from IDCBrowserLib.compare.one_grid import Compared, on_one_grid
    from IDCBrowserLib.compare.table import to_document
    from IDCBrowserLib.errors import InputError
    from IDCBrowserLib.labelmap.files.raw import load_labelmap

    if len(params["parts"]) < 2:
        raise InputError("Choose at least two segmentations to compare.")
    named = zip(params["names"], params["parts"], strict=True)
    compared, notes = on_one_grid([Compared(name, load_labelmap(part), False) for name, part in named])
    by_hand = [(int(one), int(other)) for one, other in params.get("by_hand", ())]
    figures = compare_all(compared, by_hand, task).with_more(Comparison(notes=tuple(notes)))
    task.raise_if_cancelled()
    way = params.get("consensus", "")
    return {
        "comparison": to_document(figures),
        "agreement": _part(state, agreement(compared[0], compared[1])) if params.get("agreement") else None,
        "consensus": _part(state, consensus(compared, way)) if way else None,
    }


def _part(state: EngineState, labelmap: Labelmap) -> Part:
    from IDCBrowserLib.labelmap.files.raw import save_arrays, to_document

    return to_document(labelmap, save_arrays(labelmap, state.new_array_path))
