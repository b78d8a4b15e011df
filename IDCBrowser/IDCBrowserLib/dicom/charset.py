"""Text of a DICOM element by its Specific Character Set (PS3.3 C.12.1.1.2)."""

from __future__ import annotations

_PLAIN = {"": "latin-1", "ISO_IR 6": "latin-1", "ISO_IR 100": "latin-1", "ISO 2022 IR 6": "latin-1", "ISO_IR 192": "utf-8"}


def decode_text(raw: bytes, charset: str) -> str:
    """The text; bytes that the character set does not know become U+FFFD. pydicom is imported only for the rarer sets."""
    if not raw:
        return ""
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    plain = _PLAIN.get(charset)
    if plain is None:
        return _decode_rare(raw, charset)
    if charset == "" and _is_utf8(raw):
        # Not stated: UTF-8 that is valid is hardly ever anything else.
        plain = "utf-8"
    return raw.decode(plain, "replace")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode_rare(raw: bytes, charset: str) -> str:
    import warnings

    from pydicom.charset import convert_encodings, decode_bytes

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(decode_bytes(raw, convert_encodings([part.strip() for part in charset.split("\\")]), set()))
        except (LookupError, ValueError):
            return raw.decode("latin-1")
