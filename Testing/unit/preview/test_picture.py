"""PNG files that others read, and the cache they lie in."""

import os
from pathlib import Path

import numpy as np
from helpers.preview_objects import read_png

from IDCBrowserLib.preview.cache import PictureCache
from IDCBrowserLib.preview.picture import Picture, fitted, png_description, to_png

GRAY = Picture(np.random.default_rng(0).integers(0, 255, (13, 7)).astype(np.uint8), "CT, image 7: Bauch, größer")
COLOR = Picture(np.random.default_rng(1).integers(0, 255, (5, 9, 3)).astype(np.uint8), "Segmentation: Liver")


def test_a_png_of_ours_is_read_by_others() -> None:
    assert (read_png(to_png(COLOR)) == COLOR.pixels).all()
    assert (read_png(to_png(GRAY))[..., 1] == GRAY.pixels).all()


def test_a_png_carries_its_description() -> None:
    assert png_description(to_png(GRAY)) == GRAY.description
    assert png_description(b"\x89PNG\r\n\x1a\n" + bytes(100)) is None
    assert png_description(b"") is None


def test_shrinking_keeps_the_mean_and_stretching_the_values_at_the_ends() -> None:
    values = np.random.default_rng(2).random((90, 61)).astype(np.float32)
    assert abs(float(fitted(values, side=45).mean()) - float(values.mean())) < 0.01
    line = fitted(np.array([[0.0, 1.0, 4.0]]), aspect=3.0)
    assert line.shape == (3, 3) and line[1].tolist() == [0.0, 1.0, 4.0]
    wide = fitted(np.array([[0.0, 4.0]]), aspect=0.5)
    assert wide.tolist() == [[0.0, 1.0, 3.0, 4.0]]


def test_a_picture_is_found_again_by_its_series_version(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "previews")
    assert cache.find("a-b") is None
    path = cache.keep("a-b", GRAY)
    assert cache.find("a-b") == (path, GRAY.description)
    assert PictureCache(tmp_path / "previews").find("a-b") is not None
    path.write_bytes(b"damaged")
    assert cache.find("a-b") is None, "a damaged file is as good as none"
    assert cache.find("../../etc/passwd") is None


def test_the_cache_stays_within_its_bounds_and_keeps_what_was_looked_at_last(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, max_files=3)
    for number in range(3):
        os.utime(cache.keep(f"s{number}", GRAY), (number, number))
    assert cache.find("s0") is not None
    cache.keep("s3", GRAY)
    assert [cache.find(f"s{number}") is not None for number in range(4)] == [True, False, True, True]
    size = len(to_png(GRAY))
    small = PictureCache(tmp_path / "small", max_bytes=2 * size)
    for number in range(5):
        os.utime(small.keep(f"s{number}", GRAY), (number, number))
    assert sum(path.stat().st_size for path in (tmp_path / "small").iterdir()) <= 2 * size
    assert small.find("s4") is not None


def test_only_pictures_of_the_cache_go_when_it_is_full(tmp_path: Path) -> None:
    mine = [tmp_path / name for name in ("mine.png", "notes.txt", "a-b-1.png.bak")]
    for path in mine:
        path.write_bytes(b"mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x-1.png").write_bytes(b"mine")
    (tmp_path / "link-1.png").symlink_to(tmp_path / "elsewhere" / "x-1.png")
    killed = tmp_path / ".making-abcd_123"
    killed.write_bytes(b"half")
    os.utime(killed, (0, 0))
    cache = PictureCache(tmp_path, max_files=1)
    for number in range(3):
        os.utime(cache.keep(f"a-{number}", GRAY), (number, number))
    assert [cache.find(f"a-{number}") is not None for number in range(3)] == [False, False, True]
    assert all(path.exists() for path in mine) and (tmp_path / "link-1.png").is_symlink()
    assert not killed.exists(), "one that was never finished is its own"


def test_series_without_a_usual_name_do_not_get_the_picture_of_another(tmp_path: Path) -> None:
    """As an index file of somebody may name them."""
    cache = PictureCache(tmp_path)
    cache.keep("../one", GRAY)
    assert cache.find("../one") is not None and cache.find("../two") is None
    cache.keep("", GRAY)
    assert cache.find("") is None, "whose it is nobody knows"
    assert all(path.parent == tmp_path for path in tmp_path.rglob("*.png"))
