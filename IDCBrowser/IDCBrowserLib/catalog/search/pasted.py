"""Identifiers as people paste them: with quotes and commas around them, or inside a web or bucket address."""

from __future__ import annotations

import re
from urllib.parse import unquote

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
# "doi:10.1/x", "https://doi.org/10.1/x", "dx.doi.org/10.1/x".
_DOI_ADDRESS = re.compile(r"(?:doi:\s*|(?:https?://)?(?:www\.|dx\.)?doi\.org/)(10\.\S+?)/?", re.IGNORECASE)
_DOI = re.compile(r"(10\.[0-9]{4,9}/\S+?)/?")
# "s3://bucket/crdc_series_uuid/*", and the same by https.
_BUCKET_ADDRESS = re.compile(rf"(?:s3|gs|https)://\S*?/({UUID.pattern})(?:/\S*)?", re.IGNORECASE)
_QUOTES = "\"'`“”‘’«»"


def tidy(text: str) -> str:
    """A pasted identifier without the blanks, quotes, commas and invisible characters around it."""
    return text.strip().strip(_QUOTES + ",;\ufeff\u200b \t").strip()


def bare(text: str) -> str:
    """The identifier in a pasted text: the DOI of a DOI address, the crdc_series_uuid of the address of a series folder or of a file in it."""
    key = tidy(text)
    found = _DOI_ADDRESS.fullmatch(key) or _BUCKET_ADDRESS.fullmatch(key)
    return unquote(found[1]) if found else key


def doi_of(text: str) -> str:
    """The DOI in a pasted text, in lower case as in IDC's index; "" when there is none."""
    found = _DOI.fullmatch(bare(text))
    return found[1].lower() if found else ""
