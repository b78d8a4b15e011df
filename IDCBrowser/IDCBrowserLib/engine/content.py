"""The content options of a request, with the objects on this computer that say which images they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.api.selection import Content
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.engine.state import EngineState
    from IDCBrowserLib.selection.plan_content import PlanContent


def content_of(state: EngineState, content: Content, task: Task) -> PlanContent:
    """Raises ``InputError`` for what is none."""
    from IDCBrowserLib.preview.named_images import image_reader
    from IDCBrowserLib.preview.references import Where
    from IDCBrowserLib.selection.plan_content import PlanContent

    made, folders = PlanContent.of(content), content.get("folders")
    if folders is None or not made.references:
        return made
    return made.reading(image_reader(state.catalog(), Where(folders["database"], folders["folder"], None), task, state.told))
