"""What is said where a file should be and none is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.selection.text_file import read_start, read_text


@pytest.mark.parametrize("read", [read_text, read_start])
def test_nothing_a_folder_and_a_pipe_are_told_apart(tmp_path: Path, read: object) -> None:
    assert callable(read)
    with pytest.raises(NotFoundError, match=r"There is no file .*list\.txt; check its name"):
        read(tmp_path / "list.txt")
    with pytest.raises(InputError, match="is a folder, not a file"):
        read(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(InputError, match="is a pipe, a device or a socket, not a file"):
            read(tmp_path / "pipe")


def test_a_file_is_read_with_its_marks_and_line_ends(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes("a\r\nü\rb".encode("utf-8-sig"))
    assert read_text(tmp_path / "list.txt") == "a\nü\nb"
