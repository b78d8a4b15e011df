"""Value representations by how their length is written: the one table of this program (PS3.5 7.1.2, table 7.1-1)."""

from __future__ import annotations

# Two reserved bytes, then a length of 32 bits.
LONG = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
# A length of 16 bits.
SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
KNOWN = LONG | SHORT
