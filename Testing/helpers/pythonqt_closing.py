"""Run by a PythonQt launcher, not by pytest: each page of a panel is used, then it is closed and deleted as Slicer's host does it; is all let go?

Connections of PythonQt hold what they call until the object of Qt that sends them is gone. ``LAUNCHER pythonqt_closing.py`` with
IDC_BROWSER_STORY (a JSON object: ``paths`` for sys.path). Prints a JSON list of the classes that live on, on its last line.
"""

import gc
import json
import os
import sys
import weakref

_DEFERRED_DELETE = 52


def use_and_close() -> list:
    """References to what must go."""
    from helpers.fake_catalog import FakeCatalog
    from helpers.fake_host import FakeEngine, FakeHost
    from IDCBrowserLib.logic.browser import Browser
    from IDCBrowserLib.qtbinding import QtCore, QtWidgets
    from IDCBrowserLib.ui.browser_panel import BrowserPanel

    engine, area = FakeEngine(FakeCatalog().handlers()), QtWidgets.QWidget()
    browser = Browser(engine.client, FakeHost(), lambda do: QtCore.QTimer.singleShot(0, do))
    panel = BrowserPanel(browser)
    panel.widget.setParent(area)
    panel.widget.show()
    browser.start()
    for page in ("", *(page.name for page in panel.further), "browse"):
        panel.show_page(page)
        panel.tables["collections"].view.selectAll()
        for _ in range(10):
            engine.settle()
            QtWidgets.QApplication.processEvents()
    browser.close()
    panel.close()
    panel.widget.hide()
    panel.widget.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, _DEFERRED_DELETE)
    return [weakref.ref(one) for one in (browser, panel, panel.browse, *panel.further)]


def main() -> None:
    sys.path[:0] = json.loads(os.environ["IDC_BROWSER_STORY"])["paths"]
    from helpers.pythonqt_binding import provide_qt

    provide_qt()
    references = use_and_close()
    gc.collect()
    print(json.dumps([type(one).__name__ for reference in references if (one := reference()) is not None]), flush=True)


main()
