"""Commands in broken surroundings: a full disk, closed streams, a folder that is gone, few open files. A sentence, never an internal error."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import NotFoundError, StorageError
from IDCBrowserLib.surroundings import explained

# Of somebody whose catalog is laid out for fast browsing: each command takes half as long.
pytestmark = [pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell"), pytest.mark.usefixtures("home")]
NAME = "rider_pilot"


def shell(script: str, home: Path) -> tuple[int, str, str]:
    """``idc-browser`` in a shell; exit code, standard output, standard error."""
    command = f"'{sys.executable}' -m IDCBrowserLib.cli.main"
    done = subprocess.run(
        ["/bin/sh", "-c", script.replace("idc-browser", command)],
        check=False,
        cwd=home,
        env={**os.environ, "IDC_BROWSER_HOME": str(home / "home"), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "internal error" not in done.stderr and "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["list collections", "list collections --json"])
def test_a_full_disk_below_the_output_is_said(command: str, tmp_path: Path) -> None:
    code, _, errors = shell(f"idc-browser {command} > /dev/full", tmp_path)
    assert code == 5 and "The result cannot be written to standard output (No space left on device)" in errors


@pytest.mark.parametrize(("script", "code"), [("info >&-", 5), ("info 2>&-", 0), ("cite none 2>&-", 3), ("cite none >&- 2>&- <&-", 3)])
def test_closed_streams_change_no_result(script: str, code: int, tmp_path: Path) -> None:
    assert shell(f"idc-browser {script}", tmp_path)[0] == code


def test_a_working_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    script = "mkdir gone; cd gone; rmdir ../gone; idc-browser {}"
    for command in (f"download {NAME} --to x", "import . --database x"):
        code, _, errors = shell(script.format(command), tmp_path)
        assert code == 3 and "The working folder no longer exists. Change to another folder" in errors
    assert shell(script.format("list collections --limit 1"), tmp_path)[0] == 0


def test_few_open_files_are_enough_to_plan(tmp_path: Path) -> None:
    code, output, _ = shell(f"ulimit -n 32; idc-browser plan {NAME} --json", tmp_path)
    assert code == 0 and json.loads(output)["series_count"] > 1


@pytest.mark.parametrize("limit", [20, 32, 64])
def test_a_download_with_few_open_files_is_done_or_one_sentence(limit: int, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The path has the name of the program in it, which the shell script must not replace.
    monkeypatch.setenv("SOURCES", " ".join(f"--catalog-source={path}" for path in world.catalog_sources))
    uid = next(one.series_instance_uid for one in world.series if one.key == "mr")
    script = f"ulimit -n {limit}; idc-browser download {uid} $SOURCES --endpoint-url={world.endpoint_url} --to x"
    code, output, errors = shell(script, tmp_path)
    said = (output + errors).lower()
    assert code == 0 or (code in (4, 5) and "ulimit -n" in said)
    assert "reinstall" not in said
    assert shell(script.partition(";")[2], tmp_path)[0] == 0, "what is missing comes when the limit is raised"


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (errno.ENOSPC, StorageError, r"There is no disk space left to write /x"),
        (errno.EMFILE, StorageError, r"ulimit -n"),
        (errno.EROFS, StorageError, r"/x cannot be used"),
    ],
)
def test_what_the_system_refuses_is_a_sentence_wherever_it_happens(number: int, kind: type[Exception], text: str) -> None:
    known = explained(OSError(number, os.strerror(number), "/x"))
    assert isinstance(known, kind)
    assert known.exit_code == 5
    assert text in str(known)


def test_a_fault_of_the_program_is_not_explained_away() -> None:
    assert explained(OSError(errno.EBADF, "Bad file descriptor")) is None
    assert explained(FileNotFoundError(errno.ENOENT, "No such file", "/x")) is None
    assert not isinstance(explained(OSError(errno.EACCES, "no", "/x")), NotFoundError)
