"""What the start page says of the machine: disk, memory, time, and how many series are at hand. Reads files; starts nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from IDCBrowserLib import paths

_STARTED = time.time()


def state() -> dict[str, Any]:
    """Bytes, seconds and counts; None where the system does not tell."""
    folder = _existing(paths.default_download_folder())
    disk = shutil.disk_usage(folder)
    return {
        "disk_free": disk.free,
        "disk_total": disk.total,
        "memory_free": memory("MemAvailable"),
        "memory_total": memory("MemTotal"),
        "processors": len(os.sched_getaffinity(0)),
        "up_seconds": up_seconds(),
        "session_seconds": round(time.time() - float(os.environ.get("IDC_DESKTOP_STARTED", _STARTED))),
    }


def own_series() -> int | None:
    """Series in the database of the standalone program; None while there is none."""
    return series_count(paths.default_database_folder() / "ctkDICOM.sql")


def memory(name: str, source: Path = Path("/proc/meminfo")) -> int | None:
    """Bytes, from a line ``MemTotal:   24576 kB``."""
    try:
        lines = source.read_text("ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, rest = line.partition(":")
        if key == name:
            return int(rest.split()[0]) * 1024
    return None


def up_seconds(source: Path = Path("/proc/uptime")) -> int | None:
    """Since the machine started."""
    try:
        return int(float(source.read_text("ascii").split()[0]))
    except OSError:
        return None


def series_count(database: Path) -> int | None:
    """In the user's DICOM database; None while there is none."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM Series").fetchone()[0])
    except sqlite3.Error:
        return None


def folder_count(shared: Path) -> int | None:
    """Series folders of a shared store, each with at least one ``.dcm`` file directly in it; None when it cannot be read."""
    if not shared.is_dir():
        return None
    return sum(1 for _folder, _names, files in os.walk(shared) if any(file.endswith(".dcm") for file in files))


def end_session() -> None:
    """Ask the supervisor, which started this server, to end everything."""
    pid_file = Path(os.environ["IDC_DESKTOP_STATE"]) / "supervisord.pid"
    (pid_file.parent / "ended").touch()
    os.kill(int(pid_file.read_text("ascii")), signal.SIGTERM)


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
