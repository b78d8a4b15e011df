"""Bytes of a header as the texts that ctkDICOM stores."""

from __future__ import annotations

from IDCBrowserLib.store import tags
from IDCBrowserLib.store.header import Header

# What ctkDICOM decodes, by the first value of Specific Character Set. A row has to look as Slicer would have written it: it finds a
# patient by name and id, and would list a patient twice whose name was decoded in two ways.
_CODECS = {
    "ISO_IR 6": "utf-8", "ISO_IR 192": "utf-8", "ISO_IR 100": "latin-1", "ISO_IR 101": "iso8859-2", "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4", "ISO_IR 144": "iso8859-5", "ISO_IR 127": "iso8859-6", "ISO_IR 126": "iso8859-7", "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9", "ISO_IR 179": "iso8859-13", "ISO 2022 IR 13": "iso2022_jp_2", "ISO 2022 IR 87": "iso2022_jp_2",
    "ISO 2022 IR 159": "iso2022_jp_2", "ISO 2022 IR 149": "euc_kr", "GB18030": "gb18030", "GBK": "gbk",
}  # fmt: skip


class Values:
    """Decoded access to a header. None means that the element is absent, "" that it is there and empty."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._character_sets = header.values.get(tags.SPECIFIC_CHARACTER_SET, b"").decode("latin-1").strip("\0 ").split("\\")

    def all(self, tag: int) -> str | None:
        """The whole value; several values stay separated by backslashes."""
        raw = self._header.values.get(tag)
        if raw is None:
            return None
        if tag in tags.UNSIGNED_SHORTS:
            return _shorts(raw, "big" if self._header.big_endian else "little")
        text = self._decode(raw) if tag in tags.TEXTS and (b"\x1b" in raw or not raw.isascii()) else raw.decode("latin-1")
        if "\\" in text:
            return "\\".join(part.strip("\0 ") for part in text.split("\\"))
        return text.strip("\0 ") if tag not in (tags.PATIENT_NAME, tags.REFERRING_PHYSICIAN, tags.PERFORMING_PHYSICIAN) else text.rstrip("\0 ")

    def first(self, tag: int) -> str | None:
        """The first of possibly several values."""
        text = self.all(tag)
        return text if text is None or "\\" not in text else text.split("\\", 1)[0]

    def integer(self, tag: int) -> int:
        """An IS value; 0 where absent or no number, as ctkDICOM has it."""
        try:
            return int(self.first(tag) or 0)
        except ValueError:
            return 0

    def date(self, tag: int) -> str | None:
        """A DA value as 2003-04-17; None unless it is a complete date."""
        text = self.first(tag) or ""
        if len(text) != 8 or not text.isdigit():
            return None
        return f"{text[:4]}-{text[4:6]}-{text[6:]}" if "01" <= text[4:6] <= "12" and "01" <= text[6:] <= "31" else None

    def _decode(self, raw: bytes) -> str:
        first = self._character_sets[0]
        if not first:
            # With extensions behind an empty first value ctkDICOM decodes nothing either.
            return raw.decode("latin-1")
        codec = _CODECS.get(first)
        if codec is not None:
            return raw.decode(codec, "replace")
        from pydicom.charset import convert_encodings, decode_bytes

        return str(decode_bytes(raw, convert_encodings([name.strip() for name in self._character_sets]), {0x5C, 0x5E, 0x3D}))


def _shorts(raw: bytes, order: str) -> str:
    little = order == "little"
    return "\\".join(str(int.from_bytes(raw[start : start + 2], "little" if little else "big")) for start in range(0, len(raw) - 1, 2))


def displayed_name(name: str) -> str:
    """A person name (PS3.5 6.2.1) as Slicer shows it: "Last, First Middle, Suffix (Prefix)", from its first component group."""
    last, first, middle, prefix, suffix = (name.partition("=")[0].split("^") + [""] * 5)[:5]
    text = last
    if last and (first or middle):
        text += ","
    for part in (first, middle):
        text += f" {part}" if part else ""
    text += f", {suffix}" if suffix else ""
    return text + (f" ({prefix})" if prefix else "")
