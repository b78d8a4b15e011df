"""One line of an s5cmd manifest, or a bucket address by itself. Only the bucket and the series UUID are taken from it.

A manifest comes from anywhere, so everything else on the line is read only to refuse what is not a plain download into a folder below
the chosen one: it never reaches s5cmd.
"""

from __future__ import annotations

import re

from IDCBrowserLib.selection.parsed_source import SERIES_UUID, Wanted

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
UUID = re.compile(_UUID)

# Decided by one expression: a million of them must not take long. Lower case only; anything else takes the longer way.
_ORDINARY = re.compile(r"cp +s3://([a-z0-9][a-z0-9.-]{1,62})/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/\* +\./? *")
_ADDRESS = re.compile(rf"(?:s3|gs)://([a-z0-9][a-z0-9._-]{{1,61}}[a-z0-9])/({_UUID})(?:/(?:\*|({_UUID})\.dcm)?)?")
_FLAT_INSTANCE = re.compile(rf"(?:s3|gs)://[a-z0-9][a-z0-9._-]{{1,61}}[a-z0-9]/{_UUID}\.dcm")
_WORDS = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""")
_QUOTED = re.compile(r"""\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'""")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_PREFIXES = (("s5cmd",), ("aws", "s3"), ("gsutil",), ("gcloud", "storage"))
_COPY_VERBS = frozenset({"cp", "sync", "copy", "rsync"})
_OTHER_VERBS = frozenset({"rm", "mv", "mb", "rb", "select", "du", "cat", "pipe", "run", "ls", "head", "presign", "bucket-version"})
_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})


class Refused(Exception):  # noqa: N818 - the line is refused, not the program at fault
    """The line asks for something that is not done; the text says what."""


class Unusable(Exception):  # noqa: N818 - the same
    """The line is harmless but names nothing that can be looked up."""


def has_control_characters(text: str) -> bool:
    """Whether a line holds characters that a person cannot see but a terminal or a file system acts on (tab is allowed)."""
    return _CONTROL.search(text) is not None


def ordinary(line: str) -> re.Match[str] | None:
    """Matches ``cp s3://BUCKET/UUID/* .`` (groups: bucket and series UUID), the line of nearly every manifest; None for any other line."""
    return _ORDINARY.fullmatch(line)


def is_command(line: str) -> bool:
    """Whether a line is meant as a command or a bucket address (not an identifier or a table row)."""
    first = line.split(maxsplit=1)[0].strip("\"'").lower()
    if first.startswith(("s3://", "gs://")):
        return True
    return first in _COPY_VERBS | _OTHER_VERBS | {prefix[0] for prefix in _PREFIXES} and " " in line.replace("\t", " ")


def parse_command(line: str, source: str, number: int | None) -> Wanted:
    """What a command or address asks for; raises ``Refused`` or ``Unusable``."""
    words = _split(line)
    if not words[0].lower().startswith(("s3://", "gs://")):
        words = _arguments(words)
    address, destinations = _address_and_destinations(words)
    for destination in destinations:
        _check_destination(destination)
    bucket, uuid, instance = _take_apart(address)
    return Wanted(SERIES_UUID, uuid, source, number, line, bucket=bucket, instance=instance)


def address_parts(address: str) -> tuple[str, str, str]:
    """Bucket, series UUID and instance UUID ("" for the whole series) of an ``s3://`` or ``gs://`` address; raises ``Unusable``."""
    return _take_apart(address)


def _split(line: str) -> list[str]:
    words = _WORDS.findall(line)
    if "".join(words) != "".join(line.split()) and "".join(_WORDS.sub("", line).split()):
        raise Refused("the quotes on this line do not match")
    return [_QUOTED.sub(_unquote, word) for word in words]


def _unquote(match: re.Match[str]) -> str:
    escaped, double, single = match.groups()
    if escaped is not None:
        return str(escaped)
    if single is not None:
        return str(single)
    return re.sub(r"\\(.)", r"\1", double)


def _arguments(words: list[str]) -> list[str]:
    for prefix in _PREFIXES:
        if tuple(word.lower() for word in words[: len(prefix)]) == prefix:
            words = words[len(prefix) :]
            break
    while words and words[0].startswith("-"):
        words = words[1:]
    if not words or words[0].lower() not in _COPY_VERBS:
        verb = words[0] if words else "nothing"
        raise Refused(f"only downloads (cp or sync) are taken from a manifest, and this line is {verb!r}")
    return words[1:]


def _address_and_destinations(words: list[str]) -> tuple[str, list[str]]:
    remote = [word for word in words if word.lower().startswith(("s3://", "gs://"))]
    if not remote:
        raise Refused("this line copies nothing from a bucket")
    if len(remote) > 1:
        raise Refused("this line copies from bucket to bucket; only downloads are taken from a manifest")
    position = words.index(remote[0])
    if any(not word.startswith("-") for word in words[:position]) and not _only_option_values(words[:position]):
        raise Refused("this line uploads to a bucket; only downloads are taken from a manifest")
    return remote[0], [word for word in words[position + 1 :] if not word.startswith("-")]


def _only_option_values(words: list[str]) -> bool:
    # "--concurrency 5 s3://...": a value follows its option.
    return all(
        word.startswith("-") or (index > 0 and words[index - 1].startswith("--") and re.fullmatch(r"[0-9]+", word) is not None)
        for index, word in enumerate(words)
    )


def _check_destination(destination: str) -> None:
    parts = [part for part in re.split(r"[\\/]+", destination) if part]
    if destination.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", destination):
        raise Refused(f"it writes to the absolute path {destination!r}; the folder is chosen by you, not by the manifest")
    if destination.startswith("~"):
        raise Refused(f"it writes to a home folder ({destination!r}); the folder is chosen by you, not by the manifest")
    if ".." in parts:
        raise Refused(f"it leaves the chosen folder ({destination!r})")
    if any(part.split(".")[0].strip().lower() in _DEVICES for part in parts):
        raise Refused(f"it writes to a device name ({destination!r})")


def _take_apart(address: str) -> tuple[str, str, str]:
    match = _ADDRESS.fullmatch(address)
    if match:
        bucket, uuid, instance = match.groups()
        return bucket, uuid.lower(), (instance or "").lower()
    if ".." in address:
        raise Refused("its address leaves the series folder")
    if _FLAT_INSTANCE.fullmatch(address):
        raise Unusable("it names one instance outside any series folder, as IDC did before 2023; name the series instead")
    raise Unusable("it is not the address of an IDC series (s3://bucket/crdc_series_uuid/*)")
