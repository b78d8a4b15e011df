"""What is added to a plan: the images of segmentations, what was derived from images, and what is not sure about it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from helpers.small_catalog import GONE_UUID, series, uuid, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.selection_scope import Guesses, SelectionScope
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.plan_content import PlanContent, apply_content, plan_selections
from IDCBrowserLib.selection.references import added_warnings, images_of_study, with_related
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.selection.series_table import SeriesTable
from IDCBrowserLib.selection.summary import summarize
from IDCBrowserLib.task import Task

IMAGES = SelectionScope({}, True, False)
DERIVED = SelectionScope({}, False, True)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(sources=write_sources(tmp_path_factory.mktemp("index"))) as opened:
        yield opened


def uids(plan: Plan) -> list[str]:
    return sorted(item.series_uid for item in plan.series)


def test_a_plan_without_a_wish_stays_the_same(catalog: Catalog) -> None:
    plan = resolve(catalog, ["1.2.1.3"])
    assert with_related(catalog, plan, Task(), SelectionScope()) is plan


def test_a_segmentation_comes_with_the_images_of_its_study_and_that_is_said(catalog: Catalog) -> None:
    plan = with_related(catalog, resolve(catalog, ["1.2.1.3", "unknown"]), Task(), IMAGES)
    assert uids(plan) == ["1.2.1.1", "1.2.1.2", "1.2.1.3"]
    assert [item.text for item in plan.unresolved] == ["unknown"]
    assert len(plan.warnings) == 1 and plan.warnings[0].startswith("It is not known which images 1 of the series (SEG 1.2.1.3) refers to")


def test_an_image_comes_with_what_was_derived_from_its_study(catalog: Catalog) -> None:
    plan = with_related(catalog, resolve(catalog, ["1.2.1.1"]), Task(), DERIVED)
    assert uids(plan) == ["1.2.1.1", "1.2.1.3"]
    assert plan.warnings[0].startswith("1 series derived from images of the same studies")


def test_what_is_planned_already_is_not_added_and_warned_of_again(catalog: Catalog) -> None:
    once = with_related(catalog, resolve(catalog, ["1.2.1.3"]), Task(), IMAGES)
    twice = with_related(catalog, once, Task(), IMAGES)
    assert uids(twice) == uids(once)
    assert twice.warnings == once.warnings


def test_a_long_plan_gets_the_same(catalog: Catalog) -> None:
    short = resolve(catalog, ["1.2.1.3"])
    names = ["SeriesInstanceUID", "crdc_series_uuid", "collection_id", "PatientID", "StudyInstanceUID", "Modality", "SeriesDescription"]
    names += ["instanceCount", "size_bytes", "license_short_name", "aws_bucket", "source_DOI"]
    row = {**series(3, Modality="SEG"), "size_bytes": 1}
    long = Plan(SeriesTable(pa.table({name: [row[name]] for name in names}), idc_version=25))
    assert uids(with_related(catalog, long, Task(), IMAGES)) == uids(with_related(catalog, short, Task(), IMAGES))


@pytest.mark.parametrize(("modality", "scope", "warned"), [("SEG", IMAGES, True), ("CT", IMAGES, False), ("CT", DERIVED, True)])
def test_of_a_prior_version_nothing_is_known(catalog: Catalog, modality: str, scope: SelectionScope, warned: bool) -> None:
    [prior] = resolve(catalog, [GONE_UUID]).series
    plan = with_related(catalog, Plan((prior._replace(modality=modality),)), Task(), scope)
    assert uids(plan) == [prior.series_uid]
    assert any(GONE_UUID in warning for warning in plan.warnings) == warned


@pytest.mark.parametrize("count", [20, 21, 23])
def test_twenty_prior_versions_are_named_and_the_rest_counted(catalog: Catalog, count: int) -> None:
    [prior] = resolve(catalog, [GONE_UUID]).series
    many = [prior._replace(modality="SEG", crdc_series_uuid=uuid(number), series_uid=f"1.{number}") for number in range(count)]
    warnings = with_related(catalog, Plan(tuple(many)), Task(), IMAGES).warnings
    assert sum("refers to are not known" in warning for warning in warnings) == min(count, 20)
    more = [warning for warning in warnings if "more prior versions" in warning]
    assert more == ([f"The same is true for {count - 20} more prior versions."] if count > 20 else [])


def test_nothing_is_said_where_everything_is_sure() -> None:
    assert added_warnings(Guesses()) == ()
    assert len(added_warnings(Guesses(images=1200))) == len(added_warnings(Guesses(derived=1))) == 1
    assert "1,200" in added_warnings(Guesses(images=1200, derived=7))[0]


def test_images_of_a_segmentation_are_those_of_its_study(catalog: Catalog) -> None:
    assert sorted(images_of_study(catalog, "1.2.1.3")) == ["1.2.1.1", "1.2.1.2"]


def test_selections_are_planned_with_a_part_of_them_and_what_comes_along(catalog: Catalog) -> None:
    study = [{"level": "studies", "ids": ["1.2.1"]}]
    assert uids(plan_selections(catalog, study, PlanContent(), Task())) == ["1.2.1.1", "1.2.1.2", "1.2.1.3"]
    annotations = PlanContent(("annotations",))
    assert uids(plan_selections(catalog, study, annotations, Task())) == ["1.2.1.3"]
    with_images = PlanContent(("annotations",), references=True)
    plan = plan_selections(catalog, study, with_images, Task())
    assert uids(plan) == ["1.2.1.1", "1.2.1.2", "1.2.1.3"] and len(plan.warnings) == 1
    assert uids(apply_content(catalog, resolve(catalog, ["1.2.1"]), with_images, Task())) == uids(plan)
    assert uids(apply_content(catalog, resolve(catalog, ["1.2.1"]), annotations, Task())) == ["1.2.1.3"]


def test_a_part_for_commercial_use_leaves_out_what_forbids_it_and_the_rest_is_counted(catalog: Catalog) -> None:
    everything = [{"level": "collections", "ids": ["lung_ct", "brain_mr"]}]
    commercial = PlanContent(("commercial",))
    assert "1.2.1.31" not in uids(plan_selections(catalog, everything, commercial, Task()))
    assert summarize(catalog, everything)["noncommercial_series"] == 1
    assert summarize(catalog, everything)["series"] == 6
    assert summarize(catalog, everything, commercial)["noncommercial_series"] == 0
    assert summarize(catalog, everything, commercial)["series"] == 5


def test_content_is_given_by_names() -> None:
    assert PlanContent.of({}) == PlanContent(or_whole=True) and PlanContent().is_everything
    one = PlanContent.of({"preset": "originals", "with_references": True, "with_derived": True})
    assert one == PlanContent(("originals",), True, True, or_whole=True)
    assert PlanContent.of({"preset": ["originals", "commercial"]}).presets == ("originals", "commercial")
    for content in (PlanContent(("originals",)), PlanContent(references=True), PlanContent(derived=True)):
        assert not content.is_everything
    with pytest.raises(InputError, match="by its name"):
        PlanContent.of({"preset": 5})  # type: ignore[typeddict-item]
