"""What libraries say against pixels, short enough for a sentence."""

from __future__ import annotations

_MOST = 200


def reason_of(error: BaseException) -> str:
    """The first line of an error, cut between words, or its kind where it says nothing."""
    said = str(error).strip().split("\n")[0].rstrip(".")
    if len(said) > _MOST:
        said = f"{said[: said.rfind(' ', 0, _MOST) if ' ' in said[:_MOST] else _MOST].rstrip(' ,;:(-')}..."
    return said or type(error).__name__
