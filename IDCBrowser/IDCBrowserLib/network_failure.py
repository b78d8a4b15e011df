"""Explains network errors in a sentence with what to do about them, from the types of the errors rather than their texts."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from IDCBrowserLib.network import Network, is_address, is_proxy, without_password

if TYPE_CHECKING:
    import requests

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
# OpenSSL's reasons when the other side does not speak TLS at all.
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"})
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
_TOO_MANY_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_MOST_CAUSES = 50


def describe_failure(error: Exception, url: str, network: Network) -> str:
    """``error`` is what ``requests`` raised, or what came through it, for ``url``."""
    import requests

    proxy = network.proxy_for(url)
    shown = without_password(proxy)
    if proxy and not is_proxy(proxy):
        return f"The proxy {shown} cannot be used: only proxies with an address like http://host:port are; change it in the settings or HTTPS_PROXY."
    if not is_address(url):
        return f"{url.partition('?')[0]} is not an address of a server; write it as https://host[:port]."
    server = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    if isinstance(error, requests.exceptions.ProxyError):
        why = _refusal(error) or _cause(error)
        return f"The proxy {shown} does not let us reach {server} ({why}); check the proxy in the settings or HTTPS_PROXY."
    through = f" through the proxy {shown}" if proxy else ""
    if (problem := _ssl_problem(error)) is not None:
        return _describe_ssl(problem, server, through)
    return _describe_redirect(error, server) or (
        f"The server {server} cannot be reached{through} ({_cause(error)}); check the network, the proxy and the address."
    )


def _describe_redirect(error: Exception, server: str) -> str:
    import requests

    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema, UnicodeError)):
        return f"The server {server} sends us on to an address that is none; check the address."
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return f"The server {server} sends us on again and again; check the address."
    return ""


def raise_for_proxy(response: requests.Response) -> None:
    """Raises ``ProxyError`` when a plain request got no further than the proxy, which then answers in the server's place."""
    import requests

    if response.status_code == requests.codes.proxy_authentication_required:
        raise requests.exceptions.ProxyError(str(response.status_code), response=response)


def _describe_ssl(problem: ssl.SSLError, server: str, through: str) -> str:
    if isinstance(problem, ssl.SSLCertVerificationError) or problem.reason == "CERTIFICATE_VERIFY_FAILED":
        why = getattr(problem, "verify_message", "")
        return (
            f"The certificate of {server} is not trusted{f' ({why})' if why else ''}; if your network replaces certificates, choose the file of its "
            "own in the settings or REQUESTS_CA_BUNDLE."
        )
    if problem.reason in _NO_TLS:
        return f"The server {server}{through} does not encrypt; write its address with http:// instead of https://, or another port."
    why = (problem.reason or str(problem)).replace("_", " ").lower()
    return f"No encrypted connection to {server}{through} comes about ({why}); check the network, the proxy and the address."


def _refusal(error: requests.exceptions.RequestException) -> str:
    """What a proxy answers, or ""."""
    tunnel = next((found for cause in _causes(error) if (found := _TUNNEL.search(str(cause)))), None)
    status = error.response.status_code if error.response is not None else int(tunnel.group(1)) if tunnel else 0
    return {0: "", 407: "it asks for a name and password", 403: "it refuses this address"}.get(status, "it cannot connect")


def _ssl_problem(error: BaseException) -> ssl.SSLError | None:
    return next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError)), None)


def _cause(error: BaseException) -> str:
    meanings = (meaning for cause in _causes(error) if (meaning := _meaning(cause)))
    return next(meanings, type(error).__name__)


def _meaning(cause: BaseException) -> str:
    for kinds, meaning in (
        (socket.gaierror, "its name is not known"),
        (ConnectionRefusedError, "connection refused"),
        ((ConnectionResetError, BrokenPipeError), "the connection was reset"),
        ((http.client.HTTPException, ssl.SSLEOFError, EOFError), "the connection broke off"),
        (TimeoutError, "no answer in time"),
    ):
        if isinstance(cause, kinds):
            return meaning
    if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
        return "the network is unreachable"
    if isinstance(cause, OSError) and cause.errno in _TOO_MANY_FILES:
        return "this program has too many files open; raise the limit, see ulimit -n"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it was made of; urllib3 keeps the inner one as ``reason`` or argument."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_CAUSES:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
