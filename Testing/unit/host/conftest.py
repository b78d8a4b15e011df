"""The phantom's series."""

import pytest


@pytest.fixture(scope="session")
def series(phantom_series):
    return phantom_series
