"""The script of the ready-made desktop, with fakes of the programs that it starts and a user of its own."""

import hashlib
import http.server
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from IDCBrowserLib.provisioning import wheelhouse
from IDCBrowserLib.task import Task

SCRIPT = Path(__file__).resolve().parents[2] / "Resources" / "Desktop" / "desktop.sh"
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the desktop runs on Linux")


class Machine:
    """``user`` is the number that ``id`` tells; the supervisor tells the screen that it was given and ends."""

    def __init__(self, folder: Path, user: int) -> None:
        self.folder, self.user = folder, user
        self.state = Path(f"/tmp/idc-browser-desktop-{user}")
        self.screen = 20 + user % 20000
        self.prefix = folder / "prefix"
        self.prefix.mkdir()
        (self.prefix / "desktop.conf").write_text("IDC_DESKTOP_SHARED=\nIDC_DESKTOP_HOSTS=\n", encoding="utf-8")
        self.fake("id", f"echo {user}")
        self.fake("supervisord", 'echo "screen $DISPLAY"')
        self.fake("xauth", f'echo "$@" >>"{folder}/xauth.arguments"; cat >>"{folder}/xauth.input"')
        self.fake("dpkg-query", "echo install ok installed")

    def fake(self, name: str, text: str) -> None:
        program = self.folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        program.chmod(0o755)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(self.folder), "IDC_DESKTOP_PREFIX": str(self.prefix)}
        return subprocess.run(
            [str(SCRIPT), *arguments], env={**kept, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path, random.randrange(2**20, 2**30))
    yield made
    shutil.rmtree(made.state, ignore_errors=True)


@pytest.fixture
def lock(machine: Machine) -> Iterator[Path]:
    """The lock file of the screen with which this user begins."""
    file = Path(f"/tmp/.X{machine.screen}-lock")
    yield file
    file.unlink(missing_ok=True)


def test_the_folder_of_a_session_is_the_same_for_every_login(machine: Machine, tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    machine.run("password", XDG_RUNTIME_DIR=str(runtime))
    assert list(runtime.iterdir()) == [] and (machine.state / "inbox").is_dir()
    assert (machine.state.stat().st_mode & 0o777) == 0o700
    unit = (SCRIPT.parent / "idc-browser-desktop@.service").read_text(encoding="utf-8")
    assert "PrivateTmp" not in unit


def test_a_screen_that_another_session_has_by_now_is_not_taken(machine: Machine, lock: Path) -> None:
    assert f"screen :{machine.screen}\n" in machine.run("run").stdout
    lock.write_text(f"{os.getpid():>10}\n", encoding="ascii")
    assert f"screen :{machine.screen + 1}\n" in machine.run("run").stdout


def test_what_a_killed_screen_left_is_taken_over(machine: Machine, lock: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    lock.write_text(f"{gone.pid:>10}\n", encoding="ascii")
    assert f"screen :{machine.screen}\n" in machine.run("run").stdout


def test_the_key_of_the_screen_is_in_no_argument(machine: Machine, tmp_path: Path) -> None:
    machine.run("run")
    assert re.fullmatch(rf"add :{machine.screen} \. [0-9a-f]{{32}}\n", (tmp_path / "xauth.input").read_text(encoding="ascii"))
    assert (tmp_path / "xauth.arguments").read_text(encoding="utf-8") == f"-q -f {machine.state}/xauthority source -\n"


def test_a_server_of_somebody_else_on_the_port_is_no_session(machine: Machine) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever).start()
        done = machine.run("start", IDC_DESKTOP_PORT=str(server.server_port))
        server.shutdown()
    assert done.returncode == 4 and "used by another program" in done.stderr and "IDC_DESKTOP_PORT" in done.stderr


def test_a_session_has_started_when_its_own_server_listens(machine: Machine) -> None:
    machine.fake("supervisord", 'echo 6789 >"$IDC_DESKTOP_STATE/listening"')
    machine.state.mkdir(mode=0o700)
    (machine.state / "listening").write_text("1234\n", encoding="ascii")
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as free:
        port = free.server_port
    assert "http://127.0.0.1:6789/" in machine.run("start", IDC_DESKTOP_PORT=str(port)).stdout


@pytest.fixture
def house(tmp_path: Path) -> Path:
    index = tmp_path / "seg_index.parquet"
    index.write_bytes(b"PAR1 made for this test PAR1")
    folder = tmp_path / "house"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / "good-1.0-py3-none-any.whl").write_bytes(b"wheel")
    wheelhouse.make(folder, [], "3.12", [index], False, Task())
    return folder


def install(machine: Machine, house: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """As root, with a Python that has no packages; code 9 is the first step after the check."""
    machine.fake("id", "echo 0")
    machine.fake("python3", f'[ "$1" != -m ] || exit 9\nexec "{sys.executable}" -S "$@"')
    return machine.run("install", "--from", str(house), *more)


def test_a_wheelhouse_that_is_as_listed_is_installed(machine: Machine, house: Path) -> None:
    done = install(machine, house)
    assert (done.returncode, done.stderr) == (9, "")


@pytest.mark.parametrize("spoiled", ["changed", "unlisted", "outside", "no list"])
def test_a_wheelhouse_that_is_not_as_listed_is_refused_before_pip_runs(machine: Machine, house: Path, spoiled: str) -> None:
    file = house / "wheelhouse.json"
    document = json.loads(file.read_text("utf-8"))
    if spoiled == "changed":
        (house / "wheels" / "good-1.0-py3-none-any.whl").write_bytes(b"wheeL")
    elif spoiled == "unlisted":
        (house / "wheels" / "evil-1.0-py3-none-any.whl").write_bytes(b"wheel")
    elif spoiled == "outside":
        document["files"].append({"path": "wheels/../../x", "bytes": 0, "sha256": ""})
        file.write_text(json.dumps(document), encoding="utf-8")
    else:
        file.unlink()
    done = install(machine, house)
    said = {"changed": "good-1.0", "unlisted": "evil-1.0", "outside": "not inside the wheelhouse", "no list": "no wheelhouse"}
    assert done.returncode == 3 and said[spoiled] in done.stderr and "Traceback" not in done.stderr


def test_slicer_is_unpacked_anew_after_an_interrupted_unpacking(machine: Machine, house: Path, tmp_path: Path) -> None:
    program = tmp_path / "made" / "Slicer-5.12" / "Slicer"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    archive = tmp_path / "Slicer.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(program.parent, "Slicer-5.12")
    folder = machine.prefix / f"slicer-{hashlib.sha256(archive.read_bytes()).hexdigest()[:12]}"
    (folder.with_name(f"{folder.name}.part") / "half").mkdir(parents=True)
    environment = machine.prefix / "venv"
    (environment / "bin").mkdir(parents=True)
    (environment / ".installed").write_text(hashlib.sha256((house / "wheelhouse.json").read_bytes()).hexdigest(), encoding="ascii")
    # The packages of Slicer come next; there this test ends.
    (environment / "bin" / "idc-browser").write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    (environment / "bin" / "idc-browser").chmod(0o755)
    done = install(machine, house, "--slicer", str(archive))
    assert (done.returncode, done.stderr) == (9, "")
    assert [path.name for path in folder.iterdir()] == ["Slicer"]
