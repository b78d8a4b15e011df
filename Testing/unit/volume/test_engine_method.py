"""``volume.read``: one raw file and what belongs to it."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers.dicom_files import image, save, write_stack

from IDCBrowserLib.engine.methods.volume import read
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry


@pytest.fixture
def state() -> Iterator[EngineState]:
    state = EngineState({})
    yield state
    state.close()


def test_the_array_and_its_description_fit_together(state: EngineState, tmp_path: Path) -> None:
    answer = read(state, {"files": [str(path) for path in write_stack(tmp_path, [(0, 0, 4), (0, 0, 0), (0, 0, 2)])]}, Task())
    json.dumps(answer, allow_nan=False)
    voxels = np.fromfile(answer["array"], dtype=answer["dtype"]).reshape(answer["shape"])
    assert voxels[:, 0, 0].tolist() == [2, 3, 1]
    assert Geometry.from_json(answer["geometry"]).spacing == (0.75, 0.5, 2.0)
    assert (answer["name"], answer["modality"], answer["patient_id"], answer["others"]) == ("1: Series 1", "CT", "P1", [])


def test_other_volumes_of_the_series_are_described_and_can_be_asked_for(state: EngineState, tmp_path: Path) -> None:
    files = [
        str(save(image(number=10 * phase + n, pixels=np.full((2, 2), phase, np.int16), ImagePositionPatient=[0, 0, n], AcquisitionNumber=phase),
                 tmp_path / f"{phase}-{n}.dcm"))
        for phase in (1, 2) for n in range(3)
    ]  # fmt: skip
    first = read(state, {"files": files}, Task())
    (other,) = first["others"]
    assert (first["grid"], other["grid"], other["name"]) == (0, 1, "1: Series 1 [AcquisitionNumber 2]")
    second = read(state, {"files": files, "grid": other["grid"]}, Task())
    assert np.fromfile(second["array"], dtype=second["dtype"]).tolist() == [2] * 12
    with pytest.raises(ConversionError, match="contain 2 volumes"):
        read(state, {"files": files, "grid": 2}, Task())
