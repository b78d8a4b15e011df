"""How this program wants pydicom to behave."""

from __future__ import annotations

import logging
import warnings


def quiet_pydicom() -> None:
    """Files that break the letter of the standard (a UID with a leading zero, a wrong VR) are taken as they are, without a warning."""
    from pydicom import config

    config.settings.reading_validation_mode = config.IGNORE
    warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")
    logging.getLogger("pydicom").setLevel(logging.ERROR)
