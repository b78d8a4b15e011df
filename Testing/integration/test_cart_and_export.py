"""The cart and the files for others, as the window asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import InputError


def _uids(world: World, *keys: str) -> list[str]:
    found = {series.key: series.series_instance_uid for series in world.series}
    return [found[key] for key in keys]


def test_the_cart_survives_the_engine(engine: Any, demo_world: World) -> None:
    held = engine.ask("cart.add", selections=[{"level": "collections", "ids": [demo_world.collection_id]}])
    assert held["entries"] == {"collections": 1, "analysis_results": 0, "cases": 0, "studies": 0, "series": 0}
    assert (held["count"], held["added"], held["asked"], held["can_undo"]) == (1, 1, 1, True)
    assert engine.ask("selection.summary", cart=True)["series"] == len(demo_world.series)
    engine.client.close()
    again = engine.ask("cart.groups")
    assert [(group["collection_id"], group["entries"], group["series"]) for group in again["groups"]] == [
        (demo_world.collection_id, 1, len(demo_world.series)),
    ]
    assert not again["can_undo"]
    assert engine.ask("cart.remove", selections=[{"level": "collections", "ids": [demo_world.collection_id, "unknown"]}])["count"] == 0
    engine.ask("cart.add", selections=[{"level": "series", "ids": _uids(demo_world, "ct")}])
    assert engine.ask("cart.clear")["entries"]["series"] == 0
    assert engine.ask("cart.undo")["entries"]["series"] == 1


def test_rows_of_a_filtered_view_put_in_what_they_show(engine: Any, demo_world: World) -> None:
    filters = {"collection_id": [demo_world.collection_id], "Modality": ["RTSTRUCT"]}
    view = engine.ask("catalog.view", level="collections", filters=filters)
    assert view["total"] == 1
    engine.ask("cart.add", selections=[{"view": view["view"], "ranges": [[0, 0]]}])
    (row,) = engine.ask("cart.rows", collection=demo_world.collection_id, offset=0, limit=10)["rows"]
    assert (row["level"], row["id"], row["filters"], row["series"]) == ("collections", demo_world.collection_id, filters, 1)
    plan = engine.ask("selection.plan", cart=True)
    assert [item["SeriesInstanceUID"] for item in plan["series"]] == _uids(demo_world, "rtstruct")
    removed = engine.ask("cart.remove", selections=[{"level": row["level"], "ids": [row["id"]], "filters": row["filters"]}])
    assert removed["count"] == 0


def test_a_whole_collection_goes_and_what_a_release_lacks_is_named(engine: Any, demo_world: World) -> None:
    engine.ask("cart.add", selections=[{"level": "series", "ids": [*_uids(demo_world, "ct", "rtstruct"), "1.2.3.gone"]}])
    held = engine.ask("cart.groups")
    assert (held["count"], held["unknown_count"], held["unknown"][0]["id"]) == (3, 1, "1.2.3.gone")
    assert engine.ask("cart.remove", collections=[demo_world.collection_id])["count"] == 1


def test_analysis_results_are_listed_beside_the_collections(engine: Any) -> None:
    engine.ask("cart.add", selections=[{"level": "analysis_results", "ids": ["nlstseg"]}])
    held = engine.ask("cart.groups")
    assert held["groups"] == [] and held["unknown"] == []
    assert [(row["level"], row["id"]) for row in held["beside"]] == [("analysis_results", "nlstseg")]
    assert held["beside"][0]["series"] == engine.ask("selection.summary", cart=True)["series"] > 1


def test_very_many_rows_are_kept_as_what_is_above_them(engine: Any) -> None:
    view = engine.ask("catalog.view", level="cases", parents=[{"level": "collections", "ids": ["lidc_idri"]}])
    held = engine.ask("cart.add", selections=[{"view": view["view"], "ranges": [[0, view["total"] - 1]]}])
    assert held["entries"] == {"collections": 1, "analysis_results": 0, "cases": 0, "studies": 0, "series": 0}


def test_a_level_that_does_not_exist_is_refused(engine: Any) -> None:
    with pytest.raises(InputError, match="'shelves' is not a level"):
        engine.ask("cart.add", selections=[{"level": "shelves", "ids": ["a"]}])


def test_the_cart_is_planned_with_a_preset_and_references_both_ways(engine: Any, demo_world: World) -> None:
    engine.ask("cart.add", selections=[{"level": "series", "ids": _uids(demo_world, "ct", "rtstruct")}])
    originals = engine.ask("selection.plan", cart=True, content={"preset": "originals"})
    assert [item["SeriesInstanceUID"] for item in originals["series"]] == _uids(demo_world, "ct")
    with_derived = engine.ask("selection.plan", cart=True, content={"preset": "originals", "with_derived": True})
    assert {*_uids(demo_world, "ct", "seg_binary", "rtstruct")} <= {item["SeriesInstanceUID"] for item in with_derived["series"]}
    summary = engine.ask("selection.summary", cart=True, content={"preset": "originals", "with_derived": True})
    assert (summary["series"], summary["added_series"]) == (with_derived["series_count"], with_derived["series_count"] - 1)
    with pytest.raises(InputError, match="no preset 'nothing'"):
        engine.ask("selection.plan", cart=True, content={"preset": "nothing"})


@pytest.mark.parametrize("name", ["cart.s5cmd", "cart.csv", "cart.json", "cart.lock.json"])
def test_a_plan_is_written_and_read_back(name: str, engine: Any, demo_world: World, tmp_path: Path) -> None:
    plan = engine.ask("selection.plan", sources=_uids(demo_world, "ct", "seg_binary"))
    path = tmp_path / name
    assert engine.ask("selection.export", plan=plan["plan"], file=str(path)) == {"file": str(path), "series_count": 2}
    again = engine.ask("selection.plan", sources=[str(path)])
    assert [item["crdc_series_uuid"] for item in again["series"]] == [item["crdc_series_uuid"] for item in plan["series"]]
    assert again["unresolved"] == []


def test_a_folder_for_others_names_the_cohort_and_what_to_cite(engine: Any, demo_world: World, tmp_path: Path) -> None:
    plan = engine.ask("selection.plan", sources=_uids(demo_world, "ct", "seg_binary"))
    written = engine.ask("selection.export", plan=plan["plan"], file=str(tmp_path / "shared"), form="folder")
    assert written["series_count"] == 2
    assert {"cohort.lock.json", "METHODS.txt", "README.txt", "cohort.csv"} <= {path.name for path in (tmp_path / "shared").iterdir()}
    cited = engine.ask("selection.cite", plan=plan["plan"])["text"]
    assert cited in (tmp_path / "shared" / "METHODS.txt").read_text(encoding="utf-8") and "2 DICOM series" in cited


def test_a_lock_file_names_the_release(engine: Any, demo_world: World, tmp_path: Path) -> None:
    plan = engine.ask("selection.plan", sources=_uids(demo_world, "ct"))
    engine.ask("selection.export", plan=plan["plan"], file=str(tmp_path / "a.lock.json"))
    assert json.loads((tmp_path / "a.lock.json").read_text())["idc_version"] == engine.ask("catalog.info")["idc_version"]
    with pytest.raises(InputError, match="No file"):
        engine.ask("selection.export", plan=plan["plan"], file="")


def test_the_lines_of_a_manifest_that_name_nothing_are_saved(engine: Any, tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("".join(f"nothing-{number}\n" for number in range(160)))
    plan = engine.ask("selection.plan", sources=[str(tmp_path / "many.txt")])
    assert (plan["unresolved_count"], len(plan["unresolved"])) == (160, 150)
    engine.ask("selection.export_unresolved", plan=plan["plan"], file=str(tmp_path / "skipped lines.csv"))
    lines = (tmp_path / "skipped lines.csv").read_text().splitlines()
    assert lines[0] == "source,line,text,reason" and len(lines) == 161


def test_a_plan_is_chosen_from_without_reading_its_sources_again(engine: Any, demo_world: World, tmp_path: Path) -> None:
    source = tmp_path / "list.txt"
    source.write_text("\n".join([*_uids(demo_world, "ct", "seg_binary"), "nothing"]))
    plan = engine.ask("selection.plan", sources=[str(source)])
    source.unlink()
    part = engine.ask("selection.plan", plan=plan["plan"], content={"preset": "annotations"})
    assert [item["SeriesInstanceUID"] for item in part["series"]] == _uids(demo_world, "seg_binary")
    assert part["unresolved_count"] == 1
    assert (part["modalities"], part["cases"], part["studies"], part["collections"]) == ({"SEG": 1}, 1, 1, 1)
