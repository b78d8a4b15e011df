"""Headers of images are read once for showing them and for what was drawn on them, and again when a file has changed."""

from __future__ import annotations

import os
import shutil

import pytest

from IDCBrowserLib.engine import last_images
from IDCBrowserLib.engine.last_images import LastImages
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.read_grids import ReadImages


@pytest.fixture
def files(phantom_series, tmp_path):
    return [shutil.copy(path, tmp_path / f"{number}.dcm").__fspath__() for number, path in enumerate(phantom_series["mr"].files[:4])]


def test_they_are_known_until_a_file_changes(files):
    images = LastImages()
    assert images.images(files) == files, "not read yet"
    first = images.read(files, Task())
    assert images.read(list(files), Task()) is first
    assert images.images(files) == ReadImages(first[0])
    os.utime(files[0], ns=(1, 1))
    assert images.images(files) == files
    again = images.read(files, Task())
    assert again is not first and again[0] == first[0]


def test_other_files_and_another_order_are_read(files):
    images = LastImages()
    first = images.read(files, Task())
    assert images.read(files[:-1], Task()) is not first
    assert images.images(files) == files
    assert images.images(files[::-1][1:]) == files[::-1][1:]


def test_a_file_that_is_gone_and_one_file_too_many_are_not_known(files, monkeypatch):
    images = LastImages()
    images.read(files, Task())
    os.remove(files[1])
    assert images.images(files) == files
    monkeypatch.setattr(last_images, "_MOST_FILES", 1)
    rest = files[2:]
    assert images.read(rest, Task()) is not images.read(rest, Task())


def test_files_that_are_no_images_are_refused_each_time(files, tmp_path):
    images, other = LastImages(), tmp_path / "text.txt"
    other.write_text("no image")
    for _ in range(2):
        with pytest.raises(ConversionError):
            images.read([str(other)], Task())
