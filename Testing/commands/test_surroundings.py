"""Commands in broken surroundings: a full disk, closed streams, a folder that is gone, few open files. A sentence, never an internal error."""

import errno
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.engine.protocol import as_ours
from IDCBrowserLib.errors import NotFoundError, StorageError
from IDCBrowserLib.surroundings import explained, unforeseen

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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_messages_that_cannot_be_written_change_no_exit_code(tmp_path: Path) -> None:
    assert shell("idc-browser cite none 2> /dev/full", tmp_path)[0] == 3


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


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MemoryError(), "not enough memory"),
        (RuntimeError("can't start new thread"), "too few threads"),
        (RuntimeError("Could not determine home directory."), "Set HOME or IDC_BROWSER_HOME"),
        (ImportError("libx.so: failed to map segment from shared object"), "not enough memory"),
        (ModuleNotFoundError("No module named 'scipy'", name="scipy"), "The package scipy cannot be loaded"),
        (OSError(errno.EIO, "Input/output error", "/x"), "/x cannot be read or written (Input/output error). Check that the disk"),
        (OSError(errno.EFBIG, "File too large"), "A file would be larger than a file may be"),
        (sqlite3.OperationalError("disk I/O error"), "(disk I/O error). Check that the disk"),
    ],
)
def test_commands_engine_threads_and_batches_explain_what_the_surroundings_refuse(error: Exception, text: str) -> None:
    assert text in str(explained(error)) and text in unforeseen(error) and text in str(as_ours(error))


def test_what_memory_duckdb_lacks_is_said() -> None:
    import duckdb

    assert "not enough memory" in str(explained(duckdb.OutOfMemoryException("Allocation failure")))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be somebody without a home")
@pytest.mark.parametrize("command", ["info", "list collections --limit 1", "storage --help", "setup --yes"])
def test_somebody_without_a_home_is_told_to_name_a_folder(command: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    script = f"unset HOME IDC_BROWSER_HOME; exec setpriv --reuid 54321 --regid 54321 --clear-groups idc-browser {command}"
    code, output, errors = shell(script, tmp_path)
    assert (code, output) == (2, "") and "Set HOME or IDC_BROWSER_HOME to a folder of yours" in errors
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_files_never_get_the_numbers_of_closed_streams(tmp_path: Path) -> None:
    script = "import os; from IDCBrowserLib.cli import main, program; main.main = lambda: os._exit(os.open('x', os.O_CREAT)); program.main()"
    python = f"PYTHONPATH='{os.pathsep.join(sys.path)}' '{sys.executable}'"
    assert subprocess.run(["/bin/sh", "-c", f'{python} -c "{script}" <&- >&- 2>&-'], check=False, cwd=tmp_path).returncode > 2


def test_a_fault_of_the_program_is_not_explained_away() -> None:
    assert explained(OSError(errno.EBADF, "Bad file descriptor")) is None
    assert explained(FileNotFoundError(errno.ENOENT, "No such file", "/x")) is None
    assert not isinstance(explained(OSError(errno.EACCES, "no", "/x")), NotFoundError)
