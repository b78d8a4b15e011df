"""What SQLite raises. Of a damaged file its message may hold bytes that are no UTF-8: Python then raises ``UnicodeDecodeError`` in its place."""

from __future__ import annotations

import sqlite3
from enum import Enum

ERRORS = (sqlite3.Error, UnicodeDecodeError)
DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)


class Trouble(Enum):
    """What the surroundings have to do with an error."""

    NONE = "none"
    BUSY = "another program has the file"
    FULL = "the disk is full"
    READ_ONLY = "it cannot be written or opened"


# Result codes of SQLite (sqlite.org/rescode.html) and the sentences that it has for them, for Python 3.10, which does not tell the code.
_CODES = {5: Trouble.BUSY, 6: Trouble.BUSY, 8: Trouble.READ_ONLY, 13: Trouble.FULL, 14: Trouble.READ_ONLY}
_SENTENCES = {
    "database is locked": Trouble.BUSY,
    "database table is locked": Trouble.BUSY,
    "database schema is locked": Trouble.BUSY,
    "database or disk is full": Trouble.FULL,
    "attempt to write a readonly database": Trouble.READ_ONLY,
    "unable to open database file": Trouble.READ_ONLY,
}


def trouble_of(error: Exception) -> Trouble:
    """By the code, or the whole sentence: words of a message may be names of tables and columns."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        # An extended code has the plain one in its last byte.
        return _CODES.get(code & 0xFF, Trouble.NONE)
    return _SENTENCES.get(str(error).partition(":")[0], Trouble.NONE) if isinstance(error, sqlite3.Error) else Trouble.NONE
