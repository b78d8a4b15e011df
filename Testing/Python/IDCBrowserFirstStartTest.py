"""The first start in Slicer: a package that is missing is asked for, declined, not to be had offline, and installed from a folder of wheels.

Run by Slicer's ctest, not by pytest. In testing mode Slicer installs nothing and asks nothing, so what it asks is answered only by hand:
``Slicer --no-splash --additional-module-paths IDCBrowser --python-code "import slicer.testing; slicer.testing.runUnitTest(['Testing/Python'],
'IDCBrowserFirstStartTest')"``. The package is one that is made here, and is removed again.
"""

import base64
import hashlib
import importlib
import importlib.metadata
import os
import tempfile
import unittest
import unittest.mock
import zipfile
from pathlib import Path

import qt
import slicer
import slicer.packaging

_NAME, _VERSION = "idc_browser_probe", "1.0"
# Nobody listens there.
_NO_INDEX = "http://127.0.0.1:9/simple"


def write_wheel(folder):
    """A package with one empty module."""
    info = f"{_NAME}-{_VERSION}.dist-info"
    files = {
        f"{_NAME}.py": b"",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {_NAME}\nVersion: {_VERSION}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_hash(content)},{len(content)}\n" for name, content in files.items())
    path = Path(folder, f"{_NAME}-{_VERSION}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n".encode()}.items():
            wheel.writestr(name, content)
    return path


def _hash(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def is_installed():
    importlib.invalidate_caches()
    try:
        return bool(importlib.metadata.version(_NAME))
    except importlib.metadata.PackageNotFoundError:
        return False


class Answers:
    """Clicks the buttons named in ``texts`` in the message boxes that come, one after the other, and keeps what they said."""

    def __init__(self, *texts):
        self._texts = list(texts)
        self.said = []
        self._timer = qt.QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(50)

    def close(self):
        self._timer.stop()

    def _look(self):
        box = qt.QApplication.activeModalWidget()
        if box is None or not box.inherits("QMessageBox") or not self._texts:
            return
        wanted = self._texts.pop(0)
        self.said.append(box.text)
        photograph(f"first-start-{len(self.said)}-{wanted}")
        next(button for button in box.findChildren("QPushButton") if button.text.replace("&", "") == wanted).click()


def photograph(name):
    folder = os.environ.get("IDC_BROWSER_PICTURES", "")
    if folder:
        slicer.app.processEvents()
        slicer.util.mainWindow().windowHandle().screen().grabWindow(0).save(os.path.join(folder, f"{name}.png"))


class IDCBrowserFirstStartTest(unittest.TestCase):
    def setUp(self):
        from IDCBrowserLib.host.slicer.desktop import SlicerDesktop

        if slicer.util.mainWindow() is None:
            self.skipTest("Slicer runs without a main window")
        slicer.util.selectModule("Data")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        requirements = self.folder / "requirements.txt"
        requirements.write_text(f"{_NAME}=={_VERSION}\n")
        self.dock = qt.QDockWidget("First start", slicer.util.mainWindow())
        inside = qt.QWidget(self.dock)
        self.dock.setWidget(inside)
        # The module's panel can be scrolled.
        inside.setMinimumHeight(260)
        slicer.util.mainWindow().addDockWidget(qt.Qt.LeftDockWidgetArea, self.dock)
        self.desktop = SlicerDesktop(qt.QVBoxLayout(inside), str(requirements), "")
        self.addCleanup(self.close)
        environment = {"PIP_INDEX_URL": _NO_INDEX, "PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        patch = unittest.mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)
        self.desktop.enter()
        slicer.app.processEvents()

    def close(self):
        self.desktop.close()
        slicer.util.mainWindow().removeDockWidget(self.dock)
        self.dock.deleteLater()
        if is_installed():
            slicer.packaging.pip_uninstall(_NAME)

    def press(self, button, *answers):
        """With what is answered meanwhile; gives what was asked and said."""
        answering = Answers(*answers)
        button.click()
        slicer.app.processEvents()
        answering.close()
        return answering.said

    def check_asks_still(self):
        panel = self.desktop.panel
        self.assertIsNone(self.desktop.browser)
        self.assertTrue(panel.install.isVisible() and panel.from_folder.isVisible())
        self.assertFalse(panel.show.isVisible())
        self.assertFalse(is_installed())

    def skip_in_testing_mode(self):
        if slicer.app.testingEnabled():
            self.skipTest("in testing mode Slicer asks nothing")

    def test_what_is_missing_is_said_and_nothing_is_installed_unasked(self):
        self.assertIn("Nothing is installed before you agree", self.desktop.panel.state.text)
        photograph("first-start")
        self.check_asks_still()

    def test_who_declines_is_told_what_is_missing_and_may_agree_later(self):
        self.skip_in_testing_mode()
        (asked,) = self.press(self.desktop.panel.install, "Cancel")
        self.assertIn("1 Python package", asked)
        self.assertIn("The packages were not installed", self.desktop.panel.state.text)
        photograph("first-start-declined")
        self.check_asks_still()

    def test_without_a_network_the_way_without_one_is_named(self):
        self.skip_in_testing_mode()
        asked, failed = self.press(self.desktop.panel.install, "OK", "OK")
        self.assertIn("1 Python package", asked)
        self.assertIn("failed", failed)
        self.assertIn("pip download", self.desktop.panel.state.text)
        photograph("first-start-offline")
        self.check_asks_still()

    def test_in_testing_mode_slicer_installs_nothing_which_is_said(self):
        if not slicer.app.testingEnabled():
            self.skipTest("Slicer is not in testing mode")
        self.press(self.desktop.panel.install)
        self.assertIn("testing mode", self.desktop.panel.state.text)
        self.check_asks_still()

    def test_a_folder_without_the_wheel_installs_nothing(self):
        self.choose_folder(self.folder)
        self.press(self.desktop.panel.from_folder, "OK")
        self.assertIn("pip could not install", self.desktop.panel.state.text)
        self.check_asks_still()

    def test_a_folder_of_wheels_needs_no_network_and_no_restart(self):
        write_wheel(self.folder)
        self.choose_folder(self.folder)
        self.press(self.desktop.panel.from_folder)
        self.assertTrue(is_installed())
        self.assertIsNotNone(self.desktop.browser, self.desktop.panel.state.text)
        self.assertFalse(self.desktop.panel.install.isVisible())

    def choose_folder(self, folder):
        """In the system's dialog."""
        patch = unittest.mock.patch("IDCBrowserLib.host.slicer.desktop.choose_folder", lambda _title, _start: str(folder))
        patch.start()
        self.addCleanup(patch.stop)
