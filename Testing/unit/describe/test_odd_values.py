"""Every kind of object with every value missing or absurd: what is told of it is short, has no traces of the program, and says what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from helpers.deep_objects import deep_object
from helpers.odd_objects import as_file, objects, oddities
from pydicom.dataset import Dataset

from IDCBrowserLib.cli.commands.describe import as_text
from IDCBrowserLib.cli.main import main
from IDCBrowserLib.describe.describe import describe_file
from IDCBrowserLib.describe.reading import Read
from IDCBrowserLib.errors import IDCBrowserError

KINDS = dict(objects())
# What no line says, outside of quotation marks.
_FAULTS = {
    "None": re.compile(r"\bNone\b"),
    "no number": re.compile(r"\b(?:nan|inf)\b", re.IGNORECASE),
    "endless digits": re.compile(r"\d{17}"),
    "bytes of Python": re.compile(r"\bb'"),
    "something missing": re.compile(r"\(\)|^,|, ,|,$|: *$| {2}"),
    "what a terminal acts on": re.compile(r"[\x00-\x1f\x7f]"),
    "a size below 1": re.compile(r"(?<!\d)-\d+ x|x -\d|\b0 x \d|\d x 0(?![.\d])"),
}
_LONGEST = 400


def faults(text: str) -> list[str]:
    plain = re.sub(r'"[^"]*"', '"quoted"', text)
    return [name for name, fault in _FAULTS.items() if fault.search(plain)] + ([f"{len(text)} letters"] if len(text) > _LONGEST else [])


def told(described: Any, path: str) -> list[str]:
    lines = [described["text"], described["title"], *(f"{label}: {value}" for label, value in described["items"]), *described["warnings"]]
    return [line.replace(path, "FILE") for line in lines]


@pytest.mark.parametrize("name", KINDS)
def test_an_object_with_a_value_that_is_missing_or_absurd_is_told_without_it(tmp_path: Path, name: str) -> None:
    path, found = tmp_path / "odd.dcm", []
    for what, content in oddities(KINDS[name]):
        path.write_bytes(content)
        try:
            described = describe_file(str(path))
        except IDCBrowserError as error:
            found += [(what, fault, str(error)[:200]) for fault in faults(str(error).replace(str(path), "FILE"))]
            continue
        found += [(what, fault, line[:200]) for line in told(described, str(path)) for fault in faults(line)]
        found += [(what, "no sentence", warning) for warning in described["warnings"] if not warning.strip().endswith(".")]
        json.dumps(described, allow_nan=False)
        assert as_text(described)
    assert found == []


@pytest.mark.parametrize("name", ["image", "slide", "map", "dose"])
def test_an_object_without_rows_says_that_its_size_is_unknown(tmp_path: Path, name: str) -> None:
    dataset, path = Dataset(), tmp_path / "odd.dcm"
    dataset.update(KINDS[name])
    del dataset.Rows
    path.write_bytes(as_file(dataset))
    described = describe_file(str(path))
    assert f"{path}: Rows (0028,0010) is missing or 0, so the size of the pixels is unknown." in described["warnings"]
    assert "Grid" not in dict(described["items"])


@pytest.mark.parametrize(("rate", "said"), [("500", "1 s at 500 Hz"), ("0.25", "2000 s at 0.25 Hz"), ("-500", ""), ("0", "")])
def test_the_duration_of_a_waveform_is_written_out(tmp_path: Path, rate: str, said: str) -> None:
    dataset, path = KINDS["waveform"], tmp_path / "ecg.dcm"
    group = dataset.WaveformSequence[0]
    before, group.SamplingFrequency = group.SamplingFrequency, rate
    path.write_bytes(as_file(dataset))
    group.SamplingFrequency = before
    assert describe_file(str(path))["text"] == f"ECG: 1 channel{', ' if said else ''}{said}"


DEEP = {"report": "Report: Deep report", "key objects": "Key object selection: 2 images of 1 series", "presentation": "Presentation state: no window"}


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("name", DEEP)
def test_an_object_of_300_levels_or_with_loops_is_described_and_read_with_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, undefined: bool
) -> None:
    path = deep_object(name, tmp_path / "deep.dcm", undefined)
    described = describe_file(path)
    assert described["text"].startswith(DEEP[name])
    said = [] if name == "presentation" else ["Content is nested deeper than 64 levels; 1 part below is not shown."]
    assert described["warnings"] == said
    read = Read()
    read.add(path)
    assert read.warnings == said and read.titles == [described["text"]]
    values = " ".join(line["value"] for line in read.lines)
    assert "beside" in values if name == "report" else read.lines
    assert main(["describe", path]) == 0 and main(["describe", path, "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{") :])["kind"] == described["kind"]
