"""JSON piece by piece is what ``json.dumps`` gives."""

import json
from itertools import count, islice
from pathlib import Path

import pytest

from IDCBrowserLib.json_pieces import json_pieces

ROWS = [{"a": 1, "b": ["x\ny", {"c": None}]}, {}, {"é": []}, 5]


@pytest.mark.parametrize("indent", [None, 1, 2])
@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS, ROWS * 600])
def test_rows_alone_and_within_an_object_are_the_same_text(rows: list[object], indent: int | None) -> None:
    assert "".join(json_pieces(iter(rows), indent)) == json.dumps(rows, indent=indent)
    document = {"first": {"x": [1]}, "series": rows, "n": 2}
    assert "".join(json_pieces({**document, "series": iter(rows)}, indent)) == json.dumps(document, indent=indent)
    assert "".join(json_pieces(document, indent)) == json.dumps(document, indent=indent)


def test_paths_are_text_and_no_number_is_infinite() -> None:
    assert "".join(json_pieces({"a": Path("x")})) == '{"a": "x"}'
    assert "".join(json_pieces({})) == "{}"
    with pytest.raises(ValueError, match="JSON"):
        list(json_pieces(iter([float("nan")])))


def test_rows_are_taken_when_they_are_written() -> None:
    taken: list[int] = []
    rows = (taken.append(number) or {"n": number} for number in count())
    text = "".join(islice(json_pieces(rows), 3))
    assert text.startswith('[{"n": 0}, ') and len(taken) < 5_000
