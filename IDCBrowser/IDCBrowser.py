"""IDC Browser in 3D Slicer: a shell. It composes what IDCBrowserLib offers and decides nothing."""

import os

from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

MINIMUM_SLICER = (5, 12)


class IDCBrowser(ScriptedLoadableModule):
    """What Slicer shows in its list of modules."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("IDC Browser")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Informatics")]
        parent.dependencies = ["DICOM"]
        parent.contributors = ["The IDC Browser contributors"]
        parent.helpText = _(
            "Browse the NCI Imaging Data Commons, download cases from its public buckets, "
            "and see images with their DICOM SEG and RTSTRUCT as labelmaps."
        )
        parent.acknowledgementText = _(
            "The Imaging Data Commons is funded by the National Cancer Institute. "
            "Cite it as Fedorov et al., RadioGraphics 2023, doi:10.1148/rg.230180."
        )


class IDCBrowserWidget(ScriptedLoadableModuleWidget):
    """The module panel and, in Slicer's central area, the browser."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self._desktop = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        from IDCBrowserLib.host.slicer_desktop import SlicerDesktop, why_not_this_slicer

        reason = why_not_this_slicer(MINIMUM_SLICER)
        self._desktop = SlicerDesktop(self.layout, self.resourcePath("requirements.txt"), reason)

    def enter(self):
        if self._desktop is not None:
            self._desktop.enter()

    def exit(self):
        if self._desktop is not None:
            self._desktop.exit()

    def cleanup(self):
        if self._desktop is not None:
            self._desktop.close()
            self._desktop = None

    def onReload(self):
        """Reload the library too, not only this file."""
        from IDCBrowserLib.host.slicer_desktop import forget_library

        self.cleanup()
        forget_library()
        ScriptedLoadableModuleWidget.onReload(self)


class IDCBrowserLogic(ScriptedLoadableModuleLogic):
    """For scripts: what the panels do, without widgets. Each call runs in this process and returns when it is done."""

    def plan(self, sources, with_references=False):
        """What ``sources`` (manifest files, identifiers of any level) mean: a ``selection.plan.Plan``."""
        from IDCBrowserLib.catalog.catalog import Catalog
        from IDCBrowserLib.selection.resolve import resolve
        from IDCBrowserLib.task import Task

        catalog = Catalog()
        try:
            return resolve(catalog, [sources] if isinstance(sources, str) else list(sources), with_references=with_references, task=Task())
        finally:
            catalog.close()


class IDCBrowserFileReader:
    """Opens manifests of the IDC portal: drag and drop, or Add Data."""

    def __init__(self, parent):
        self.parent = parent

    def description(self):
        return _("IDC manifest")

    def fileType(self):
        return "IDCManifest"

    def extensions(self):
        return [_("IDC manifest") + " (*.s5cmd)"]

    def canLoadFileConfidence(self, filePath):
        return 0.9 if os.path.splitext(filePath)[1].lower() == ".s5cmd" else 0.0

    def load(self, properties):
        """Show the plan in the browser; nothing is downloaded before the user says so."""
        from IDCBrowserLib.host.slicer_desktop import open_manifest

        return open_manifest(properties["fileName"])


class IDCBrowserTest(ScriptedLoadableModuleTest):
    """What "Reload and Test" runs; the long stories are in Testing/Python."""

    def runTest(self):
        import slicer

        self.setUp()
        slicer.mrmlScene.Clear(0)
        self.test_panel_opens_without_a_window()

    def test_panel_opens_without_a_window(self):
        import slicer

        self.assertIsNotNone(slicer.modules.idcbrowser.widgetRepresentation())
