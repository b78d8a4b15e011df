"""What SQLite raises. Of a damaged file its message may hold bytes that are no UTF-8: Python then raises ``UnicodeDecodeError`` in its place."""

from __future__ import annotations

import sqlite3

ERRORS = (sqlite3.Error, UnicodeDecodeError)
DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
