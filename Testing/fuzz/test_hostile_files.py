"""Files that are made to cost much are read or refused within the same limits as damaged ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import mutated
from helpers import rtstruct_files as rt
from helpers.fuzz_run import Worker
from helpers.hostile_files import HEADERS, IMAGES, with_header
from pydicom.uid import ExplicitVRLittleEndian

pytestmark = pytest.mark.skipif(os.name == "nt", reason="measures memory as POSIX does")


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("originals")
    made = mutated.originals(folder)
    rois = [rt.R(1, [rt.flat(mutated.STACK, k, rt.box(2, 1, 6, 6)) for k in range(4)], "Part")]
    explicit = rt.write(rt.structure_set(rois), folder / "explicit.dcm", ExplicitVRLittleEndian).read_bytes()
    return folder, {"image": made["image"]["plain"], "seg": made["seg"]["binary"], "rtstruct": explicit}


@pytest.fixture(scope="module")
def worker(originals: tuple[Path, dict[str, bytes]]) -> Iterator[Worker]:
    made = Worker(originals[0])
    yield made
    made.close()


@pytest.mark.parametrize("name", IMAGES)
def test_images_that_ask_for_much(name: str, worker: Worker) -> None:
    IMAGES[name](worker.folder / "x.dcm")
    check(worker, "image")


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("kind", ["image", "seg", "rtstruct"])
def test_headers_that_ask_for_much(kind: str, name: str, worker: Worker, originals: tuple[Path, dict[str, bytes]]) -> None:
    (worker.folder / "x.dcm").write_bytes(with_header(originals[1][kind], HEADERS[name]))
    check(worker, kind)


def check(worker: Worker, kind: str) -> None:
    worker.problems.clear()
    told = worker.try_one(kind, "x.dcm")
    assert worker.problems == []
    print(told)
