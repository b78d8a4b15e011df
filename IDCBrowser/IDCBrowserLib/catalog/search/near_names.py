"""Names of segments, regions, ROIs and algorithms, and descriptions, that differ from a typed text by a letter or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.search.mistakes import MAX_LENGTH, MIN_LENGTH, most_mistakes, shares_a_piece

if TYPE_CHECKING:
    import duckdb

_MOST = 3


def near_names(connection: duckdb.DuckDBPyConnection, wanted: str, table: str) -> list[str]:
    """The nearest texts of ``search_content`` or ``search_descriptions``, or of beginnings of them. ``wanted`` is lower case."""
    if not MIN_LENGTH <= len(wanted) <= MAX_LENGTH or not any(character.isalpha() for character in wanted):
        return []
    most = most_mistakes(wanted)
    bindings = Bindings()
    shares = shares_a_piece("plain", wanted, most, bindings)
    # The first letter is hardly ever the wrong one, and spares most of the comparisons.
    rows = ask(
        connection,
        f"WITH names AS (SELECT plain, sum(n) AS n FROM {table} WHERE starts_with(plain, $first) AND length(plain) >= $length - $most "
        f"AND {shares} GROUP BY plain), near AS (SELECT plain, n, least(damerau_levenshtein(left(plain, $length), $text), "
        "damerau_levenshtein(left(plain, $length + 1), $text), damerau_levenshtein(left(plain, $length - 1), $text)) AS mistakes FROM names) "
        "SELECT plain FROM near WHERE mistakes BETWEEN 1 AND $most QUALIFY mistakes = min(mistakes) OVER () ORDER BY n DESC, plain LIMIT $limit",
        {"text": wanted, "first": wanted[0], "length": len(wanted), "most": most, "limit": _MOST, **bindings.values},
    ).fetchall()
    return [str(row[0]) for row in rows]
