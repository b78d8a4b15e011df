"""A scene and its four views, for the tests that look at pictures."""

import pytest

from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.host.standalone.views import ViewGrid
from IDCBrowserLib.qtbinding import QtWidgets


@pytest.fixture(scope="module")
def app():
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


@pytest.fixture
def host():
    scene = StandaloneScene()
    yield scene
    scene.release()


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
    app.processEvents()
