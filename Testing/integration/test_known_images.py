"""What is counted and planned with the referenced images: those that objects on this computer name, else those of the study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.demo.world import World


def uid_of(world: World, key: str) -> str:
    return next(one.series_instance_uid for one in world.series if one.key == key)


@pytest.fixture
def structures(engine: Any, demo_world: World) -> list[dict[str, Any]]:
    """A selection of a structure set, whose images no index names."""
    return [{"level": "series", "ids": [uid_of(demo_world, "rtstruct")]}]


def counted(engine: Any, selections: list[dict[str, Any]], **content: Any) -> tuple[int, int]:
    """How many series come along, and for how many selected ones they were guessed."""
    found = engine.ask("selection.summary", selections=selections, content={"with_references": True, **content})
    return found["added_series"], found["guessed_images"]


def test_a_downloaded_object_says_itself_which_images_it_refers_to(
    engine: Any, demo_world: World, structures: list[dict[str, Any]], tmp_path: Path
) -> None:
    folders = {"folder": str(tmp_path), "database": str(tmp_path / "database")}
    assert counted(engine, structures, folders=folders) == (1, 1)
    plan = engine.ask("selection.plan", selections=structures, content={"with_references": True, "folders": folders})
    assert "It is not known which images 1 of the series (RTSTRUCT" in plan["warnings"][0]
    alone = engine.ask("selection.plan", selections=structures)
    engine.ask("transfer.download", plan=alone["plan"], to=str(tmp_path), options={"endpoint_url": demo_world.endpoint_url})
    assert counted(engine, structures) == (1, 1), "only where the files are it is looked for"
    assert counted(engine, structures, folders=folders) == (1, 0)
    for what in ({"selections": structures}, {"sources": [uid_of(demo_world, "rtstruct")]}):
        planned = engine.ask("selection.plan", **what, content={"with_references": True, "folders": folders})
        assert {row["SeriesInstanceUID"] for row in planned["series"]} == {uid_of(demo_world, key) for key in ("rtstruct", "ct")}
        assert planned["warnings"] == []


def test_what_the_relations_have_read_in_the_bucket_is_known_from_then_on(engine: Any, demo_world: World, structures: list[dict[str, Any]]) -> None:
    assert counted(engine, structures) == (1, 1)
    engine.ask("catalog.read_related", id=structures[0]["ids"][0], database="", folder="", ask_buckets=True, endpoint_url=demo_world.endpoint_url)
    assert counted(engine, structures) == (1, 0)


def test_what_reading_the_relations_of_an_image_says_is_not_taken_for_its_images(engine: Any, demo_world: World) -> None:
    """The study of the CT has objects that refer to it, and it refers to nothing."""
    ct = uid_of(demo_world, "ct")
    engine.ask("catalog.read_related", id=ct, database="", folder="", ask_buckets=True, endpoint_url=demo_world.endpoint_url)
    assert counted(engine, [{"level": "series", "ids": [ct]}]) == (0, 0)


def test_a_damaged_database_costs_neither_the_count_nor_what_files_say(
    engine: Any, demo_world: World, structures: list[dict[str, Any]], tmp_path: Path
) -> None:
    database = tmp_path / "database"
    database.mkdir()
    (database / "ctkDICOM.sql").write_bytes(b"no database" * 1000)
    folders = {"folder": str(tmp_path), "database": str(database)}
    assert counted(engine, structures, folders=folders) == (1, 1)
    alone = engine.ask("selection.plan", selections=structures)
    engine.ask("transfer.download", plan=alone["plan"], to=str(tmp_path), options={"endpoint_url": demo_world.endpoint_url})
    assert counted(engine, structures, folders=folders) == (1, 0)
