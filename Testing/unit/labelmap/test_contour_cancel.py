"""A conversion of very many or very long contours can be canceled anywhere, not only between ROIs."""

import numpy as np
import pytest
from helpers import rtstruct_files as rt

from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.labelmap.contours import fill as contour_fill
from IDCBrowserLib.labelmap.contours import text as contour_text
from IDCBrowserLib.labelmap.contours.combine import Shape, combine
from IDCBrowserLib.labelmap.contours.fill import Polygons, fill
from IDCBrowserLib.labelmap.contours.text import parse_texts
from IDCBrowserLib.labelmap.convert import convert_parts
from IDCBrowserLib.task import Progress, Task, look_for_cancel


def shape(low: float, high: float) -> Shape:
    polygons = Polygons(np.array([(low, low), (high, low), (high, high), (low, high)]), np.array([0, 4]))
    return Shape(polygons.points, float(polygons.signed_areas()[0]), fill(polygons, (20, 20))[0], False, 1)


@pytest.mark.parametrize(
    "work",
    [
        lambda: parse_texts([b"1\\2\\3"]),
        lambda: fill(Polygons(np.array([(1.0, 1.0), (5.0, 1.0), (5.0, 5.0)]), np.array([0, 3])), (10, 10)),
        lambda: combine([shape(1, 9), shape(2, 5)]),
    ],
)
def test_each_step_looks_whether_it_was_canceled(work):
    task = Task()
    with task.at_work():
        work()
        task.cancel()
        with pytest.raises(CancelledError):
            work()
    work()


def test_a_cancel_while_contours_are_read_ends_the_conversion(tmp_path):
    stack = rt.axial(3)
    images = stack.write(tmp_path)
    contours = [rt.flat(stack, 1, rt.box(1, 1, 4, 4))] * 1500
    path = rt.write(rt.structure_set([rt.R(1, contours, "x")]), tmp_path / "rs.dcm")
    seen: list[Progress] = []
    task = Task(lambda progress: (seen.append(progress), task.cancel()))
    with pytest.raises(CancelledError):
        convert_parts(path, images, None, task)
    assert "Filling contours" not in {progress.step for progress in seen}


def test_a_long_contour_is_read_in_parts_with_the_same_numbers():
    numbers = np.round(np.random.default_rng(1).uniform(-500, 500, 600_000), 3)
    text = "\\".join(f"{number:.3f}" for number in numbers).encode()
    found = parse_texts([b"1\\2\\3", text, b"4\\5\\6"])
    assert found.counts.tolist() == [3, len(numbers), 3] and not found.problems
    assert np.array_equal(found.values, np.concatenate([[1, 2, 3], numbers, [4, 5, 6]]))
    assert parse_texts([text + b"\\x"]).problems == {0: "'x' is not a number"}


def test_work_without_a_task_goes_on():
    look_for_cancel()


def test_a_contour_of_many_long_edges_is_filled_in_parts(monkeypatch):
    chance = np.random.default_rng(3)
    points, one = chance.uniform(-3, 43, (600, 2)), np.array([0, 600])
    star = Polygons(points, one)
    whole = np.zeros((40, 40), bool)
    (patch,) = fill(star, (40, 40))
    whole[patch.row : patch.row + patch.mask.shape[0], patch.column : patch.column + patch.mask.shape[1]] = patch.mask
    monkeypatch.setattr(contour_fill, "_CROSSINGS_AT_ONCE", 500)
    for turned in (star, Polygons(points[::-1], one)):
        (in_parts,) = fill(turned, (40, 40))
        assert in_parts.mask.shape == (40, 40) and np.array_equal(in_parts.mask, whole) and in_parts.crosses_itself
    task = Task()
    with task.at_work(), pytest.raises(CancelledError):
        task.cancel()
        contour_fill._fill_long(star, (40, 40))


def test_a_long_contour_with_exponents_is_read_in_parts(monkeypatch):
    text = b"\\".join(b"%de-1" % number for number in range(30_000))
    monkeypatch.setattr(contour_text, "_PIECE", 10_000)
    assert np.array_equal(parse_texts([text]).values, np.arange(30_000) / 10)
    asked = []
    monkeypatch.setattr(contour_text, "look_for_cancel", lambda: asked.append(1))
    assert parse_texts([text + b"\\NaN"]).problems == {0: "a coordinate is not finite"}
    assert len(asked) > 10
