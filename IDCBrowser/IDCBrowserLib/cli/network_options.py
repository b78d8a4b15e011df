"""The options of every command that fetches something."""

from __future__ import annotations

import argparse

from IDCBrowserLib.network import ENVIRONMENT, Network


def add_network(parser: argparse.ArgumentParser) -> None:
    """--proxy and --ca-bundle."""
    parser.add_argument(
        "--proxy",
        default=ENVIRONMENT,
        metavar="URL",
        help='proxy to use, as http://[name:password@]host:port, or "none" (default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY or the system say)',
    )
    parser.add_argument(
        "--ca-bundle",
        default="",
        metavar="FILE",
        help="file of certificates (PEM) to trust instead of the usual ones (default: REQUESTS_CA_BUNDLE, AWS_CA_BUNDLE or SSL_CERT_FILE)",
    )


def network_of(arguments: argparse.Namespace) -> Network:
    """What was given; raises ``InputError`` for what makes no sense."""
    return Network(arguments.proxy, arguments.ca_bundle).checked()
