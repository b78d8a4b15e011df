"""What the user sets for downloads: each value checked as it is typed, stored when it makes sense, and in force from the next download on.

A value that was given at the start of the program (``--endpoint-url`` ...) holds for that run and hides the stored one. Knows no widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from IDCBrowserLib import network
from IDCBrowserLib.api.downloads import Options
from IDCBrowserLib.api.network import CHECK_BUNDLE, SET_NETWORK, NetworkParameters
from IDCBrowserLib.api.report import TablesSource
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError, InputError
from IDCBrowserLib.host_interface import Settings, Values
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import IDC_TABLES_KEY
from IDCBrowserLib.logic.downloads.download import DownloadOverrides
from IDCBrowserLib.report.idc_tables import check_location
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.transfer.folders.template import problem_of
from IDCBrowserLib.transfer.options import MAX_PARALLEL_FILES, MAX_RETRIES, PROVIDERS, TransferOptions, bytes_kept_free, check_endpoint, check_rate

BUNDLE = "ca_bundle"
PROXY = "proxy"
LIMIT = "limit_rate"
KEEP_FREE = "keep_free"
TABLES = "idc_tables"
# What the engine is told at once, not with each download.
_NETWORK = (PROXY, BUNDLE, LIMIT)


@dataclass(frozen=True)
class _Setting:
    """``check`` raises ``InputError`` for a text that is no value."""

    key: str
    default: str
    check: Callable[[str], object]


def _whole(least: int, most: int) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise InputError(_("Enter a whole number from {least} to {most}.").format(least=least, most=f"{most:,}"))

    return check


def _limit(text: str) -> None:
    try:
        check_rate(float(text) * 1e6)
    except ValueError as error:
        raise InputError(_("Enter a number of MB per second, or 0 for no limit.")) from error


def _gigabytes(text: str) -> None:
    try:
        bytes_kept_free(float(text))
    except (ValueError, InputError) as error:
        raise InputError(_("Enter a number of GB of 0 or more.")) from error


def _provider(text: str) -> None:
    if text not in PROVIDERS:
        raise InputError(_("Unknown provider: {name}.").format(name=text))


def _layout(text: str) -> None:
    if text and (problem := problem_of(text)):
        raise InputError(problem)


_DEFAULTS = TransferOptions()
# Parameter of ``transfer.download`` (or ``engine.set_network``) -> setting. The keys are listed in ``remembered``.
_SETTINGS: dict[str, _Setting] = {
    "provider": _Setting("Transfer/Provider", "auto", _provider),
    "jobs": _Setting("Transfer/Jobs", str(_DEFAULTS.jobs), _whole(1, MAX_PARALLEL_FILES)),
    "retry_count": _Setting("Transfer/Retries", str(_DEFAULTS.retry_count), _whole(0, MAX_RETRIES)),
    LIMIT: _Setting("Transfer/Limit", "0", _limit),
    "layout": _Setting("Transfer/Layout", "", _layout),
    KEEP_FREE: _Setting("Transfer/KeepFree", "0", _gigabytes),
    "endpoint_url": _Setting("Transfer/EndpointUrl", "", lambda text: check_endpoint(text) if text else None),
    TABLES: _Setting(IDC_TABLES_KEY, "", lambda text: check_location(text) if text else None),
    PROXY: _Setting("Network/Proxy", network.ENVIRONMENT, network.check_proxy),
    # What the file holds is for the engine to say.
    BUNDLE: _Setting("Network/CertificateFile", "", str),
}


class DownloadSettings:
    """``given`` are the values of this run alone. ``changed(name)`` tells a new text, problem or both of one setting."""

    def __init__(self, client: EngineClient, stored: Settings, given: DownloadOverrides) -> None:
        self._client = client
        self._stored = stored
        self._given = given.parameters()
        self._typed: dict[str, str] = {}
        self._problems: dict[str, str] = {}
        self._question: Request | None = None
        self.changed: Signal[str] = Signal()
        client.ready.connect(self._tell_engine)

    def close(self) -> None:
        """Listen no more."""
        self._client.ready.disconnect(self._tell_engine)

    def text(self, name: str) -> str:
        """What the field shows: what was typed while that has a problem, else what is in force."""
        if self.is_given(name):
            return str(dict(self._given)[name])
        return self._typed.get(name, self._in_force(name))

    def problem(self, name: str) -> str:
        """Why what was typed is not used; "" when it is."""
        return self._problems.get(name, "")

    def is_given(self, name: str) -> bool:
        """Whether the value was given at the start of the program, so that it cannot be changed now."""
        return name in self._given

    def check(self, name: str, text: str) -> None:
        """Say what is wrong with a text while it is typed; stores nothing."""
        self._judge(name, text, lambda: None)

    def put(self, name: str, text: str) -> None:
        """Store a text if it makes sense; otherwise the last good one stays in force."""
        self._judge(name, text, lambda: self._store(name, text.strip()))

    def restore(self) -> None:
        """Everything as it comes with the program."""
        for name, setting in _SETTINGS.items():
            self.put(name, setting.default)

    def shown(self) -> dict[str, str]:
        """Each setting that is in force under its key, for a report; of a proxy without its password."""
        values = {setting.key: self.text(name) for name, setting in _SETTINGS.items()}
        return {key: network.without_password(value) if "@" in value else value for key, value in values.items()}

    def parameters(self) -> Options:
        """For ``transfer.download``; what is as it usually is there is left out."""
        set_here, options = stored_options(self._stored), Options()
        if set_here.provider != _DEFAULTS.provider:
            options["provider"] = set_here.provider
        if set_here.jobs != _DEFAULTS.jobs:
            options["jobs"] = set_here.jobs
        if set_here.retry_count != _DEFAULTS.retry_count:
            options["retry_count"] = set_here.retry_count
        if set_here.endpoint_url:
            options["endpoint_url"] = set_here.endpoint_url
        if set_here.layout:
            options["layout"] = set_here.layout
        if set_here.keep_free:
            options["keep_free"] = set_here.keep_free
        return {**options, **self._given}

    def tables_source(self) -> TablesSource:
        """Where IDC's own tables are."""
        found, mirror = TablesSource(), self.parameters().get("endpoint_url")
        if location := self._in_force(TABLES):
            found["location"] = location
        if mirror:
            found["endpoint_url"] = mirror
        return found

    # Checking and storing

    def _in_force(self, name: str) -> str:
        return _in_force(self._stored, name)

    def _judge(self, name: str, text: str, accept: Callable[[], None]) -> None:
        text = text.strip()
        self._typed[name] = text
        if name == BUNDLE and text:
            self._ask_engine(text, accept)
            return
        self._decide(name, _problem(_SETTINGS[name], text), accept)

    def _ask_engine(self, path: str, accept: Callable[[], None]) -> None:
        if self._question is not None:
            self._question.cancel()
        self._question = self._client.ask(
            CHECK_BUNDLE({"path": path}),
            lambda _answer: self._decide(BUNDLE, "", accept),
            lambda error: self._decide(BUNDLE, str(error), accept),
        )

    def _decide(self, name: str, problem: str, accept: Callable[[], None]) -> None:
        self._problems[name] = problem
        if not problem:
            accept()
        self.changed.emit(name)

    def _store(self, name: str, text: str) -> None:
        self._typed.pop(name, None)
        if text == self._in_force(name):
            return
        self._stored.set_value(_SETTINGS[name].key, text)
        if name in _NETWORK:
            self._send_network()

    # What the engine has to know

    def _tell_engine(self) -> None:
        if any(self._in_force(name) != _SETTINGS[name].default for name in _NETWORK):
            self._send_network()

    def _send_network(self) -> None:
        set_here = stored_options(self._stored)
        parameters: NetworkParameters = {
            "proxy": set_here.network.proxy,
            "ca_bundle": set_here.network.ca_bundle,
            "limit_rate": set_here.limit_rate,
        }
        self._client.ask(SET_NETWORK(parameters), None, self._not_sent)

    def _not_sent(self, error: IDCBrowserError) -> None:
        self._problems[PROXY] = str(error)
        self.changed.emit(PROXY)


def stored_options(stored: Values) -> TransferOptions:
    """What is set, for a download in this process instead of in the engine."""
    texts = {name: _in_force(stored, name) for name in _SETTINGS}
    return TransferOptions(
        provider=texts["provider"],
        jobs=int(texts["jobs"]),
        retry_count=int(texts["retry_count"]),
        endpoint_url=texts["endpoint_url"] or None,
        layout=texts["layout"],
        keep_free=bytes_kept_free(float(texts[KEEP_FREE])),
        limit_rate=float(texts[LIMIT]) * 1e6,
        network=network.Network(texts[PROXY], texts[BUNDLE]),
    )


def _in_force(stored: Values, name: str) -> str:
    """The stored text, or what comes with the program when there is none that makes sense."""
    setting = _SETTINGS[name]
    text = stored.value(setting.key, setting.default)
    return setting.default if _problem(setting, text) else text


def _problem(setting: _Setting, text: str) -> str:
    try:
        setting.check(text)
    except InputError as error:
        return str(error)
    return ""
