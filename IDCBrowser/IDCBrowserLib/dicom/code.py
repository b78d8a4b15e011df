"""Coded concepts (PS3.3 8.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IDCBrowserLib.api import values as api
    from IDCBrowserLib.dicom.elements import Elements

CODE_VALUE = 0x00080100
SCHEME = 0x00080102
MEANING = 0x00080104
LONG_CODE_VALUE = 0x00080119
URN_CODE_VALUE = 0x00080120


@dataclass(frozen=True)
class Code:
    """A coded concept: code value, coding scheme designator, code meaning."""

    value: str
    scheme: str
    meaning: str

    def to_json(self) -> api.Code:
        """All fields."""
        return {"value": self.value, "scheme": self.scheme, "meaning": self.meaning}

    @staticmethod
    def from_json(value: api.Code | None) -> Code | None:
        """The inverse of ``to_json``; None stays None."""
        return None if value is None else Code(value["value"], value["scheme"], value["meaning"])


def read_code(coded: Elements) -> Code | None:
    """A code item: Code Value, Long Code Value or URN Code Value, with scheme and meaning; None without a value."""
    value = coded.text(CODE_VALUE) or coded.text(LONG_CODE_VALUE) or coded.text(URN_CODE_VALUE)
    return Code(value, coded.text(SCHEME), coded.text(MEANING)) if value else None
