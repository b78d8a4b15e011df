"""What belongs into one item, which steps it gets, and what its key depends on."""

import pytest
from helpers.planned import planned

from IDCBrowserLib.batch.item import Item, ItemSeries, group
from IDCBrowserLib.batch.sources import Shard
from IDCBrowserLib.batch.steps import RULES, Wanted, parse_steps
from IDCBrowserLib.errors import InputError


def one(number: int, modality: str = "CT", study: str = "1.1", **more: object) -> ItemSeries:
    return ItemSeries(
        planned(f"{number:08}-0000-4000-8000-000000000000", number, modality=modality, study_uid=study, series_uid=f"1.2.{number}", **more),
        f"place/{number}",
    )


def numbers(items: list[Item]) -> set[tuple[str, ...]]:
    return {tuple(sorted(one.planned.series_uid for one in item.series)) for item in items}


def test_an_image_and_what_is_drawn_on_it_are_one_item() -> None:
    series = [one(1), one(2), one(3, "SEG"), one(4, "RTSTRUCT"), one(5, "SEG", "1.2")]
    items = group(series, {"1.2.3": ["1.2.1"], "1.2.4": ["1.2.1"], "1.2.5": ["1.2.2"]})
    assert numbers(items) == {("1.2.1", "1.2.3", "1.2.4"), ("1.2.2", "1.2.5")}


def test_what_nobody_knows_the_images_of_goes_with_all_images_of_its_study() -> None:
    items = group([one(1), one(2), one(3, "SEG"), one(4, study="1.9")], {})
    assert numbers(items) == {("1.2.1", "1.2.2", "1.2.3"), ("1.2.4",)}


def test_images_alone_are_no_item_for_steps_on_segmentations() -> None:
    wanted = parse_steps("labelmaps")
    assert Item((one(1),)).outputs(wanted) == []
    assert [output.step for output in Item((one(1), one(2, "SEG"))).outputs(wanted)] == ["labelmaps"]


def test_each_step_takes_the_series_that_it_is_for() -> None:
    wanted = parse_steps("compare,measurements,volumes,labelmaps,images")
    members = (one(1), one(2, "SEG"), one(3, "RTSTRUCT"), one(4, "SR"), one(5, "RTDOSE"), one(6, "SM"), one(7, "PT"))
    made = {(output.step, output.owner.planned.modality) for output in Item(members).outputs(wanted)}
    images = {("images", "CT"), ("images", "RTDOSE"), ("images", "PT")}
    assert made == images | {(step, kind) for step in ("labelmaps", "volumes") for kind in ("SEG", "RTSTRUCT")} | {
        ("measurements", "SR"),
        ("compare", "CT"),
    }


def test_another_segmentation_makes_another_comparison_and_leaves_the_rest() -> None:
    wanted = parse_steps("compare,volumes")
    before = {output.key for output in Item((one(1), one(2, "SEG"), one(3, "SEG"))).outputs(wanted)}
    after = {output.key for output in Item((one(1), one(2, "SEG"), one(3, "SEG"), one(4, "SEG"))).outputs(wanted)}
    assert len(before & after) == 2 and len(after - before) == 2


def test_the_key_of_an_output_changes_with_version_rules_and_options_and_with_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Wanted(("labelmaps", "volumes"))
    key, volumes = wanted.key("labelmaps", "a"), wanted.key("volumes", "a")
    assert key == Wanted(("labelmaps",)).key("labelmaps", "a")
    assert key != wanted.key("labelmaps", "b")
    other = Wanted(("labelmaps", "volumes"), ".nrrd")
    assert other.key("labelmaps", "a") != key
    assert other.key("volumes", "a") == volumes, "the format of labelmap volumes is nothing to volumes"
    monkeypatch.setitem(RULES, "labelmaps", RULES["labelmaps"] + 1)
    assert wanted.key("labelmaps", "a") != key
    assert wanted.key("volumes", "a") == volumes


def test_items_and_wishes_survive_as_json() -> None:
    item = Item((ItemSeries(planned("11111111-0000-4000-8000-000000000000")._replace(instances=("a", "b")), "x/y", "/data", ("1.dcm", "2.dcm")),))
    assert Item.from_json(item.to_json()) == item
    wanted = parse_steps("volumes,summary", ".nrrd")
    assert Wanted.from_json(wanted.to_json()) == wanted


@pytest.mark.parametrize(
    ("text", "message"), [("", "at least one"), ("summary", "at least one"), ("labelmap", "did you mean labelmaps"), ("nonsense", "not a step")]
)
def test_steps_that_do_not_exist_are_refused_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_steps(text)


def test_shards_hold_every_case_once_and_keep_it_together() -> None:
    series = [planned(f"{number:08}-0000-4000-8000-000000000000", number, patient_id=f"P{number % 50}") for number in range(200)]
    shards = [Shard(f"{number}/7") for number in range(1, 8)]
    assert all(sum(shard.has(one) for shard in shards) == 1 for one in series)
    for patient in range(50):
        assert len({shard.number for one in series if one.patient_id == f"P{patient}" for shard in shards if shard.has(one)}) == 1
    assert len({sum(shard.has(one) for one in series) for shard in shards} - {0}) >= 1


@pytest.mark.parametrize("text", ["0/4", "5/4", "4", "a/b", "1/0", "-1/4", "1/4/2"])
def test_a_shard_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--shard"):
        Shard(text)
