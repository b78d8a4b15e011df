"""One command of an s5cmd manifest, of documentation or of another tool, or a bucket address. Only the bucket and the uuids are taken from it.

A manifest comes from anywhere, so everything else on the line is read only to refuse what is no plain download: it never reaches s5cmd.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from IDCBrowserLib.selection.parsed_source import SERIES_UUID, Command, RequestedItem
from IDCBrowserLib.selection.pasted_text import as_typed

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
UUID = re.compile(_UUID)

# Decided by one expression: a million of them must not take long. Lower case only; anything else takes the longer way.
_ORDINARY = re.compile(r"cp +s3://([a-z0-9][a-z0-9.-]{1,62})/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/\* +\./? *")
_BUCKET = r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"
_ADDRESS = re.compile(rf"(?:s3|gs)://({_BUCKET})/({_UUID})(?:/(?:\*{{1,2}}|\*\.dcm|({_UUID})\.dcm)?)?")
_FLAT_INSTANCE = re.compile(rf"(?:s3|gs)://{_BUCKET}/{_UUID}\.dcm")
# The same by https: the bucket in the name of the host or at the start of the path.
_HTTPS_HOST = re.compile(rf"https?://({_BUCKET})\.(?:s3[a-z0-9.-]*\.amazonaws\.com|storage\.googleapis\.com)/", re.IGNORECASE)
_HTTPS_PATH = re.compile(r"https?://(?:s3[a-z0-9.-]*\.amazonaws\.com|storage\.(?:googleapis|cloud\.google)\.com)/", re.IGNORECASE)
_WORDS = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""")
_QUOTED = re.compile(r"""\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'""")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_TOOLS = {"s5cmd": ("s5cmd",), "aws": ("aws", "s3"), "gsutil": ("gsutil",), "gcloud": ("gcloud", "storage"), "wget": ("wget",), "curl": ("curl",)}
_FETCHERS = ("wget", "curl")
_COPY_VERBS = frozenset({"cp", "sync", "copy", "rsync"})
_OTHER_VERBS = frozenset({"rm", "mv", "mb", "rb", "select", "du", "cat", "pipe", "run", "ls", "head", "presign", "bucket-version"})
_BEFORE_A_COMMAND = frozenset({"sudo", "time", "nohup", "exec", "env"})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*")
_END_OF_A_COMMAND = frozenset({"&&", "||", "|", "&", ";", ">", ">>", "2>", "<"})
_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})
# Options that a word of their own follows: of s5cmd 2.3, aws-cli 2, gsutil 5 and gcloud 500.
_VALUE_OPTIONS = frozenset(
    """
    --credentials-file --endpoint-url --log --numworkers --profile --retry-count --request-payer --concurrency --part-size
    --destination-region --source-region --storage-class --sse --sse-kms-key-id --sse-c --sse-c-key --acl --cache-control --expires
    --metadata --metadata-directive --content-type --content-encoding --content-disposition --version-id --region --output --query
    --color --ca-bundle --cli-read-timeout --cli-connect-timeout --page-size --expected-size --project --billing-project --account
    --verbosity --format --configuration --include --exclude --exclude-name-pattern --output-document --directory-prefix --header
    --user-agent --proxy --tries --timeout
    """.split()  # noqa: SIM905 - a list of these would be a page long
)
_SHORT_VALUE_OPTIONS = {
    "s5cmd": frozenset({"-c", "-p", "-r"}),
    "gsutil": frozenset({"-u", "-o", "-h", "-x"}),
    "wget": frozenset({"-O", "-P", "-o", "-a", "-t", "-T", "-U"}),
    "curl": frozenset({"-o", "-H", "-x", "-A", "-e", "-m"}),
}
_EVERYTHING = frozenset({"*", "*.dcm", "**", "*.*"})


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
    text = as_typed(line)
    words = _without_what_precedes(text.split())
    if not words:
        return False
    first = words[0].strip("\"'").lower()
    if _is_address(first):
        return True
    if first in _FETCHERS:
        return any(_is_address(word.strip("\"'")) for word in words)
    return first in _COPY_VERBS | _OTHER_VERBS | _TOOLS.keys() and len(words) > 1


def parse_command(line: str, source: str, number: int | None) -> Command:
    """What a command or address asks for; raises ``Refused`` or ``Unusable``."""
    words = _without_what_precedes(_first_command(_split(as_typed(line))))
    tool, words = ("", words) if _is_address(words[0]) else _arguments(words)
    address, destinations = _address_and_destinations(words, tool)
    ignored = [destination for destination in destinations if _is_elsewhere(destination)]
    bucket, uuid, instance = address_parts(address)
    return Command(RequestedItem(SERIES_UUID, uuid, source, number, line, bucket=bucket, instance=instance), ignored[0] if ignored else "")


def address_parts(address: str) -> tuple[str, str, str]:
    """Bucket, series UUID and instance UUID ("" for the whole series) of an address by s3, gs or https; raises ``Refused`` or ``Unusable``."""
    address = _as_bucket_address(address)
    match = _ADDRESS.fullmatch(address)
    if match:
        bucket, uuid, instance = match.groups()
        return bucket, uuid.lower(), (instance or "").lower()
    if ".." in address:
        raise Refused("its address leaves the series folder")
    if _FLAT_INSTANCE.fullmatch(address):
        raise Unusable("it names one instance outside any series folder, as IDC did before 2023; name the series instead")
    raise Unusable("it is not the address of an IDC series (s3://bucket/crdc_series_uuid/*)")


def _is_address(word: str) -> bool:
    return word.lower().startswith(("s3://", "gs://")) or _HTTPS_HOST.match(word) is not None or _HTTPS_PATH.match(word) is not None


def _as_bucket_address(address: str) -> str:
    host = _HTTPS_HOST.match(address)
    if host:
        return f"s3://{host[1].lower()}/{address[host.end() :]}".partition("?")[0]
    path = _HTTPS_PATH.match(address)
    if path:
        return f"s3://{address[path.end() :]}".partition("?")[0]
    scheme, separator, rest = address.partition("://")
    return f"{scheme.lower()}{separator}{rest}"


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


def _without_what_precedes(words: Sequence[str]) -> list[str]:
    """Without variables that are set for the command, and programs that only start it."""
    count = 0
    while count < len(words) and (words[count].lower() in _BEFORE_A_COMMAND or _VARIABLE.fullmatch(words[count])):
        count += 1
    return list(words[count:])


def _first_command(words: list[str]) -> list[str]:
    """The words before what a shell takes for the end of a command; raises ``Refused`` when more than one of them copies."""
    end = next((index for index, word in enumerate(words) if word in _END_OF_A_COMMAND or word.endswith(";")), len(words))
    first, rest = words[:end], words[end:]
    if first != words and words[end].endswith(";") and words[end] != ";":
        first.append(words[end][:-1])
    if any(_is_address(word) for word in rest[1:]):
        raise Refused("this line contains several commands; put each on its own line")
    return first


def _arguments(words: list[str]) -> tuple[str, list[str]]:
    """The tool and what follows its verb."""
    tool = "s5cmd"
    for name, prefix in _TOOLS.items():
        if tuple(word.lower() for word in words[: len(prefix)]) == prefix:
            tool, words = name, words[len(prefix) :]
            break
    if tool in _FETCHERS:
        return tool, words
    # Options may stand before the verb.
    position = next((index for index, is_option in enumerate(_option_mask(words, tool)) if not is_option), len(words))
    verb = words[position] if position < len(words) else "nothing"
    if verb.lower() not in _COPY_VERBS:
        raise Refused(f"only downloads (cp or sync) are accepted in a manifest, and this line is {verb!r}")
    return tool, words[:position] + words[position + 1 :]


def _option_mask(words: Sequence[str], tool: str) -> list[bool]:
    """For each word whether it is an option or the value of one."""
    mask: list[bool] = []
    takes_value = False
    short = _SHORT_VALUE_OPTIONS.get(tool, frozenset[str]())
    for index, word in enumerate(words):
        is_value = takes_value
        is_option = not is_value and len(word) > 1 and word.startswith("-")
        takes_value = is_option and "=" not in word and (word in _VALUE_OPTIONS or word in short or _has_number(words, index))
        mask.append(is_value or is_option)
    return mask


def _has_number(words: Sequence[str], index: int) -> bool:
    """An option that is not known, with a number behind it."""
    return words[index].startswith("--") and index + 1 < len(words) and re.fullmatch(r"[0-9]+", words[index + 1]) is not None


def _address_and_destinations(words: list[str], tool: str) -> tuple[str, list[str]]:
    mask = _option_mask(words, tool)
    _check_patterns(words)
    plain = [word for word, is_option in zip(words, mask, strict=True) if not is_option]
    remote = [word for word in plain if _is_address(word)]
    if not remote:
        raise Refused("this line copies nothing from a bucket")
    if len(remote) > 1:
        raise Refused("this line copies from bucket to bucket; only downloads are accepted in a manifest")
    position = plain.index(remote[0])
    if position > 0:
        raise Refused("this line uploads to a bucket; only downloads are accepted in a manifest")
    return remote[0], plain[1:]


def _check_patterns(words: Sequence[str]) -> None:
    """Raises ``Unusable`` for a choice of files by their names, which would be more or less than the series."""
    for index, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name in ("--include", "--exclude"):
            pattern = value if sign else (words[index + 1] if index + 1 < len(words) else "")
            if name == "--exclude" or pattern not in _EVERYTHING:
                raise Unusable(f"it chooses files by {name} {pattern}; name the series, or each file by its address")


def _is_elsewhere(destination: str) -> bool:
    """Whether a destination is a folder of its own, which is ignored; raises ``Refused`` for one that no honest manifest has."""
    parts = [part for part in re.split(r"[\\/]+", destination) if part]
    if ".." in parts:
        raise Refused(f"it leaves the chosen folder ({destination!r})")
    if any(part.split(".")[0].strip().lower() in _DEVICES for part in parts):
        raise Refused(f"it writes to a device name ({destination!r})")
    return destination.startswith(("/", "\\", "~", "$", "%")) or re.match(r"[A-Za-z]:", destination) is not None
