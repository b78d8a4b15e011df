"""The errors for files of which none is an image with a position, in a file of its own so that catching them imports no reader."""

from __future__ import annotations

from IDCBrowserLib.errors import ConversionError


class NoImagesError(ConversionError):
    """``problem`` says what the files lack, without the advice that readers of images give: who wanted something else has another one."""

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(f"{problem} {advice}".strip())
        self.problem = problem


class UnplacedImagesError(NoImagesError):
    """There are images, but none says where in the patient it lies."""
