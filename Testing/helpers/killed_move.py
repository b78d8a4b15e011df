"""A move of the download folder that kills its own program: ``python killed_move.py FOLDER DATABASE TO STEP``.

``STEP`` is the number of the file before which it dies, or "arrived", "followed" or "left" for the steps after the last file.
"""

import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "IDCBrowser"), str(ROOT / "Testing")]

from IDCBrowserLib.store import moving  # noqa: E402
from IDCBrowserLib.store.database import Database  # noqa: E402
from IDCBrowserLib.store.move_record import MoveRecord  # noqa: E402
from IDCBrowserLib.task import Task  # noqa: E402
from IDCBrowserLib.transfer.folders.journal import open_journal  # noqa: E402
from IDCBrowserLib.transfer.folders.owned import OwnedFiles  # noqa: E402


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Counting(Task):
    """Dies when it is asked for the so-manyth time."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self.left = last

    def raise_if_cancelled(self) -> None:
        self.left -= 1
        if self.left < 0:
            die()


def main() -> None:
    folder, database, to, step = sys.argv[1:]
    move = moving.Move(Path(folder), Path(to), renamed=True)
    with open_journal() as journal:
        owned = OwnedFiles(move.source, journal)
        for directory in sorted({str(path.parent) for path in move.source.rglob("*.dcm")}):
            move.files[os.path.relpath(directory, folder)] = owned.look(directory).ours
    record = MoveRecord(move, database)
    moving.bring(move, Counting(int(step)) if step.isdecimal() else Task())
    record.arrived()
    if step == "arrived":
        die()
    moving.follow(move, Database(database))
    if step == "followed":
        die()
    moving.leave(move)
    die()


if __name__ == "__main__":
    main()
