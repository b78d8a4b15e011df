"""The options of ``storage`` and ``remove`` that name the download folder and the database."""

from __future__ import annotations

import argparse

from IDCBrowserLib import paths
from IDCBrowserLib.cli.catalog_options import add_source_option


def add_folder_options(parser: argparse.ArgumentParser) -> None:
    """``--folder DIR`` and ``--database DIR``."""
    parser.add_argument("--folder", metavar="DIR", default=str(paths.default_download_folder()), help="download folder (default: %(default)s)")
    parser.add_argument(
        "--database", metavar="DIR", default=str(paths.default_database_folder()), help="folder of the DICOM database (default: %(default)s)"
    )
    add_source_option(parser)
