"""The four views of a scene, for the tests that look at pictures."""

import gc

import pytest

from IDCBrowserLib.host.standalone.views import ViewGrid


@pytest.fixture
def grid(app, host):
    views = ViewGrid(host)
    views.resize(804, 604)
    views.show()
    app.processEvents()
    yield views
    views.release()
    views.close()
    views.deleteLater()
    del views
    app.processEvents()
    # They hold each other, and tens of megabytes of the graphics driver.
    gc.collect()
