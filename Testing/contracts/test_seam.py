"""The seam between window and engine: what the real engine and the panels' fake answer to the same questions is what ``api`` declares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers.declared import unseen
from helpers.engine_cases import CASES
from helpers.engine_world import EngineWorld, fake_world, real_world

from IDCBrowserLib.api import transfer
from IDCBrowserLib.api.checking import mismatches, parameters_of, result_of
from IDCBrowserLib.api.methods import METHODS
from IDCBrowserLib.demo.world import World

# Objects and rows, with what is below them, that the real engine does not show in these cases. Their tests in ``integration`` compare them as well.
NOT_SHOWN = {
    "catalog.search": {".hits.filters"},
    "clinical.case": {".sections"},
    "cohort.check": {".gone"},
    "cohort.changes": {".added", ".revised", ".removed"},
    "sharing.open_link": {".filters"},
    "transfer.download": {".import.left_out"},
    "review.ahead": {".before"},
    "store.move": {".left_out"},
    "labelmap.describe": {".segments.anatomic_region_modifiers"},
    # Of doses, and of images without a place.
    "volume.read": {".others", ".isodoses", ".windows"},
    # Labelmaps, which labelmap.convert has compared.
    "compare.compare": {
        *(f".agreement{place}" for place in (".annotations", ".segments.category", ".segments.type", ".segments.anatomic_region")),
        *(f".consensus{place}" for place in (".annotations", ".segments.type_modifiers", ".segments.anatomic_region")),
    },
    "labelmap.convert": {".others", ".segments.anatomic_region", ".segments.type_modifiers"},
    "labelmap.labels": {".annotations", ".segments.anatomic_region", ".segments.type_modifiers"},
    "segments.load": {".annotations", ".others", ".segments.anatomic_region", ".segments.anatomic_region_modifiers", ".segments.type_modifiers"},
    # Tables have no text, and nothing to save.
    "report.open_tables": {".lines", ".saveable"},
    "report.open_measurements": {".lines", ".saveable"},
    # Labelmaps again.
    "slide.segmentations": {
        *(f".segmentations.segments.{name}" for name in ("anatomic_region", "type_modifiers")),
        ".segmentations.annotations",
    },
    # Of slides; compared in ``unit/catalog/test_slide_levels``.
    "catalog.details": {".levels"},
    "slide.levels": {".levels"},
    # The other forms of an answer.
    "catalog.facet_details": {".values"},
}


@pytest.fixture(scope="module")
def real(demo_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineWorld]:
    with real_world(demo_world, tmp_path_factory.mktemp("real")) as world:
        yield world


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineWorld]:
    with fake_world(tmp_path_factory.mktemp("fake")) as world:
        yield world


def test_every_method_has_a_case_and_every_case_a_method() -> None:
    assert CASES.keys() ^ METHODS.keys() == set(), "each method that api declares has one case in helpers/engine_cases.py"


@pytest.mark.parametrize("name", CASES)
def test_the_real_engine_answers_as_declared(real: EngineWorld, name: str) -> None:
    method, case = CASES[name]
    params = case(real)
    assert mismatches(params, parameters_of(name), f"parameters of {name}") == []
    answer = real.ask(method(params))
    assert mismatches(answer, result_of(name), name) == []
    allowed = NOT_SHOWN.get(name, set())
    missing = unseen(answer, result_of(name))
    assert {place for place in missing if not place.startswith(tuple(allowed))} == set(), "this case proves nothing about them"
    assert {place for place in allowed if place not in missing} == set(), "they are shown and need no exception"


@pytest.mark.parametrize("name", CASES)
def test_the_fake_of_the_panels_answers_as_declared(fake: EngineWorld, name: str) -> None:
    method, case = CASES[name]
    params = case(fake)
    assert mismatches(params, parameters_of(name), f"parameters of {name}") == []
    assert mismatches(fake.ask(method(params)), result_of(name), name) == []


def test_the_progress_of_a_download_is_as_declared(real: EngineWorld) -> None:
    method, case = CASES[transfer.DOWNLOAD.name]
    real.progress.clear()
    real.ask(method(case(real)))
    details = [progress.details for progress in real.progress]
    assert [wrong for item in details for wrong in mismatches(item, transfer.Details, "details")] == []
    assert {key for item in details for key in item} >= {"series", "bytes_per_second", "held", "imported"}
