"""A file that arrived goes to its place, also while somebody cleans up empty folders."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.series_folder import SeriesFolder


class CleanedUp:
    """A folder of what arrives whose series folders go away at the first ``times`` attempts."""

    def __init__(self, folder: Folder, times: int, takes_the_file: bool = False) -> None:
        self.attempts = 0
        self._folder, self._times, self._takes_the_file = folder, times, takes_the_file

    def has(self, name: str) -> bool:
        return self._folder.has(name)

    def replace(self, name: str, folder: Folder, new: str) -> None:
        self.attempts += 1
        if self.attempts <= self._times:
            if self._takes_the_file:
                Path(self._folder.path, name).unlink()
            raise FileNotFoundError(name)
        self._folder.replace(name, folder, new)


@pytest.mark.parametrize(("times", "gone", "attempts"), [(0, False, 1), (1, False, 2), (2, False, 3), (3, False, 3), (1, True, 1)])
def test_it_is_tried_three_times_while_the_file_is_there(tmp_path: Path, times: int, gone: bool, attempts: int) -> None:
    for name in ("top", "incoming"):
        (tmp_path / name).mkdir()
    (tmp_path / "incoming" / "part").write_bytes(b"DICM")
    claimed: list[str] = []
    journal = SimpleNamespace(claim_folders=claimed.extend)
    with Folder.at(tmp_path / "top") as top, Folder.at(tmp_path / "incoming") as incoming:
        arrived = CleanedUp(incoming, times, gone)
        take_in = SeriesFolder(top, "a/b").take_in
        if times == 3 or gone:
            with pytest.raises(FileNotFoundError):
                take_in("1.dcm", arrived, "part", journal)
        else:
            assert take_in("1.dcm", arrived, "part", journal).st_size == 4
            assert (tmp_path / "top" / "a" / "b" / "1.dcm").read_bytes() == b"DICM"
    assert arrived.attempts == attempts
    assert [Path(path).name for path in claimed] == ["a", "b"], "what was made on the way is known as ours, whatever came of it"
