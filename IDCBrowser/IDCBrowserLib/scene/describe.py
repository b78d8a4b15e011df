"""What to write beside a picture of a node: patient and series, as the subject hierarchy knows them."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.scene.hierarchy import subject_hierarchy


def node_lines(scene: Any, node: Any) -> tuple[str, ...]:
    """Patient, study and node name; fewer where the node is in no study."""
    hierarchy = subject_hierarchy(scene)
    lines = [str(node.GetName())]
    item = hierarchy.GetItemByDataNode(node)
    while item != hierarchy.GetInvalidItemID():
        item = hierarchy.GetItemParent(item)
        if item in (hierarchy.GetInvalidItemID(), hierarchy.GetSceneItemID()):
            break
        lines.insert(0, str(hierarchy.GetItemName(item)))
    return tuple(lines)
