"""Reading the measurements of a structured report, beside highdicom, pydicom and dcmqi's tid1500reader on the same file.

The report is made like those of TotalSegmentator: 60 segments with 17 first-order features each, about 0.56 MB. Times are those of the processor,
children included. Run: python Testing/benchmarks/bench_report.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers import made_reports as made

from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report

SEGMENTS, FEATURES = 60, 17
TARGET_S = 0.06


def main() -> None:
    """Print seconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_report(Path(folder) / "report.dcm")
        size = path.stat().st_size / 1e6
        print(f"report of {size:.2f} MB, {SEGMENTS} segments x {FEATURES} features")
        ours = best(lambda: measurements_of(read_report(path)), 7)
        print(f"{'ours':40}{ours:8.4f} s            target <= {TARGET_S} s for 0.56 MB")
        for name, work in (
            ("pydicom, all elements", lambda: count_numbers(pydicom.dcmread(path))),
            ("highdicom, measurement groups", lambda: with_highdicom(path)),
            ("dcmqi tid1500reader (a process)", lambda: with_dcmqi(path, Path(folder) / "out.json")),
        ):
            theirs = best(work, 1 if name.startswith("highdicom") else 3)
            print(f"{name:40}{theirs:8.4f} s{theirs / ours:9.1f}x")


def write_report(path: Path) -> Path:
    """Every group as dcmqi writes it: tracking, finding, site, segment, source series, numbers with a derivation."""
    groups = []
    for segment in range(1, SEGMENTS + 1):
        children = [
            made.image(made.SEG_CLASS, "1.7.7", made.code("121191", "DCM", "Referenced Segment"), segments=[segment]),
            made.uid(made.code("121232", "DCM", "Source series for segmentation"), "1.2.3.4"),
            made.coded(made.code("276214006", "SCT", "Finding category"), made.code("123037004", "SCT", "Anatomical Structure")),
            made.coded(made.code("121071", "DCM", "Finding"), made.code("113343008", "SCT", "Organ")),
            made.site(f"organ {segment}"),
        ]
        children += [feature(number, segment) for number in range(FEATURES)]
        groups.append(made.group(children, f"Organ {segment}", f"1.2.840.9.{segment}"))
    return made.save(made.measurement_report(groups, {"1.7.7": "1.7"}), path, undefined=True)


def feature(number: int, segment: int) -> Dataset:
    derivation = made.coded(made.code("121401", "DCM", "Derivation"), made.code(f"R-{number}", "SRT", "Mean"), "HAS CONCEPT MOD")
    return made.number(made.code(f"F{number}", "IBSI", f"Feature {number}"), f"{segment * 1.25 + number:.4f}", "[hnsf'U]", [derivation])


def count_numbers(item: Dataset) -> int:
    own = int(item.get("ValueType") == "NUM" and bool(item.MeasuredValueSequence) and item.ConceptNameCodeSequence[0].CodeMeaning != "")
    return own + sum(count_numbers(child) for child in item.get("ContentSequence") or [])


def with_highdicom(path: Path) -> int:
    from highdicom.sr import MeasurementReport, srread

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = srread(path).content
        assert isinstance(content, MeasurementReport)
        return sum(len(group.get_measurements()) for group in content.get_volumetric_roi_measurement_groups())


def with_dcmqi(path: Path, out: Path) -> None:
    reader = Path(sys.executable).with_name("tid1500reader")
    subprocess.run([reader, "--inputDICOM", path, "--outputMetadata", out], check=True, capture_output=True)


def best(work: Callable[[], object], times: int) -> float:
    """Processor seconds of the quickest run, this process and its children."""
    found = []
    for _ in range(times):
        before = os.times()
        begin = time.process_time()
        work()
        after = os.times()
        found.append(time.process_time() - begin + after.children_user - before.children_user + after.children_system - before.children_system)
    return min(found)


if __name__ == "__main__":
    main()
