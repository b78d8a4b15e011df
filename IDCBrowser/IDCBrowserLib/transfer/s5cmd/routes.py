"""How s5cmd reaches each endpoint: directly or, under a limit, through a relay; and how many files it moves at once."""

from __future__ import annotations

from dataclasses import dataclass

from IDCBrowserLib.transfer.options import Endpoint, TransferOptions
from IDCBrowserLib.transfer.s5cmd.relay import Relay
from IDCBrowserLib.transfer.s5cmd.throttle import Throttle

# With less for each file more of them would only make each one slow.
_RATE_PER_FILE = 250_000
_MIN_FILES = 4


@dataclass(frozen=True)
class Route:
    """For one start of s5cmd."""

    endpoint_url: str
    environment: dict[str, str]
    jobs: int


class Routes:
    """Used from the loop's thread."""

    def __init__(self, options: TransferOptions) -> None:
        self._options = options
        self._rate = options.limit_rate
        self._throttle = Throttle(self._rate or 1.0)
        self._relays: dict[str, Relay] = {}

    def to(self, endpoint: Endpoint) -> Route:
        """As it is now."""
        environment = self._options.network.child_environment(endpoint.endpoint_url)
        if not self._rate:
            return Route(endpoint.endpoint_url, environment, self._options.jobs)
        relay = self._relays.get(endpoint.provider)
        if relay is None:
            relay = self._relays[endpoint.provider] = Relay(endpoint.endpoint_url, self._options.network, self._throttle)
        return Route(relay.endpoint_url, {**environment, **relay.environment()}, self._files_at_once())

    def limit(self, rate: float) -> bool:
        """Bytes per second from now on, 0 for no limit. Returns whether s5cmd has to be started anew for it."""
        before = (bool(self._rate), self._files_at_once())
        self._rate = rate
        if rate:
            self._throttle.set_rate(rate)
        return (bool(self._rate), self._files_at_once()) != before

    def close(self) -> None:
        """End the relays; s5cmd has ended before."""
        relays, self._relays = self._relays, {}
        for relay in relays.values():
            relay.close()

    def _files_at_once(self) -> int:
        if not self._rate:
            return self._options.jobs
        return min(self._options.jobs, max(_MIN_FILES, int(self._rate / _RATE_PER_FILE)))
