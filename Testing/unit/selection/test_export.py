"""Plans as files: what is written is read back as the same plan."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from helpers.planned import planned

from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.selection import export, manifest
from IDCBrowserLib.selection.cart import Cart
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.presets import apply_presets

A = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
B = "f0b76401-c6d1-4b61-a5fd-3fa596e6cc41"
C = "11111111-1111-4111-8111-111111111111"


def _plan() -> Plan:
    return Plan(
        (
            planned(A, 1, gcs_bucket="idc-open-idc1", aws_bucket="idc-open-data-two", description='=HYPERLINK("x")', source_doi="10.1/x"),
            planned(B, 2, gcs_bucket="idc-open-data", modality="SEG", license="CC BY-NC 4.0", idc_version=9, is_prior=True, instances=(C,)),
        )
    )


@pytest.mark.parametrize("name", ["m.csv", "m.tsv", "m.json", "m.lock.json"])
def test_what_is_saved_names_the_same_versions(tmp_path: Path, name: str) -> None:
    export.save(_plan(), tmp_path / name, "25")
    parsed = manifest.parse((tmp_path / name).read_text(), name)
    assert [item.value for item in parsed.wanted] == [A, B]
    assert parsed.unresolved == []
    if name.endswith("json"):
        assert [item.instance for item in parsed.wanted] == ["", C]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("name", "bucket"), [("m.s5cmd", "idc-open-data-two"), ("m_gcs.s5cmd", "idc-open-idc1")])
def test_s5cmd_manifests_for_both_providers(tmp_path: Path, name: str, bucket: str) -> None:
    export.save(Plan(_plan().series[:1]), tmp_path / name, "25")
    lines = [line for line in (tmp_path / name).read_text().splitlines() if not line.startswith("#")]
    assert lines == [f"cp s3://{bucket}/{A}/* ."]


def test_a_lock_file_counts_and_cites() -> None:
    lock = json.loads("".join(export.lock_file(_plan(), "25")))
    assert (lock["idc_version"], lock["series_count"], lock["total_bytes"], lock["source_DOIs"]) == ("25", 2, 2000, ["10.1/x"])


def test_a_long_table_comes_in_pieces_of_bounded_size() -> None:
    row = len("".join(export.csv_table(Plan(_plan().series[:1])))) - len("".join(export.csv_table(Plan(()))))
    plan = Plan(_plan().series[:1] * 2000)
    pieces = list(export.csv_table(plan))
    assert "".join(pieces).splitlines()[1:] == ["".join(export.csv_table(Plan(plan.series[:1]))).splitlines()[1]] * 2000
    assert len(pieces) > 2 and all(1 << 16 < len(piece) <= (1 << 16) + row for piece in pieces[:-1]) and len(pieces[-1]) <= 1 << 16


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    export.save(_plan(), tmp_path / "m.csv", "25")
    with (tmp_path / "m.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["SeriesDescription"] == '\'=HYPERLINK("x")'


def test_names_and_folders_that_do_not_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not show which kind"):
        export.save(_plan(), tmp_path / "m.xlsx", "25")
    with pytest.raises(StorageError, match="cannot be written"):
        export.save(_plan(), tmp_path / "none" / "m.csv", "25")


@pytest.mark.parametrize(
    ("presets", "kept"),
    [
        (["originals"], [A]),
        (["annotations"], [B]),
        (["no-slides"], [A, B]),
        (["commercial"], [A]),
        (["modality:seg"], [B]),
        ([], [A, B]),
        (["modality:CT", "modality:SEG"], [A, B]),
        (["originals", "modality:SEG"], []),
        (["annotations", "modality:SEG"], [B]),
    ],
)
def test_presets(presets: list[str], kept: list[str]) -> None:
    assert [item.crdc_series_uuid for item in apply_presets(_plan(), presets).series] == kept


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="originals, annotations"):
        apply_presets(_plan(), ["all"])


def test_a_cart_survives_and_a_damaged_one_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "state" / "cart.json"
    cart = Cart(path)
    seen: list[object] = []
    cart.changed.connect(seen.append)
    assert cart.add("cases", ["c/P1", "c/P2", "c/P1"]) == 2
    assert cart.add("cases", ["c/P1"], {"Modality": ["CT"]}) == 1
    cart.add("series", ["1.2"])
    cart.remove("cases", ["c/P2", "unknown"])
    assert Cart(path).state == cart.state
    assert cart.state.selections() == [
        {"level": "cases", "ids": ["c/P1"]},
        {"level": "cases", "ids": ["c/P1"], "filters": {"Modality": ["CT"]}},
        {"level": "series", "ids": ["1.2"]},
    ]
    assert len(seen) == 4
    path.write_text("{")
    assert Cart(path).state.count() == 0
    assert path.with_suffix(".damaged").exists()


@pytest.mark.parametrize("text", ['{"parts": [{"level": "shelves", "ids": []}]}', '{"parts": [{"level": "series", "ids": "1.2"}]}', "[]", "\x00"])
def test_a_cart_file_of_another_shape_is_put_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cart.json"
    path.write_text(text)
    assert Cart(path).state.count() == 0
    assert path.with_suffix(".damaged").exists()


def test_the_last_change_of_a_cart_is_taken_back_and_brought_about_again(tmp_path: Path) -> None:
    cart = Cart(tmp_path / "cart.json")
    assert not cart.can_undo
    cart.add("series", ["1.2", "1.3"])
    cart.clear()
    cart.undo()
    assert cart.state.count() == 2
    cart.undo()
    assert cart.state.count() == 0
    assert Cart(tmp_path / "cart.json").state.count() == 0


def test_two_programs_share_a_cart(tmp_path: Path) -> None:
    one, other = Cart(tmp_path / "cart.json"), Cart(tmp_path / "cart.json")
    one.add("series", ["1.2"])
    other.add("series", ["1.3"])
    assert one.state.selections() == [{"level": "series", "ids": ["1.2", "1.3"]}]
    assert not one.can_undo, "what the other one did is not for this one to take back"


def test_a_cart_that_cannot_be_saved_is_kept_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cart = Cart(tmp_path / "file" / "cart.json")
    with pytest.raises(StorageError, match="cannot be saved"):
        cart.add("series", ["1.2"])
    assert cart.state.count() == 1
