"""What belongs together, with what downloaded files say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IDCBrowserLib.demo.world import World


def _tree(engine: Any, folder: Path) -> dict[str, Any]:
    """Rows of the phantom's series by SeriesInstanceUID."""
    view = engine.ask("catalog.view", level="series", parents=[{"level": "cases", "ids": ["demo_phantom/DEMO-001"]}])
    place = view["columns"].index("SeriesInstanceUID")
    rows = engine.ask("tree.series", view=view["view"], folder=str(folder))["rows"]
    listed = engine.ask("catalog.page", view=view["view"], offset=0, limit=view["total"])["rows"]
    return {listed[row["row"]][place]: row for row in rows}


def test_a_downloaded_segmentation_and_structure_set_say_themselves_what_is_in_them(engine: Any, demo_world: World, tmp_path: Path) -> None:
    uids = {series.key: series.series_instance_uid for series in demo_world.series}
    before = _tree(engine, tmp_path)
    assert before[uids["seg_binary"]]["contents"] == [] and before[uids["seg_binary"]]["parts"] is None
    plan = engine.ask("selection.plan", sources=[uids[key] for key in ("ct", "seg_binary", "rtstruct")])
    engine.ask("transfer.download", plan=plan["plan"], to=str(tmp_path), options={"endpoint_url": demo_world.endpoint_url})
    after = _tree(engine, tmp_path)
    assert after[uids["seg_binary"]]["contents"][:2] == ["Liver", "Right kidney"] and after[uids["seg_binary"]]["parts"] == 6
    assert after[uids["rtstruct"]]["parts"] == 6 and "Spinal canal" in after[uids["rtstruct"]]["contents"]
    assert {after[uids[key]]["of"] for key in ("seg_binary", "rtstruct")} == {after[uids["ct"]]["row"]}
    assert after[uids["seg_labelmap"]]["parts"] is None, "what is not here stays unknown"
