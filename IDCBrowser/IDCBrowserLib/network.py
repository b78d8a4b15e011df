"""How this program reaches the world outside: proxy, trusted certificates, time limits. One value, used by everything that fetches.

To fetch something from a public bucket or a web address, in the engine::

    with state.network.session(address) as session:          # EngineState.network follows the settings; Network() elsewhere
        response = session.get(address, stream=True)         # has time limits of its own, and never sends credentials

Errors are those of ``requests``; ``describe_failure`` says in a sentence what they mean. s5cmd gets the same through ``child_environment``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    import requests

ENVIRONMENT = "environment"
NONE = "none"
# To connect; and without a byte. Also how long a cancel may take while a server sends nothing.
TIMEOUT_S = (5, 30)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "SSL_CERT_FILE")
# What may stand in the user information of an address; "%" begins what is escaped already.
_IN_USER_INFO = "%:!$&'()*+,;=-._~"
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_MAX_BUNDLE_BYTES = 16_000_000


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine; those are never asked through a proxy, as s5cmd does it."""
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


def without_password(url: str) -> str:
    """A proxy's address as it may be shown. A password may hold any character, also such as end the name of a host."""
    scheme, separator, rest = url.partition("://") if "://" in url else ("", "", url)
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def check_proxy(text: str) -> str:
    """``text`` itself: "environment", "none" or an address. Raises ``InputError`` for anything else."""
    if text in (ENVIRONMENT, NONE):
        return text
    if not _is_proxy(with_escaped_password(text)):
        raise InputError(f"{without_password(text)!r} is no address of a proxy; write it as http://host:port.")
    return text


def check_bundle(path: str) -> str:
    """``path`` itself, "" for none. Raises ``InputError`` when it is no file with certificates (PEM)."""
    if not path:
        return path
    import ssl

    try:
        if Path(path).stat().st_size > _MAX_BUNDLE_BYTES:
            raise InputError(f"{path} is too large for a file of certificates; choose another file.")
        ssl.create_default_context(cafile=path)
    except ssl.SSLError as error:
        raise InputError(f"{path} holds no certificates; choose a file in PEM format.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); choose another file.") from error
    return path


def with_escaped_password(url: str) -> str:
    """A proxy's address as programs read it: what is no letter in its name and password is escaped (RFC 3986, section 2.1)."""
    scheme, separator, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}{separator}{quote(user, safe=_IN_USER_INFO)}{at}{host}"


@dataclass(frozen=True)
class Network:
    """``proxy``: "environment" (the usual variables; on Windows and macOS also the system's settings), "none", or the address of a proxy.

    ``ca_bundle``: a file of certificates to trust instead of the usual ones, "" for what the environment says.
    """

    proxy: str = ENVIRONMENT
    ca_bundle: str = ""

    def checked(self) -> Network:
        """Itself; raises ``InputError`` for values that make no sense."""
        check_proxy(self.proxy)
        check_bundle(self.ca_bundle)
        return self

    def proxy_for(self, url: str) -> str:
        """The address of the proxy that stands before ``url``, "" when there is none."""
        if self.proxy == NONE or is_loopback(url):
            return ""
        if self.proxy != ENVIRONMENT:
            return with_escaped_password(self.proxy)
        from requests.utils import get_environ_proxies, select_proxy

        found = select_proxy(url, get_environ_proxies(url)) or ""
        return with_escaped_password(found if not found or "://" in found else f"http://{found}")

    def bundle(self) -> str:
        """The file (or, from the environment, folder) of certificates to trust, "" for the usual ones."""
        return self.ca_bundle or next((os.environ[name] for name in _BUNDLE_VARIABLES if os.environ.get(name)), "")

    def session(self, url: str) -> requests.Session:
        """For requests to the server of ``url`` and where it redirects to. Close it; use it in one thread.

        Raises ``InputError`` when the file of certificates is none.
        """
        import requests

        class Session(requests.Session):
            def request(self, *arguments: object, **options: object) -> requests.Response:
                return super().request(*arguments, **{"timeout": TIMEOUT_S, **options})  # type: ignore[arg-type]

        session = Session()
        # All that the environment says has been taken up here; from .netrc it would take passwords for public buckets.
        session.trust_env = False
        proxy = self.proxy_for(url)
        session.proxies = {"http": proxy, "https": proxy} if proxy else {}
        session.verify = check_bundle(self.ca_bundle) or self.bundle() or True
        return session

    def child_environment(self, url: str) -> dict[str, str]:
        """Variables for a program that asks the server of ``url``: ours without proxies and AWS settings, with what is to hold for it.

        Nothing of the user's AWS account is for public buckets.
        """
        left_out = {name for proxy in _PROXY_VARIABLES for name in (proxy, proxy.lower())} | {"S3_ENDPOINT_URL"}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name not in left_out}
        environment["AWS_REGION"] = "us-east-1"
        # Its files are not read either: a damaged one, or one with roles, would stop a public download.
        environment.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true")
        proxy = self.proxy_for(url)
        if proxy:
            environment.update(HTTP_PROXY=proxy, HTTPS_PROXY=proxy)
        bundle = self.bundle()
        if bundle and Path(bundle).is_dir():
            environment["SSL_CERT_DIR"] = bundle
        elif bundle:
            environment["AWS_CA_BUNDLE"] = bundle
        return environment


def describe_failure(error: requests.exceptions.RequestException, url: str, network: Network) -> str:
    """What went wrong between us and ``url``, as a sentence with what to do about it."""
    import requests

    server = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    proxy = network.proxy_for(url)
    shown = without_password(proxy)
    if proxy and not _is_proxy(proxy):
        return f"The proxy {shown} cannot be used: only proxies with an address like http://host:port are; change it in the settings or HTTPS_PROXY."
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema)):
        return f"{url.partition('?')[0]} is no address of a server; write it as https://host[:port]."
    if isinstance(error, requests.exceptions.ProxyError):
        return f"The proxy {shown} does not let us reach {server} ({_cause(error)}); check the proxy in the settings or HTTPS_PROXY."
    if isinstance(error, requests.exceptions.SSLError):
        return (
            f"The certificate of {server} is not trusted; if your network replaces certificates, choose the file of its own in the settings "
            "or REQUESTS_CA_BUNDLE."
        )
    through = f" through the proxy {shown}" if proxy else ""
    return f"The server {server} cannot be reached{through} ({_cause(error)}); check the network, the proxy and the address."


def raise_for_proxy(response: requests.Response) -> None:
    """Raises ``ProxyError`` when a plain request got no further than the proxy, which then answers in the server's place."""
    import requests

    if response.status_code == requests.codes.proxy_authentication_required:
        raise requests.exceptions.ProxyError(str(response.status_code), response=response)


def _is_proxy(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0) and parts.path in ("", "/")
    except ValueError:
        return False


def _cause(error: Exception) -> str:
    text = str(error)
    for sign, meaning in (
        ("407", "it asks for a name and password"),
        ("Tunnel connection failed: 403", "it refuses this address"),
        ("Tunnel connection failed", "it cannot connect"),
        ("NameResolution", "its name is not known"),
        ("Name or service", "its name is not known"),
        ("getaddrinfo", "its name is not known"),
        ("refused", "connection refused"),
        ("timed out", "no answer in time"),
        ("reset", "the connection was reset"),
        ("unreachable", "the network is unreachable"),
        ("Remote end closed", "the connection broke off"),
        ("Connection broken", "the connection broke off"),
    ):
        if sign in text:
            return meaning
    return type(error).__name__
