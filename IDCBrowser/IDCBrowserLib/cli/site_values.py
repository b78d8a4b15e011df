"""What whoever set up this machine decided for transfers (``site_defaults``): it holds where the command line says nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from IDCBrowserLib import site_defaults

if TYPE_CHECKING:
    from IDCBrowserLib.transfer.options import TransferOptions


class _SiteValues:
    def value(self, key: str, default: str) -> str:
        """See ``Values``."""
        return site_defaults.setting(key) or default


def site_options() -> TransferOptions:
    """The decided options, checked one by one; those that make no sense are as they come with the program."""
    from IDCBrowserLib.logic.settings.settings import stored_options
    from IDCBrowserLib.transfer.options import PROVIDERS, TransferOptions

    options = stored_options(_SiteValues())
    # Not the window's "auto": a command does the same everywhere.
    return options if site_defaults.setting("Transfer/Provider") in PROVIDERS else replace(options, provider=TransferOptions.provider)
