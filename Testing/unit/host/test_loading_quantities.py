"""PET, dose and parametric maps into the scene as what they are, through the real engine's methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.dicom_files import ROOT, image, save
from helpers.dose_files import dose
from helpers.fake_host import FakeEngine, FakeStore
from helpers.pet_files import pet_series
from helpers.spatial_files import registration_object, saved_surface

from IDCBrowserLib.api import catalog
from IDCBrowserLib.api import registration as registration_api
from IDCBrowserLib.api import surface as surface_api
from IDCBrowserLib.api import volume as api
from IDCBrowserLib.host.loading.engine_images import EngineImageLoader
from IDCBrowserLib.host.loading.scene_loader import SceneLoader, is_quantity
from IDCBrowserLib.host_interface import LoadRequest
from IDCBrowserLib.scene.overlay import arrange, dress
from IDCBrowserLib.scene.provenance import KIND_ATTRIBUTE, QUANTITY_ATTRIBUTE, UNITS_ATTRIBUTE
from IDCBrowserLib.task import Task

PET, DOSE, CT = "128", "481.2", "2"


class Bench:
    """A real scene; the engine's own functions answer in this process."""

    def __init__(self, scene: Any, folder: Path, files: dict[str, list[str]]) -> None:
        from helpers.answer import answer

        from IDCBrowserLib.engine.methods import registration, surface
        from IDCBrowserLib.engine.methods import volume as methods
        from IDCBrowserLib.engine.state import EngineState

        self.scene = scene
        (folder / "exchange").mkdir()
        state = EngineState({"exchange_folder": str(folder / "exchange")})
        handlers = {
            **answer(api.READ, lambda params: methods.read(state, params, Task())),
            **answer(surface_api.READ, lambda params: surface.read(state, params, Task())),
            **answer(registration_api.READ, lambda params: registration.read(state, params, Task())),
            **answer(catalog.PROVENANCE, lambda _params: {"series": []}),
            **answer(api.MEMORY, lambda _params: {"bytes": 1, "available_bytes": 2}),
        }
        self.engine = FakeEngine(handlers)
        images = EngineImageLoader(scene, self.engine.client, lambda: "bw")
        store = FakeStore()
        store.files = files
        self.loader = SceneLoader(scene, self.engine.client, store, images)
        self.results: list[Any] = []

    def load(self, *requests: LoadRequest) -> list[Any]:
        self.loader.load(requests, self.results.extend, lambda _progress: None)
        self.engine.settle(60)
        return self.results

    def volume(self, number: int = 0) -> Any:
        return self.scene.GetNthNodeByClass(number, "vtkMRMLScalarVolumeNode")


def request(series: int, modality: str, sop_class: str) -> LoadRequest:
    return LoadRequest(f"{ROOT}.{series}", f"{ROOT}.1", "P1", modality, f"1.2.840.10008.5.1.4.1.1.{sop_class}", "")


def bench_with(host: Any, tmp_path: Path, **elements: Any) -> Bench:
    ct = [str(save(image(series=2, number=n, ImagePositionPatient=[0, 0, 2.5 * n]), tmp_path / f"ct{n}.dcm")) for n in (1, 2, 3)]
    pet = list(map(str, pet_series(tmp_path / "pet", **elements)))
    pixels = np.zeros((8, 12, 12), np.uint32)
    pixels[2:6, 3:9, 3:9] = 2000
    return Bench(host.scene, tmp_path, {f"{ROOT}.2": ct, f"{ROOT}.1": pet, f"{ROOT}.3": [str(save(dose(pixels, series=3), tmp_path / "dose.dcm"))]})


def test_pet_is_in_suv_inverted_from_0_to_6(host: Any, tmp_path: Path) -> None:
    bench = bench_with(host, tmp_path)
    (result,) = bench.load(request(1, "PT", PET))
    assert not result.error and not result.warnings
    volume = bench.volume()
    display = volume.GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel()) == (6.0, 3.0)
    assert display.GetColorNodeID() == "vtkMRMLColorTableNodeInvertedGrey"
    assert (volume.GetAttribute(QUANTITY_ATTRIBUTE), volume.GetAttribute(UNITS_ATTRIBUTE), volume.GetAttribute(KIND_ATTRIBUTE)) == (
        "SUV",
        "g/ml",
        "pet",
    )
    assert volume.GetVoxelValueUnits().GetCodeValue() == "g/ml{SUVbw}" and volume.GetVoxelValueQuantity().GetCodeMeaning() == "SUVbw"
    assert volume.GetImageData().GetScalarRange()[1] == pytest.approx(3000 * 0.000292, rel=0.01)


def test_what_slicers_code_raises_is_told_for_each_series_and_the_load_ends(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: Any) -> None:
        raise ImportError("no contours in this Slicer")

    monkeypatch.setattr(EngineImageLoader, "_isodoses", missing)
    bench = bench_with(host, tmp_path)
    results = bench.load(request(3, "RTDOSE", DOSE), request(2, "CT", CT))
    assert len(results) == 2 and all("no contours in this Slicer" in result.error for result in results)


def test_pet_without_correction_is_shown_as_stored_and_said(host: Any, tmp_path: Path) -> None:
    bench = bench_with(host, tmp_path, CorrectedImage=["DECY"])
    (result,) = bench.load(request(1, "PT", PET))
    assert "no attenuation correction" in result.warnings[0]
    assert bench.volume().GetAttribute(UNITS_ATTRIBUTE) == "Bq/ml" and bench.volume().GetImageData().GetScalarRange()[1] == 3000


def test_a_dose_is_in_gray_with_isodoses_and_over_its_image(host: Any, tmp_path: Path) -> None:
    bench = bench_with(host, tmp_path)
    dose_result, ct_result = bench.load(request(3, "RTDOSE", DOSE), request(2, "CT", CT))
    assert not dose_result.error and not ct_result.error
    # The image came first, whatever the order.
    ct, volume = bench.volume(0), bench.volume(1)
    assert volume.GetAttribute(UNITS_ATTRIBUTE) == "Gy" and volume.GetImageData().GetScalarRange() == (0.0, 2.0)
    lines = next(node for node in (bench.scene.GetNthNodeByClass(n, "vtkMRMLModelNode") for n in range(9)) if node and "isodoses" in node.GetName())
    values = lines.GetPolyData().GetPointData().GetArray("Dose").GetRange()
    assert values == pytest.approx((0.2, 1.9)) and lines.GetDisplayNode().GetVisibility2D() and not lines.GetDisplayNode().GetVisibility3D()
    shown = arrange([ct, volume], volume)
    assert (shown.below, shown.above) == (ct, volume) and shown.opacity == 0.4
    assert arrange([ct, volume], ct).above is None and arrange([ct, volume], ct, newest_above=True).above is volume


def test_pet_over_an_image_is_shown_in_heat_and_alone_in_grey(host: Any, tmp_path: Path) -> None:
    bench = bench_with(host, tmp_path)
    bench.load(request(1, "PT", PET), request(2, "CT", CT))
    ct, pet = bench.volume(0), bench.volume(1)
    dress(bench.scene, arrange([ct, pet], pet))
    assert pet.GetDisplayNode().GetColorNode().GetName() == "PET heat"
    dress(bench.scene, arrange([pet], pet))
    assert pet.GetDisplayNode().GetColorNodeID() == "vtkMRMLColorTableNodeInvertedGrey"


def test_a_dose_without_scaling_is_an_error_and_no_raw_integers(host: Any, tmp_path: Path) -> None:
    bench = Bench(host.scene, tmp_path, {f"{ROOT}.3": [str(save(dose(series=3, DoseGridScaling=None), tmp_path / "dose.dcm"))]})
    (result,) = bench.load(request(3, "RTDOSE", DOSE))
    assert "without Dose Grid Scaling" in result.error and bench.volume() is None


def test_colors_become_a_vector_volume(host: Any, tmp_path: Path) -> None:
    pixels = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    path = save(image(series=4, pixels=pixels, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0), tmp_path / "c.dcm")
    bench = Bench(host.scene, tmp_path, {f"{ROOT}.4": [str(path)]})
    (result,) = bench.load(request(4, "XC", "7"))
    assert not result.error
    node = bench.scene.GetNodeByID(result.node_ids[0])
    assert node.GetClassName() == "vtkMRMLVectorVolumeNode"
    assert [node.GetImageData().GetScalarComponentAsDouble(2, 1, 0, channel) for channel in range(3)] == pixels[1, 2].tolist()


def test_which_series_are_quantities() -> None:
    assert is_quantity(request(1, "PT", PET)) and is_quantity(request(1, "OT", "30")) and is_quantity(LoadRequest("1", modality="RTDOSE"))
    assert not is_quantity(request(1, "PT", CT)) and not is_quantity(LoadRequest("1", modality="CT"))


def test_a_surface_is_a_segment_with_its_name_color_and_codes(host: Any, tmp_path: Path) -> None:
    bench = Bench(host.scene, tmp_path, {f"{ROOT}.5": [saved_surface(tmp_path / "stl.dcm")]})
    (result,) = bench.load(request(5, "M3D", "104.3"))
    assert not result.error and result.report == {"surfaces": 1, "triangles": 4}
    node = bench.scene.GetNodeByID(result.node_ids[0])
    (identifier,) = node.GetSegmentation().GetSegmentIDs()
    segment = node.GetSegmentation().GetSegment(identifier)
    assert segment.GetName() == "STL surface of prostate" and segment.GetColor()[0] > segment.GetColor()[1]
    bounds = segment.GetRepresentation("Closed surface").GetBounds()
    assert bounds == (-10, 0, -10, 0, 0, 10)


def test_a_registration_moves_what_it_names_when_asked(host: Any, tmp_path: Path) -> None:
    from IDCBrowserLib.scene.registrations import apply_registration

    bench = bench_with(host, tmp_path)
    shift = [1, 0, 0, 10, 0, 1, 0, 20, 0, 0, 1, 30, 0, 0, 0, 1]
    path = save(registration_object([shift], f"{ROOT}.9", "1.2.3", SeriesInstanceUID=f"{ROOT}.6"), tmp_path / "reg.dcm")
    bench.loader._store.files[f"{ROOT}.6"] = [str(path)]
    _, registration = bench.load(request(2, "CT", CT), request(6, "REG", "66.1"))
    assert not registration.error and "it is not applied yet" in registration.warnings[0]
    volume, transform = bench.volume(), bench.scene.GetNodeByID(registration.node_ids[0])
    assert volume.GetParentTransformNode() is None
    assert apply_registration([volume], transform, True) == [volume]
    bounds = [0.0] * 6
    volume.GetRASBounds(bounds)
    assert bounds[5] - bounds[4] > 0 and volume.GetParentTransformNode() is transform
    apply_registration([volume], transform, False)
    assert volume.GetParentTransformNode() is None


def test_a_deformable_registration_is_said(host: Any, tmp_path: Path) -> None:
    identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    deformable = registration_object([identity], "1.2", "1.3", SOPClassUID="1.2.840.10008.5.1.4.1.1.66.3")
    bench = Bench(host.scene, tmp_path, {f"{ROOT}.7": [str(save(deformable, tmp_path / "d.dcm"))]})
    (result,) = bench.load(request(7, "REG", "66.3"))
    assert "is a deformable registration" in result.error
