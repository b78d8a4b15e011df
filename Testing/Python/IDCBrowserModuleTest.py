"""The module inside Slicer: entering, leaving, reloading, closing the scene, manifests. Run by Slicer's ctest, not by pytest.

By hand: ``Slicer --testing --additional-module-paths IDCBrowser --python-code "import slicer.testing; slicer.testing.runUnitTest(['Testing/Python'],
'IDCBrowserModuleTest')"``. Needs neither the network nor packages from pip; what the packages are needed for is skipped without them.
"""

import gc
import os
import tempfile
import time
import unittest
import weakref

import qt
import slicer

PORTAL_MANIFEST = "# Manifest generated at 14:03:11 2026/07/09\ncp s3://idc-open-data/35459457-bd4c-4eef-9579-47f12fc6928e/* ./\n"


def wait(condition, seconds):
    """Let Slicer's event loop run; gives the longest time that one turn of it took."""
    end = time.monotonic() + seconds
    longest = 0.0
    while not condition() and time.monotonic() < end:
        begin = time.monotonic()
        slicer.app.processEvents()
        longest = max(longest, time.monotonic() - begin)
        time.sleep(0.005)
    return longest


class IDCBrowserModuleTest(unittest.TestCase):
    def setUp(self):
        slicer.mrmlScene.Clear(0)
        self.assertIsNotNone(slicer.modules.idcbrowser.widgetRepresentation())

    @property
    def desktop(self):
        return slicer.util.getModuleWidget("IDCBrowser")._desktop

    def enter(self):
        if slicer.util.mainWindow() is None:
            self.skipTest("Slicer runs without a main window")
        slicer.util.selectModule("IDCBrowser")
        if self.desktop.browser is None:
            self.skipTest("the packages of Resources/requirements.txt are not installed")

    def test_the_panel_says_what_is_missing(self):
        slicer.util.getModuleWidget("IDCBrowser").enter()
        self.assertTrue(self.desktop.panel.state.text)
        slicer.util.getModuleWidget("IDCBrowser").exit()

    def test_entering_shows_the_browser_and_leaving_restores_the_layout(self):
        if slicer.util.mainWindow() is None:
            self.skipTest("Slicer runs without a main window")
        slicer.util.selectModule("Data")
        before = slicer.app.layoutManager().layout
        self.enter()
        self.assertEqual(slicer.app.layoutManager().layout, 51820)
        slicer.util.selectModule("Data")
        self.assertEqual(slicer.app.layoutManager().layout, before)

    def test_the_catalog_appears_and_the_window_stays_alive(self):
        self.enter()
        tables = self.desktop.browser.tables
        longest = wait(lambda: tables.state("collections").total > 0, 30)
        self.assertGreater(tables.state("collections").total, 100)
        print(f"the longest turn of the event loop took {longest:.3f} s")

    def test_reloading_keeps_working(self):
        self.enter()
        slicer.util.getModuleWidget("IDCBrowser").onReload()
        self.enter()
        self.assertEqual(slicer.app.layoutManager().layout, 51820)

    def test_reloading_leaves_nothing_of_the_former_browser(self):
        self.enter()
        former = weakref.ref(self.desktop.browser)
        slicer.util.getModuleWidget("IDCBrowser").onReload()
        wait(lambda: False, 1)
        # Widgets that are to be deleted later are deleted by Slicer's own event loop, which does not run within a test.
        qt.QCoreApplication.sendPostedEvents(None, 52)
        gc.collect()
        self.assertIsNone(former())

    def test_reloading_lets_go_of_the_former_library(self):
        self.enter()
        # Slicer keeps the one that it started with.
        slicer.util.getModuleWidget("IDCBrowser").onReload()
        former = [weakref.ref(type(self.desktop)), weakref.ref(type(self.desktop.browser))]
        slicer.util.getModuleWidget("IDCBrowser").onReload()
        wait(lambda: False, 1)
        qt.QCoreApplication.sendPostedEvents(None, 52)
        gc.collect()
        self.assertEqual([one() for one in former], [None, None])

    def test_a_link_shows_what_it_names_and_a_wrong_one_says_so(self):
        self.enter()
        plan, said = self.desktop.browser.plan, []
        self.desktop.browser.message.connect(said.append)
        slicer.app.urlReceived.emit("slicer://idc-browser/?collection_id=rider_pilot")
        wait(lambda: plan.state.sources, 10)
        self.assertEqual(list(plan.state.sources), ["rider_pilot"])
        self.assertEqual(self.desktop.browser.downloads.state.running, False)
        slicer.app.urlReceived.emit("slicer://idc-browser/?manifest=https://example.org/a.s5cmd")
        wait(lambda: said, 10)
        self.assertTrue(said)
        before = len(said)
        slicer.app.urlReceived.emit("slicer://viewer/?studyUID=1.2.3")
        wait(lambda: False, 0.2)
        self.assertEqual(len(said), before, "links of others are left alone")

    def test_the_module_speaks_the_language_of_the_settings(self):
        self.enter()
        english = self.desktop.panel.show.text
        qt.QSettings().setValue("IDCBrowser/Language", "de")
        try:
            slicer.util.getModuleWidget("IDCBrowser").onReload()
            self.assertEqual(self.desktop.panel.show.text.replace("&", ""), "Den Browser zeigen")
        finally:
            qt.QSettings().remove("IDCBrowser/Language")
            slicer.util.getModuleWidget("IDCBrowser").onReload()
        self.assertEqual(self.desktop.panel.show.text, english)

    def test_dropped_manifests_open_without_a_question(self):
        self.enter()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "manifest.s5cmd")
            with open(path, "w") as file:
                file.write(PORTAL_MANIFEST)
            data = qt.QMimeData()
            data.setUrls([qt.QUrl.fromLocalFile(path)])
            window, key = slicer.util.mainWindow(), qt.Qt.NoModifier
            for made in (
                qt.QDragEnterEvent(qt.QPoint(5, 5), qt.Qt.CopyAction, data, qt.Qt.LeftButton, key),
                qt.QDropEvent(qt.QPointF(5, 5), qt.Qt.CopyAction, data, qt.Qt.LeftButton, key),
            ):
                qt.QCoreApplication.sendEvent(window, made)
            plan = self.desktop.browser.plan

            def opened():
                return [os.path.basename(source) for source in plan.state.sources]

            wait(lambda: opened() == ["manifest.s5cmd"], 10)
            self.assertEqual(opened(), ["manifest.s5cmd"])

    def test_closing_the_scene_keeps_the_browser(self):
        self.enter()
        browser = self.desktop.browser
        slicer.mrmlScene.Clear(0)
        slicer.util.selectModule("Data")
        slicer.util.selectModule("IDCBrowser")
        self.assertIs(self.desktop.browser, browser)

    def test_a_manifest_is_recognized_by_its_content(self):
        manager = slicer.app.coreIOManager()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "manifest.s5cmd")
            with open(path, "w") as file:
                file.write(PORTAL_MANIFEST)
            self.assertEqual(manager.fileType(path), "IDCManifest")

    def test_dicom_plugins_are_registered(self):
        from IDCBrowserLib.host.slicer.dicom import dicom_setting, load_as

        dicom_setting.apply()
        for name in load_as.PLUGIN_NAMES:
            self.assertIn(name, slicer.modules.dicomPlugins)
