"""Where real DICOM data lies, if it is there: ``IDC_BROWSER_TEST_DATA``, else ``../shared/data`` beside the checkout."""

import os
from pathlib import Path

import pytest

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "data"


def real_data(*parts: str) -> Path:
    """A file or folder of the real data; skips the test where it is not present."""
    path = Path(os.environ.get("IDC_BROWSER_TEST_DATA", _BESIDE_CHECKOUT)).joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real data not present: {'/'.join(parts)}")
    return path
