"""The cart: what is in it once, taken back, kept in a file that several programs share."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.selection.cart import Cart, CartState

CT = {"Modality": ["CT"]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "cart.json"


def test_rows_are_in_it_once_for_each_level_and_filters() -> None:
    cart = Cart()
    assert cart.add("cases", ["a/1", "a/2", "a/1"]) == 2
    assert cart.add("cases", ["a/2", "a/3"]) == 1
    assert cart.add("cases", ["a/2"], CT) == 1
    assert cart.add("series", ["a/2"]) == 1
    assert cart.state.selections() == [
        {"level": "cases", "ids": ["a/1", "a/2", "a/3"]},
        {"level": "cases", "ids": ["a/2"], "filters": CT},
        {"level": "series", "ids": ["a/2"]},
    ]
    assert (cart.state.count(), cart.state.count("cases"), cart.state.count("studies")) == (5, 4, 0)
    assert cart.state.holds("cases", ["a/1", "a/9"]) == 1


def test_filters_are_the_same_in_any_order() -> None:
    cart = Cart()
    cart.add("cases", ["a"], {"Modality": ["CT"], "BodyPartExamined": ["CHEST"]})
    assert cart.add("cases", ["a"], {"BodyPartExamined": ["CHEST"], "Modality": ["CT"]}) == 0


def test_removing_takes_rows_under_their_own_filters_and_undo_takes_the_last_change_back() -> None:
    cart = Cart()
    told: list[CartState] = []
    cart.changed.connect(told.append)
    cart.add_all([{"level": "cases", "ids": ["a", "b"]}, {"level": "cases", "ids": ["a"], "filters": CT}])
    assert cart.can_undo and len(told) == 1
    cart.remove("cases", ["a", "unknown"])
    assert cart.state.selections() == [{"level": "cases", "ids": ["b"]}, {"level": "cases", "ids": ["a"], "filters": CT}]
    cart.undo()
    assert cart.state.count() == 3
    cart.undo()
    assert cart.state.count() == 2, "once more brings it about again"
    cart.clear()
    assert cart.state.count() == 0
    told.clear()
    cart.remove("cases", ["a"])
    assert told == [], "nothing changed"


def test_it_is_kept_in_a_file_of_this_version(path: Path) -> None:
    Cart(path).add("cases", ["a", "b"], CT)
    assert json.loads(path.read_text()) == {"version": 2, "parts": [{"level": "cases", "ids": ["a", "b"], "filters": CT}]}
    again = Cart(path)
    assert again.state.count() == 2
    assert not again.can_undo


def test_two_programs_share_it(path: Path) -> None:
    one, other = Cart(path), Cart(path)
    one.add("cases", ["a"])
    other.add("cases", ["b"])
    assert one.state.selections() == [{"level": "cases", "ids": ["a", "b"]}]
    one.undo()
    assert one.state.count() == 2, "what another program changed is not taken back"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"parts": 1}',
        '{"parts": [{"level": "rooms", "ids": []}]}',
        '{"parts": [{"level": "cases", "ids": "a"}]}',
        '{"parts": [{"level": "cases", "ids": ["a"], "filters": [1]}]}',
    ],
)
def test_a_damaged_file_is_put_aside_and_the_cart_is_empty(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    cart = Cart(path)
    assert cart.state.count() == 0
    assert path.with_suffix(".damaged").read_text() == content
    cart.add("cases", ["a"])
    assert Cart(path).state.count() == 1


def test_a_cart_that_cannot_be_saved_is_kept_until_the_program_ends(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    cart = Cart(path)
    with pytest.raises(StorageError, match="it is kept until the program ends"):
        cart.add("cases", ["a"])
    assert cart.state.count() == 1
