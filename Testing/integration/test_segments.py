"""Segments that are chosen before a SEG is downloaded, as the window asks for them from the demo's bucket."""

from __future__ import annotations

from typing import Any

from helpers.fault_proxy import FaultProxy

from IDCBrowserLib.demo.world import World


def test_the_header_of_a_seg_is_fetched_once_for_its_list_and_all_choices(engine: Any, demo_world: World, proxy: FaultProxy) -> None:
    series = next(one for one in demo_world.series if one.key == "seg_binary")
    name = series.files[0].name

    def fetched() -> int:
        return sum(count for path, count in proxy.asked.items() if name in path)

    asked = {"series": series.series_instance_uid, "endpoint_url": proxy.url}
    listed = engine.ask("segments.list", **asked)
    for_header = fetched()
    assert for_header >= 1 and len(listed["segments"]) > 2 and not listed["why_whole"]
    numbers = [one["number"] for one in listed["segments"]]
    engine.ask("segments.list", **asked)
    assert fetched() == for_header
    parts = []
    for number in numbers[:2]:
        before = fetched()
        document = engine.ask("segments.load", **asked, numbers=[number], image_files=[])
        assert [one["number"] for one in document["segments"]] == [number]
        parts.append(fetched() - before)
    assert max(parts) == 1, "of one segment they lie in one place"
