"""CRDC identifiers (``dg.4DFC/<uuid>``) of studies and instances, which no index file has: asked at the CRDC's DRS service.

GA4GH Data Repository Service 1: ``GET <service>/objects/<id>`` gives an object with ``access_methods`` for one file, and one with ``contents`` for a
study or series (learn.canceridc.dev, "Resolving CRDC Globally Unique Identifiers"). Of a file the address in a bucket names its series.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.network import Network
from IDCBrowserLib.network_failure import describe_failure
from IDCBrowserLib.selection import command_line
from IDCBrowserLib.selection.command_line import Refused, Unusable
from IDCBrowserLib.stall_timeout import STALL_S, Heartbeat, StalledError, small_answer, with_stall_timeout
from IDCBrowserLib.task import Progress, Task

ADDRESS = "https://nci-crdc.datacommons.io/ga4gh/drs/v1/objects/"
# Another service with the same objects.
VARIABLE = "IDC_BROWSER_DRS"
# Each is a request of its own; a longer list of them is no list of studies.
MOST = 500
_MOST_BYTES = 32_000_000
_ID = re.compile(r"(?:drs://)?(?:[a-z0-9.-]+/)?(?:dg\.4DFC[:/])?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


class DrsObject(NamedTuple):
    """A file, by its bucket, crdc_series_uuid and instance UUID; or what has ``members``, by their UUIDs."""

    bucket: str = ""
    series: str = ""
    instance: str = ""
    members: tuple[str, ...] = ()


class DrsAnswers(NamedTuple):
    """``found`` by UUID; ``problem`` is why some could not be asked, or "" """

    found: Mapping[str, DrsObject]
    problem: str = ""


class Drs:
    """The service, through ``network``."""

    def __init__(self, network: Network, address: str = "", stall_s: float = STALL_S) -> None:
        self._network = network
        self._stall_s = stall_s
        self._address = address or os.environ.get(VARIABLE, "") or ADDRESS

    def look_up(self, uuids: Sequence[str], task: Task) -> DrsAnswers:
        """What these are, at most ``MOST`` of them; those that the service does not know are left out. Raises ``CancelledError`` only."""
        import requests

        found: dict[str, DrsObject] = {}
        asked = list(dict.fromkeys(uuids))
        try:
            with self._network.session(self._address) as session:
                for number, uuid in enumerate(asked[:MOST]):
                    task.raise_if_cancelled()
                    task.report(Progress("Asking the CRDC", number, len(asked), "identifiers"))
                    one = with_stall_timeout(partial(self._one, session, uuid), self._stall_s, task.raise_if_cancelled)
                    if one is not None:
                        found[uuid] = one
        except (requests.RequestException, InputError, StalledError, ValueError, RecursionError) as error:
            return DrsAnswers(found, f"what it is could not be asked at the CRDC. {self._reason(error)}")
        return DrsAnswers(found, f"no more than {MOST:,} are asked at once" if len(asked) > MOST else "")

    def _reason(self, error: Exception) -> str:
        """Of the network, of the settings, or of a server that is none of this kind."""
        import requests

        if isinstance(error, StalledError):
            return f"{self._address} sends hardly anything ({self._stall_s:g} s without progress)"
        if isinstance(error, requests.HTTPError):
            return f"{self._address} answers {error.response.status_code}"
        if isinstance(error, requests.RequestException):
            return describe_failure(error, self._address, self._network)
        return str(error) if isinstance(error, InputError) else f"{self._address} is not a DRS service"

    def _one(self, session: Any, uuid: str, heartbeat: Heartbeat) -> DrsObject | None:
        with session.get(f"{self._address}dg.4DFC/{uuid}", stream=True, headers={"Accept-Encoding": "identity"}) as response:
            heartbeat()
            if response.status_code in (400, 404):
                return None
            response.raise_for_status()
            content = small_answer(response, _MOST_BYTES, heartbeat)
        return drs_object(json.loads(content)) if content is not None else None


def drs_object(document: Any) -> DrsObject | None:
    """What a DRS document is of IDC; None for anything else."""
    if not isinstance(document, dict):
        return None
    for method in _list(document.get("access_methods")):
        access = method.get("access_url")
        address = access.get("url") if isinstance(access, dict) else access
        try:
            bucket, series, instance = command_line.address_parts(str(address))
        except (Refused, Unusable):
            # Such as the place of the first release, without a folder for the series.
            continue
        if instance:
            return DrsObject(bucket, series, instance)
    members = [match.group(1).lower() for item in _list(document.get("contents")) if (match := _ID.fullmatch(_id_of(item))) is not None]
    return DrsObject(members=tuple(dict.fromkeys(members))) if members else None


def is_crdc_id(text: str) -> bool:
    """Whether a text may be an identifier of the CRDC: with its prefix, or a bare UUID."""
    return _ID.fullmatch(text.strip()) is not None


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _id_of(item: Mapping[str, Any]) -> str:
    uris = item.get("drs_uri")
    first = uris[0] if isinstance(uris, list) and uris else uris
    return str(item.get("id") or first or "")
