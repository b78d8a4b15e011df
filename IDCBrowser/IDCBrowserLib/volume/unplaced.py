"""The error for images without a position, in a file of its own so that catching it imports no reader."""

from __future__ import annotations

from IDCBrowserLib.errors import ConversionError


class UnplacedImagesError(ConversionError):
    """There are images, but none says where in the patient it lies."""
