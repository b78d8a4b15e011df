"""The record of a move under way, beside the journal, so that one that was killed between two files is put right at the next start."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.file_lock import lock_file
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.moving import Move, follow, leave, put_back
from IDCBrowserLib.transfer.folders.journal import move_record_path
from IDCBrowserLib.whole_file import FOR_NOBODY_ELSE, write_whole

logger = logging.getLogger(__name__)


class MoveRecord:
    """Written before the first file moves, removed after the last step. While its program lives, others leave the move alone."""

    def __init__(self, move: Move, database: str) -> None:
        """``database``: folder of the database whose rows follow; "" when the host keeps its own. Raises ``OSError`` while another program moves."""
        self._path = move_record_path()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self._path)
        self._document = {
            "source": str(move.source),
            "destination": str(move.destination),
            "renamed": move.renamed,
            "files": move.files,
            "database": database,
            "arrived": False,
        }
        try:
            self._write()
        except BaseException:
            self._lock.close()
            raise

    def arrived(self) -> None:
        """All files are at the new place: from here on the move is finished, not taken back."""
        self._document["arrived"] = True
        self._write()

    def end(self) -> None:
        """The move is over, or was taken back."""
        self._path.unlink(missing_ok=True)
        self._lock.close()

    def let_go(self) -> None:
        """The move is not over, and this program does no more for it: the next one that starts finishes it or takes it back."""
        self._lock.close()

    def _write(self) -> None:
        write_whole(self._path, json.dumps(self._document), FOR_NOBODY_ELSE)


def put_right() -> str:
    """What a killed program left of a move: before all files had arrived they go back, afterwards the move is finished. A sentence for the user,
    "" when there was nothing.
    """
    path = move_record_path()
    if not path.exists():
        return ""
    try:
        lock = _lock(path)
    except OSError:
        return ""  # another program is moving
    with lock:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            move = Move(Path(document["source"]), Path(document["destination"]), document["files"], renamed=bool(document["renamed"]))
            done: Callable[[Move, Any], str] = _finish if document["arrived"] else _take_back
            told = done(move, document)
        except (OSError, ValueError, LookupError, TypeError, IDCBrowserError) as error:
            logger.warning("%s: %s", path, error)
            told = f"A move of the download folder was interrupted, and its record {path} cannot be used ({error}). Look into both folders."
            with suppress(OSError):
                path.replace(path.with_suffix(".damaged"))
        path.unlink(missing_ok=True)
    return told


def _take_back(move: Move, _document: Any) -> str:
    begin = f"Moving the downloads from {move.source} to {move.destination} was interrupted."
    if not move.renamed:
        return f"{begin} Everything is still in {move.source}; move again to go on."
    left = put_back(move)
    if left:
        return f"{begin} {left:,} of its files could not be put back and are in {move.destination}; move again to go on."
    return f"{begin} All files are in {move.source} again."


def _finish(move: Move, document: Any) -> str:
    follow(move, Database(document["database"]) if document["database"] else None)
    leave(move)
    return (
        f"Moving the downloads from {move.source} to {move.destination} was interrupted after all files had arrived. "
        f"Choose {move.destination} as the download folder in the settings."
    )


def _lock(path: Path) -> IO[bytes]:
    file = path.with_suffix(".lock").open("ab+")
    try:
        lock_file(file)
    except OSError:
        file.close()
        raise
    return file
