"""How this program reaches the world outside: proxy, trusted certificates, time limits. One value, used by everything that fetches.

To fetch something from a public bucket or a web address, in the engine::

    with state.network.session(address) as session:          # EngineState.network follows the settings; Network() elsewhere
        response = session.get(address, stream=True)         # has time limits of its own, and never sends credentials

Errors are those of ``requests``; ``network_failure`` says in a sentence what they mean. s5cmd gets the same through ``child_environment``.
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
    if not is_proxy(with_escaped_password(text)):
        raise InputError(f"{without_password(text)!r} is not an address of a proxy; write it as http://host:port.")
    return text


def check_bundle(path: str) -> str:
    """``path`` itself, "" for none. Raises ``InputError`` when it is not a file with certificates (PEM)."""
    if not path:
        return path
    import ssl

    try:
        if Path(path).stat().st_size > _MAX_BUNDLE_BYTES:
            raise InputError(f"{path} is too large for a certificate file. Choose another file.")
        ssl.create_default_context(cafile=path)
    except ssl.SSLError as error:
        raise InputError(f"{path} contains no certificates. Choose a file in PEM format.") from error
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

    def checked_bundle(self) -> str:
        """The same; raises ``InputError``, which names the variable, when it is none."""
        if self.ca_bundle:
            return check_bundle(self.ca_bundle)
        name = next((name for name in _BUNDLE_VARIABLES if os.environ.get(name)), "")
        path = os.environ.get(name, "")
        try:
            return path if Path(path).is_dir() else check_bundle(path)
        except InputError as error:
            raise InputError(f"The variable {name} does not name a certificate file: {error}") from error

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
        session.verify = (self.checked_bundle() if url.startswith("https:") else self.bundle()) or True
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
        bundle = self.checked_bundle() if url.startswith("https:") else ""
        if bundle and Path(bundle).is_dir():
            environment["SSL_CERT_DIR"] = bundle
        elif bundle:
            environment["AWS_CA_BUNDLE"] = bundle
        return environment


def is_proxy(text: str) -> bool:
    """Whether that is the address of a proxy that can be used."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0) and parts.path in ("", "/")
    except ValueError:
        return False


def is_address(url: str) -> bool:
    """Whether that can be the address of a server; ``http://ex..ample`` cannot."""
    try:
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except (ValueError, UnicodeError):
        return False
