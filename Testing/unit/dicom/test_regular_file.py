"""Only regular files are opened: a pipe, a socket, a device or a file of the system is refused with a sentence, and nothing waits for it."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.dicom_files import image, save

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.regular_file import open_regular
from IDCBrowserLib.dicom.with_pydicom import read_dataset
from IDCBrowserLib.errors import NotDicomError, NotFoundError, StorageError
from IDCBrowserLib.labelmap.convert import describe
from IDCBrowserLib.preview.objects import LocalObject
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.header import read_header
from IDCBrowserLib.store.importing import import_files
from IDCBrowserLib.volume.image_header import open_image_header
from IDCBrowserLib.volume.memory import needed_bytes

READERS: list[Callable[[str], Any]] = [
    read_header,
    open_dicom,
    read_dataset,
    open_image_header,
    describe,
    lambda path: needed_bytes([path]),
    lambda path: LocalObject(Path(path), 100).read(0, 10),
]

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes in folders")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.dcm")
    return tmp_path / "pipe.dcm"


@pytest.mark.parametrize("read", READERS)
def test_no_reader_waits_for_a_named_pipe(pipe: Path, read: Callable[[str], Any]) -> None:
    with pytest.raises(NotDicomError, match=r"pipe\.dcm is a named pipe, not a DICOM object"):
        read(str(pipe))


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(("path", "reason"), [("/dev/zero", "a device"), ("/dev/tty", "a device"), ("/proc/self/maps", "empty")])
def test_devices_and_files_of_the_system_are_not_read(path: str, reason: str, read: Callable[[str], Any]) -> None:
    if not os.path.exists(path):
        pytest.skip(f"this system has no {path}")
    with pytest.raises(NotDicomError, match=f"{path} is {reason}"):
        read(path)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The path of a socket may not be long.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.dcm")
        with pytest.raises(NotDicomError, match=r"s\.dcm is a socket"):
            open_regular("s.dcm")


def test_a_pipe_that_takes_the_place_of_a_file_meanwhile_is_not_waited_for(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = pipe.with_name("file.dcm")
    file.write_bytes(b"x")
    before = os.stat(file)
    monkeypatch.setattr(os, "stat", lambda path: before)
    with pytest.raises(NotDicomError, match="a named pipe"):
        open_regular(pipe)


def test_what_is_opened_waits_for_its_bytes_as_any_file_does(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    with open_regular(tmp_path / "a") as file:
        assert os.get_blocking(file.fileno())
        assert file.read() == b"abc"


def test_links_to_files_are_followed_and_links_to_nothing_told(tmp_path: Path) -> None:
    path = save(image(), tmp_path / "a.dcm")
    (tmp_path / "link.dcm").symlink_to(path)
    assert read_header(str(tmp_path / "link.dcm")).values
    (tmp_path / "broken.dcm").symlink_to(tmp_path / "gone")
    with pytest.raises(NotFoundError, match=r"broken\.dcm does not exist"):
        open_regular(tmp_path / "broken.dcm")


@pytest.mark.parametrize(("make", "reason"), [(Path.mkdir, "a folder"), (Path.touch, "empty")])
def test_folders_and_empty_files_are_told(tmp_path: Path, make: Callable[[Path], None], reason: str) -> None:
    make(tmp_path / "x")
    with pytest.raises(NotDicomError) as caught:
        open_regular(tmp_path / "x")
    assert caught.value.reason == reason


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(NotDicomError, match="no path of a file"):
        open_regular("a\0b")


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.dcm"
    path.write_bytes(b"x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(StorageError, match=r"secret\.dcm cannot be read: Permission denied\. Change its permissions"):
        open_regular(path)


def test_an_import_leaves_out_what_is_no_file_and_counts_it_as_no_damage(pipe: Path, tmp_path: Path) -> None:
    save(image(), tmp_path / "good.dcm")
    report = import_files(Database(tmp_path.parent / f"{tmp_path.name}-database"), [tmp_path])
    assert [(Path(item.file).name, item.reason) for item in report.left_out] == [("pipe.dcm", "a named pipe")]
    assert (report.added, report.damaged) == (1, 0)
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)
