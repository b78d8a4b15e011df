"""Where this program keeps things, by the conventions of the operating system. Nothing is created here.

``IDC_BROWSER_HOME`` puts all of it below one folder (portable installations, tests).
"""

from __future__ import annotations

import os
from pathlib import Path

from IDCBrowserLib import site_defaults

_APPLICATION = "IDCBrowser"
_OWNER = "IDC"


def data_folder() -> Path:
    """What must not be lost: the DICOM database of the standalone program, the record of downloads, the cart."""
    home = _home()
    if home is not None:
        return home / "data"
    from platformdirs import user_data_path

    return user_data_path(_APPLICATION, _OWNER)


def cache_folder() -> Path:
    """What can be made again: the catalog sorted for fast browsing, previews."""
    home = _home()
    if home is not None:
        return home / "cache"
    from platformdirs import user_cache_path

    return user_cache_path(_APPLICATION, _OWNER)


def catalog_cache_folder() -> Path:
    """The catalog laid out for fast browsing."""
    return cache_folder() / "catalog"


def settings_file() -> Path | None:
    """Of the standalone program's settings; None where the operating system has a place for them."""
    home = _home()
    return None if home is None else home / "settings.ini"


def releases_folder() -> Path:
    """Index files of releases of IDC that are newer than the installed package."""
    return data_folder() / "releases"


def default_database_folder() -> Path:
    """The DICOM database that the standalone program and ``idc-browser import`` use when none is named."""
    return site_defaults.folder(site_defaults.DATABASE) or data_folder() / "DICOM"


def default_download_folder() -> Path:
    """Where downloads go until the user chooses another folder."""
    return site_defaults.folder(site_defaults.DOWNLOAD_FOLDER) or data_folder() / "Downloads"


def _home() -> Path | None:
    value = os.environ.get("IDC_BROWSER_HOME", "")
    return Path(value).expanduser() if value else None
