import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from IDCBrowserLib.demo import made_folder, phantom, tissue
from IDCBrowserLib.demo.grid import CT_GRID, MR_GRID, Grid
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.task import Progress, Task


def digest(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_bytes_come_out_every_time(phantom_folder: Path, tmp_path: Path) -> None:
    tissue.ct_volume.cache_clear()
    phantom.write(tmp_path / "again")
    assert digest(tmp_path / "again") == digest(phantom_folder)


def test_it_is_small(series: dict[str, PhantomSeries]) -> None:
    assert sum(one.size_bytes for one in series.values()) < 10_000_000
    assert {key: len(one.files) for key, one in series.items()} == {
        "ct": 56,
        "mr": 40,
        "seg_binary": 1,
        "seg_labelmap": 1,
        "rtstruct": 1,
        "mr_seg": 1,
    }


def test_what_is_there_already_is_not_made_again(phantom_folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in phantom_folder.rglob("*.dcm")}
    phantom.write(phantom_folder)
    assert {path: path.stat().st_mtime_ns for path in phantom_folder.rglob("*.dcm")} == before


@pytest.mark.parametrize("harm", ["a file is missing", "another version", "a damaged index"])
def test_what_is_incomplete_or_old_is_replaced(harm: str, phantom_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Making it anew takes seconds; here the good one is copied instead.
    monkeypatch.setattr(made_folder, "_make", lambda folder, *_how: shutil.copytree(phantom_folder, folder, dirs_exist_ok=True))
    folder = tmp_path / "phantom"
    shutil.copytree(phantom_folder, folder)
    (folder / "leftover").write_text("of the older one")
    index = folder / made_folder.INDEX_NAME
    if harm == "a file is missing":
        phantom.read(folder)[0].files[0].unlink()
    elif harm == "another version":
        index.write_text(json.dumps({**json.loads(index.read_text()), "version": "older"}))
    else:
        index.write_text("{")
    phantom.write(folder)
    assert digest(folder) == digest(phantom_folder)


def test_two_programs_may_make_it_at_the_same_time(phantom_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "phantom"

    def make_while_another_finishes(work: Path, *_how: object) -> None:
        shutil.copytree(phantom_folder, work, dirs_exist_ok=True)

    def remove_too_early(path: Path, ignore_errors: bool = False) -> None:
        if path == folder:
            shutil.copytree(phantom_folder, folder)
        else:
            remove(path, ignore_errors)

    remove = shutil.rmtree
    monkeypatch.setattr(made_folder, "_make", make_while_another_finishes)
    monkeypatch.setattr(made_folder.shutil, "rmtree", remove_too_early)
    assert len(phantom.write(folder)) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["phantom"]


def test_cancelling_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Painting takes seconds, and nothing of it stays.
    monkeypatch.setattr(tissue, "ct_volume", lambda grid: np.zeros(grid.shape, np.int16))

    def stop(progress: Progress) -> None:
        if progress.done >= 1:
            task.cancel()

    task = Task(stop)
    with pytest.raises(CancelledError):
        phantom.write(tmp_path / "phantom", task)
    assert list(tmp_path.iterdir()) == []


def test_the_organs_have_the_densities_of_a_contrast_scan() -> None:
    from IDCBrowserLib.demo import structures

    volume = tissue.ct_volume(CT_GRID)
    means = {one.name: float(volume[one.mask].mean()) for one in structures.overlapping_segments(CT_GRID) + structures.organ_segments(CT_GRID)}
    for name, low, high in (
        ("Liver", 95, 120),
        ("Spleen", 105, 130),
        ("Left kidney", 130, 190),
        ("Aorta", 135, 175),
        ("Liver tumor", 45, 90),
        ("L2 vertebra", 180, 420),
        ("Gallbladder", 0, 30),
        ("Lung", -880, -700),
    ):
        assert low < means[name] < high, name
    assert volume[:, 0, 0].max() < -950


@pytest.mark.parametrize("grid", [CT_GRID, MR_GRID])
def test_grids_are_right_handed_and_exact_in_decimal_strings(grid: Grid) -> None:
    axes = np.array(grid.axes)
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.allclose(np.cross(axes[0], axes[1]), axes[2], atol=1e-12)
    for k in range(grid.shape[0]):
        assert all(len(f"{value:.10f}".rstrip("0")) <= 16 for value in grid.slice_position(k))
