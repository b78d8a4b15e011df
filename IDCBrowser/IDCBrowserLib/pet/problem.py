"""Why a Standardized Uptake Value cannot be computed."""

from __future__ import annotations


class NotComputableError(Exception):
    """``str`` completes "SUV cannot be computed: ". ``replaceable``: only the patient, the dose or a time is missing,

    so that a stated factor helps."""

    def __init__(self, reason: str, replaceable: bool = True) -> None:
        super().__init__(reason)
        self.replaceable = replaceable
