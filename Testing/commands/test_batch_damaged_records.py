"""Ledgers and receipts of a batch that are damaged: a sentence that says what to do, which then works."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from helpers.made_batch import outputs, write_cases

from IDCBrowserLib.cli.main import main

LEDGER = ".idc-browser-batch/ledger.sqlite"


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(tmp_path_factory.mktemp("cases"), 1, size=16, slices=3)


@pytest.fixture(scope="module")
def made(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("batch") / "out"
    assert main(["batch", str(cases), "--to", str(out), "--steps", "labelmaps,volumes", "--jobs", "1"]) == 0
    return out


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "out")
    return tmp_path / "out"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["batch", *map(str, arguments), "--json"])
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err and "nternal error" not in shown.err
    return code, shown.out + shown.err


def commands(cases: Path, out: Path) -> list[tuple[object, ...]]:
    again = (cases, "--to", out, "--steps", "labelmaps,volumes", "--jobs", "1")
    return [("status", out), ("retry", out, "--jobs", "1"), ("merge", out, "--out", out.parent / "all.csv"), again]


DAMAGES = {
    "version": "UPDATE about SET value = '\"x\"' WHERE name = 'version'",
    "run": "UPDATE about SET value = 'null' WHERE name = 'run'",
    "wanted": "UPDATE about SET value = '[1]' WHERE name = 'wanted'",
    "settings": "UPDATE about SET value = '{' WHERE name = 'settings'",
    "work": "UPDATE items SET work = '{}'",
    "no text": "UPDATE items SET work = x'ff00fe'",
    "outputs": "UPDATE items SET outputs = '[1, 2]'",
    "no JSON": "UPDATE items SET outputs = '{{'",
    "too deep": f"UPDATE items SET outputs = '{'[' * 100_000}'",
    "no table": "DROP TABLE items",
    "other table": "DROP TABLE items; CREATE TABLE items (a)",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_ledger_is_a_sentence_and_without_it_nothing_is_made_again(
    damage: str, cases: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    times = {path: path.stat().st_mtime_ns for step in ("labelmaps", "volumes") for path in (out / step).rglob("*.*")}
    db = sqlite3.connect(out / LEDGER)
    db.executescript(DAMAGES[damage])
    db.close()
    told = [run(capsys, *command) for command in commands(cases, out)]
    assert all(code == 0 or (code == 5 and f"{out / LEDGER} cannot be read" in text and "remove it" in text) for code, text in told)
    assert any(code for code, _ in told)
    (out / LEDGER).unlink()
    code, text = run(capsys, *commands(cases, out)[-1])
    assert code == 0 and json.loads(text)["failed"] == 0
    assert {path: path.stat().st_mtime_ns for path in times} == times


@pytest.mark.parametrize("content", [b"", b"no database" * 100], ids=["empty", "text"])
def test_a_file_that_is_no_ledger_is_a_sentence(content: bytes, cases: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (out / LEDGER).write_bytes(content)
    for command in commands(cases, out):
        code, text = run(capsys, *command)
        assert code in (0, 2) or (code == 5 and str(out / LEDGER) in text)


def damaged(receipt: dict[str, Any], damage: str) -> Any:
    first = receipt["objects"][0]["segments"][0]
    if damage == "no number":
        first["voxels"] = "many"
    elif damage == "too large a number":
        first["voxels"] = 2**70
    elif damage == "no list":
        receipt["objects"] = 3
    elif damage == "no segments":
        del receipt["objects"][0]["segments"]
    elif damage == "no collection":
        receipt["collection_id"] = ["x"]
    return [] if damage == "no receipt" else receipt


@pytest.mark.parametrize("damage", ["no number", "too large a number", "no list", "no segments", "no collection", "no receipt"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_damaged_receipt_is_named_with_what_to_do_which_helps(
    damage: str, ending: str, cases: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = outputs(out)
    (receipt,) = (out / "volumes").rglob("*.json")
    receipt.write_text(json.dumps(damaged(json.loads(receipt.read_text()), damage)))
    table = out.parent / f"all.{ending}"
    code, text = run(capsys, "merge", out, "--out", table)
    assert code == 2 and str(receipt) in text and "Delete it and what the batch made beside it" in text
    assert not table.exists()
    receipt.unlink()
    assert run(capsys, *commands(cases, out)[-1])[0] == 0
    assert outputs(out) == before
    assert run(capsys, "merge", out, "--out", table)[0] == 0 and table.exists()


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode there")
def test_folders_and_files_whose_names_are_no_utf_8(cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe")
    shutil.copytree(cases / "case-000000", odd)
    os.rename(os.path.join(odd, "seg.dcm"), os.fsencode(odd) + b"/\xe9.dcm")
    assert run(capsys, odd, "--to", tmp_path / "out", "--steps", "labelmaps,volumes,compare,summary", "--jobs", "1")[0] == 0
    for ending in ("csv", "parquet"):
        assert run(capsys, "merge", tmp_path / "out", "--out", tmp_path / f"all.{ending}")[0] == 0
    assert "\\udce9.dcm" in (tmp_path / "all.csv").read_text(encoding="utf-8")
    assert run(capsys, "status", tmp_path / "out")[0] == 0
