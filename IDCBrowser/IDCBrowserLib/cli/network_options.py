"""The options of every command that fetches something."""

from __future__ import annotations

import argparse

from IDCBrowserLib.cli.site_values import site_options
from IDCBrowserLib.network import Network


def add_network(parser: argparse.ArgumentParser) -> None:
    """--proxy and --ca-bundle."""
    parser.add_argument(
        "--proxy",
        metavar="URL",
        help='proxy to use, as http://[name:password@]host:port, or "none" (default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY or the system say)',
    )
    parser.add_argument(
        "--ca-bundle",
        metavar="FILE",
        help="file of certificates (PEM) to trust instead of the usual ones (default: REQUESTS_CA_BUNDLE, AWS_CA_BUNDLE or SSL_CERT_FILE)",
    )


def network_of(arguments: argparse.Namespace) -> Network:
    """What was given, else what this machine was set up with; raises ``InputError`` for what makes no sense."""
    site = site_options().network
    proxy = site.proxy if arguments.proxy is None else arguments.proxy
    return Network(proxy, site.ca_bundle if arguments.ca_bundle is None else arguments.ca_bundle).checked()
