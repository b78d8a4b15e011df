"""A new Debian system in a folder (debootstrap), in which the script of the desktop is run as on a bare machine. Needs root.

Commands run in a mount namespace of their own, so that nothing stays mounted, and without a network where the test says so.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

USER = "radiologist"
PORT = 6180
_SOURCE = Path(__file__).resolve().parents[2]
_MOUNT = """
set -e
mount -t proc proc "$ROOT/proc"
mkdir -p "$ROOT/dev/shm" "$ROOT/wheelhouse"
mount -t tmpfs tmpfs "$ROOT/dev/shm"
[ ! -d "$WHEELHOUSE" ] || mount --bind "$WHEELHOUSE" "$ROOT/wheelhouse"
exec chroot "$ROOT" "$@"
"""


class BareMachine:
    """``root`` is its file system, ``wheelhouse`` a folder that it sees as ``/wheelhouse``."""

    def __init__(self, root: Path, wheelhouse: Path) -> None:
        self.root = root
        self.wheelhouse = wheelhouse

    def make(self) -> None:
        """Debian 12, the checkout in ``/src`` and an ordinary user."""
        mirror, suite = _mirror()
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(self.root), mirror], check=True, stdout=subprocess.DEVNULL)
        for name in ("resolv.conf", "hosts"):
            shutil.copyfile(f"/etc/{name}", self.root / "etc" / name)
        tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=_SOURCE, check=True, capture_output=True, text=True)
        for name in tracked.stdout.splitlines():
            if (_SOURCE / name).is_file():
                (self.root / "src" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(_SOURCE / name, self.root / "src" / name)
        self.run(["useradd", "--create-home", "--shell", "/bin/bash", USER])

    def run(self, command: Sequence[str], network: bool = True, check: bool = True) -> subprocess.CompletedProcess[str]:
        """As root."""
        unshare = ["unshare", "--mount", *([] if network else ["--net"]), "sh", "-c", _MOUNT, "sh", *command]
        environment = {"PATH": os.environ["PATH"], "ROOT": str(self.root), "WHEELHOUSE": str(self.wheelhouse), "LANG": "C.UTF-8", "HOME": "/root"}
        done = subprocess.run(unshare, env=environment, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-3000:]}"
        return done

    def run_as_user(self, command: Sequence[str], arguments: str = "", check: bool = True, user: str = USER) -> subprocess.CompletedProcess[str]:
        """As the user of the session, or another; ``arguments`` are for the program in it."""
        become = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "env", "-i", f"HOME=/home/{user}", f"USER={user}", "LANG=C.UTF-8"]
        path = "PATH=/usr/local/bin:/usr/bin:/bin"
        return self.run([*become, path, f"IDC_DESKTOP_PORT={PORT}", f"IDC_DESKTOP_ARGUMENTS={arguments}", *command], check=check)

    def processes(self) -> dict[int, str]:
        """Of the user, by number: the command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                inside = (folder / "root").resolve() == self.root.resolve()
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
            except OSError:
                continue
            if inside and command:
                found[int(folder.name)] = command
        return found

    def kill(self, pid: int) -> None:
        """As the kernel does without memory."""
        os.kill(pid, signal.SIGKILL)

    def state_of_files(self, folder: str) -> dict[str, tuple[int, int]]:
        """Size and time of everything below a folder of it."""
        top = self.root / folder.lstrip("/")
        return {str(path.relative_to(top)): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in top.rglob("*")}


def wait_until(condition: Callable[[], object], what: str, seconds: float = 180.0) -> None:
    """Look again and again; fail with ``what`` when it never comes true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"did not happen: {what}"
        time.sleep(0.2)


def _mirror() -> tuple[str, str]:
    """Where this machine gets its own packages from; Debian 12 whatever it runs itself."""
    for file in sorted([*Path("/etc/apt").glob("sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]):
        text = file.read_text("utf-8", "replace")
        found = re.search(r"^(?:URIs:\s*|deb\s+(?:\[[^]]*\]\s*)?)(https?://\S*/debian/?)(?:\s|$)", text, re.MULTILINE)
        if found:
            return found[1], "bookworm"
    raise AssertionError("this machine names no mirror of Debian in /etc/apt")
