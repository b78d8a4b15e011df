"""What a code of SNOMED means: SCT, and the older SRT that it replaced (DICOM PS3.16 annexes D, L and O), as the dictionaries of pydicom say."""

from __future__ import annotations

import re
from functools import lru_cache

# 113343008 of SNOMED CT; T-62000, P1-00FF0, G-A40A of SNOMED RT.
_SCT = re.compile(r"[1-9][0-9]{5,17}")
_SRT = re.compile(r"[a-z][0-9a-f]?-[0-9a-f]{4,6}")
_PREFIX = re.compile(r"(?:sct|srt|snomed|snm3)[\s:,|]+")


def code_in(text: str) -> str:
    """The code in a text (lower case); "" when it cannot be any."""
    rest = _PREFIX.sub("", text, count=1).strip(" ()")
    if _SRT.fullmatch(rest):
        return rest.upper()
    return rest if _SCT.fullmatch(rest) else ""


def meanings_of(code: str) -> list[str]:
    """The meanings of a code in lower case, that of the code which replaced it too; empty for an unknown one."""
    replaced, meanings = _dictionaries()
    return list(dict.fromkeys(meanings.get(code, []) + meanings.get(replaced.get(code, ""), [])))


def codes_of(meaning: str) -> list[str]:
    """The codes of SCT with this meaning, in any letter case; empty for an unknown one."""
    return _by_meaning().get(meaning.lower(), [])


@lru_cache(maxsize=1)
def _by_meaning() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, meanings in _dictionaries()[1].items():
        if _SCT.fullmatch(code):
            for meaning in meanings:
                found.setdefault(meaning, []).append(code)
    return found


@lru_cache(maxsize=1)
def _dictionaries() -> tuple[dict[str, str], dict[str, list[str]]]:
    """SRT -> SCT, and code -> meanings; read at the first code that is looked for."""
    from pydicom.sr import _concepts_dict, _snomed_dict

    concepts: dict[str, dict[str, dict[str, tuple[str, object]]]] = _concepts_dict.concepts
    meanings: dict[str, list[str]] = {}
    for scheme in ("SCT", "SRT"):
        for codes in concepts.get(scheme, {}).values():
            for code, (meaning, _contexts) in codes.items():
                known = meanings.setdefault(str(code), [])
                if meaning.lower() not in known:
                    known.append(meaning.lower())
    return dict(_snomed_dict.mapping["SRT"]), meanings
