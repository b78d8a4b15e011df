"""The error of images without a place: apart, so that who only catches it needs to import no reader of images."""

from __future__ import annotations

from IDCBrowserLib.errors import ConversionError


class UnplacedImagesError(ConversionError):
    """There are images, but none says where in the patient it lies."""
