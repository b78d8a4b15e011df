"""Names of the files of an object that becomes several."""

from pathlib import Path

from IDCBrowserLib.volume.numbered import numbered_paths


def test_parts_are_numbered_before_the_ending_and_a_single_one_keeps_its_name() -> None:
    path = Path("out", "liver.seg.nrrd")
    assert numbered_paths(path, ".seg.nrrd", 1) == [path]
    assert [part.name for part in numbered_paths(path, ".seg.nrrd", 3)] == ["liver-1.seg.nrrd", "liver-2.seg.nrrd", "liver-3.seg.nrrd"]
    assert numbered_paths(path, ".nrrd", 2)[1] == Path("out", "liver.seg-2.nrrd")
