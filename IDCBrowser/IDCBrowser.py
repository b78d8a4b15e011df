"""IDC Browser in 3D Slicer: a shell. It composes what IDCBrowserLib offers and decides nothing. Importing it loads only Python's typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from idc_browser import Found
    from IDCBrowserLib.host.slicer.desktop import SlicerDesktop
    from IDCBrowserLib.labelmap.types import Labelmap
    from IDCBrowserLib.selection.plan import Plan
    from IDCBrowserLib.task import Task
    from IDCBrowserLib.transfer.report import TransferReport
    from IDCBrowserLib.volume.pixels import Volume

MINIMUM_SLICER = (5, 12)


def _is_supported() -> bool:
    """Properties of qSlicerCoreApplication; older versions of Slicer have them as well."""
    return (int(slicer.app.majorVersion), int(slicer.app.minorVersion)) >= MINIMUM_SLICER


class IDCBrowser(ScriptedLoadableModule):
    """What Slicer shows in its list of modules."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("IDC Browser")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Informatics")]
        parent.dependencies = ["DICOM"]
        parent.contributors = ["The IDC Browser contributors"]
        parent.helpText = _(
            "Browse the NCI Imaging Data Commons, download cases from its public buckets, and see images with their DICOM SEG and RTSTRUCT "
            "as segmentations and labelmap volumes. Select collections, cases, studies or series in the central area, then press "
            '"Download and load". Manifests of the IDC portal (.s5cmd, .csv) open by drag and drop. F1 in the browser lists its keys.'
        )
        parent.acknowledgementText = _(
            "The Imaging Data Commons is funded by the National Cancer Institute, National Institutes of Health. "
            "Cite it as Fedorov et al., RadioGraphics 2023, doi:10.1148/rg.230180, and each collection by its own DOI, which the details show."
        )

    def setup(self) -> None:
        """Called by Slicer after the module was registered, before startup has completed."""
        if _is_supported():
            slicer.app.connect("startupCompleted()", self.onStartupCompleted)
            slicer.app.connect("urlReceived(QString)", self.onUrlReceived)

    def onStartupCompleted(self) -> None:
        """DICOM plugins, sample data and the page in the settings need modules that are loaded by now."""
        from IDCBrowserLib.host.slicer import drops, opening, quick_closing, sample_data
        from IDCBrowserLib.host.slicer.dicom import dicom_setting

        dicom_setting.apply()
        dicom_setting.add_settings_page()
        sample_data.register()
        drops.start()
        self._inbox = opening.watch_inbox()
        quick_closing.start()

    def onUrlReceived(self, url: str) -> None:
        """Of ``slicer://`` links only ``slicer://idc-browser/...`` are ours."""
        from IDCBrowserLib.host.slicer.opening import open_link

        open_link(str(url))


class IDCBrowserWidget(ScriptedLoadableModuleWidget):
    """The module panel and, in Slicer's central area, the browser."""

    def __init__(self, parent: QWidget | None = None) -> None:
        # Before the base class, which calls setup() when there is no parent.
        self._desktop: SlicerDesktop | None = None
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def setup(self) -> None:
        ScriptedLoadableModuleWidget.setup(self)
        from IDCBrowserLib.host.slicer.desktop import SlicerDesktop, why_not_this_slicer

        # Where slicer.util.getModuleLogic looks for it.
        self.logic = IDCBrowserLogic()
        reason = why_not_this_slicer(MINIMUM_SLICER)
        self._desktop = SlicerDesktop(self.layout, self.resourcePath("requirements.txt"), reason)

    def enter(self) -> None:
        if self._desktop is not None:
            self._desktop.enter()

    def exit(self) -> None:
        if self._desktop is not None:
            self._desktop.exit()

    def cleanup(self) -> None:
        """Called when the module is unloaded, which is when Slicer ends, and by a reload."""
        if self._desktop is not None:
            self._desktop.close()
            self._desktop = None

    def open_sources(self, sources: Sequence[str], fetch: bool = False) -> None:
        """Show what manifests or identifiers mean; the user downloads it there, unless a click asked to ``fetch`` it."""
        if self._desktop is not None:
            self._desktop.open_sources(sources, fetch)

    def show_problem(self, text: str) -> None:
        """Say that something from outside cannot be opened."""
        if self._desktop is not None:
            self._desktop.show_problem(text)

    def onReload(self) -> None:
        """Reload the library too, not only this file; then open as before."""
        import sys

        self.cleanup()
        for name in [name for name in sys.modules if name == "IDCBrowserLib" or name.startswith("IDCBrowserLib.")]:
            del sys.modules[name]
        ScriptedLoadableModuleWidget.onReload(self)
        if _is_supported():
            from IDCBrowserLib.host.slicer import drops
            from IDCBrowserLib.host.slicer.dicom import dicom_setting

            dicom_setting.apply()
            drops.start()
        slicer.util.getModuleWidget("IDCBrowser").enter()


class IDCBrowserLogic(ScriptedLoadableModuleLogic):
    """For scripts: what the panels do, without widgets. Each call runs in this process and returns when it is done.

    Errors are ``IDCBrowserLib.errors.IDCBrowserError`` with one sentence: what happened, to which series, what to do.
    """

    def find(
        self,
        *,
        filters: Mapping[str, Any] | None = None,
        license: str | Sequence[str] = "",
        limit: int | None = None,
        catalog_sources: Sequence[Path] = (),
        **columns: Any,
    ) -> Found:
        """Series by words or by columns of the index, as ``idc_browser.find`` takes them: an ``idc_browser.Found``. Downloads nothing.

        ::

            logic = slicer.util.getModuleLogic("IDCBrowser")
            found = logic.find(modality="CT", segment="Nodule", license="commercial", limit=3)
            logic.download(found)
            logic.load([series.series_uid for series in found])
        """
        import idc_browser

        return idc_browser.find(filters=filters, license=license, limit=limit, catalog_sources=catalog_sources, **columns)

    def plan(
        self, sources: str | Sequence[str], with_references: bool = False, *, catalog_sources: Sequence[str | Path] = (), task: Task | None = None
    ) -> Plan:
        """What ``sources`` (manifest files, identifiers of any level) mean: a ``selection.plan.Plan``. Downloads nothing.

        ::

            logic = slicer.util.getModuleLogic("IDCBrowser")
            plan = logic.plan("rider_pilot", with_references=True)
            print(len(plan.series), "series", plan.unresolved)
        """
        from IDCBrowserLib.host.slicer import scripting

        return scripting.plan(sources, with_references, catalog_sources, task)

    def download(
        self,
        wanted: Found | Plan | str | Sequence[str],
        folder: str | Path | None = None,
        to_database: bool = True,
        *,
        endpoint_url: str | None = None,
        task: Task | None = None,
    ) -> TransferReport:
        """Fetch and verify a plan (or what one can be made of), and link the files into Slicer's DICOM database: a ``TransferReport``.

        ::

            logic = slicer.util.getModuleLogic("IDCBrowser")
            report = logic.download(logic.plan("1.3.6.1.4.1.14519.5.2.1...."))
            print(report.to_json()["series"])
        """
        import idc_browser
        from IDCBrowserLib.host.slicer import scripting

        if isinstance(wanted, idc_browser.Found):
            wanted = wanted.plan
        return scripting.download(wanted, folder, to_database, endpoint_url, task)

    def load(self, series_uids: str | Sequence[str]) -> list[slicer.vtkMRMLNode]:
        """Put series of the DICOM database into the scene, SEG and RTSTRUCT with the images they were drawn on: a list of MRML nodes.

        ::

            logic = slicer.util.getModuleLogic("IDCBrowser")
            nodes = logic.load(["1.3.6.1.4.1.14519.5.2.1...."])
            slicer.util.setSliceViewerLayers(background=nodes[-1])
        """
        from IDCBrowserLib.host.slicer import scripting

        return scripting.load(series_uids)

    def volumes(self, series_uids: str | Sequence[str]) -> Iterator[Volume]:
        """Voxels of image series of the DICOM database, without nodes: ``volume.pixels.Volume``, several for a series of several grids or phases.

        ::

            for volume in slicer.util.getModuleLogic("IDCBrowser").volumes("1.3.6.1.4.1.14519.5.2.1...."):
                print(volume.voxels.shape, volume.geometry.spacing, volume.quantity)
        """
        from IDCBrowserLib.host.slicer import scripting

        return scripting.volumes(series_uids)

    def labelmap(self, file: str | Path, images: Sequence[str | Path] | None = None) -> Labelmap:
        """The voxels of a SEG or RTSTRUCT file: a ``labelmap.types.Labelmap``. ``images`` are files; by default those of the DICOM database.

        ::

            labelmap = slicer.util.getModuleLogic("IDCBrowser").labelmap("/path/to/seg.dcm")
            print(labelmap.geometry.shape, [segment.name for segment in labelmap.segments])
            print(labelmap.layers[0].max())
        """
        from IDCBrowserLib.host.slicer import scripting

        return scripting.labelmap(file, images)

    def labelmaps(self, file: str | Path, images: Sequence[str | Path] | None = None) -> list[Labelmap]:
        """Like ``labelmap``, for objects that lie on several grids or phases of their images: a list with a labelmap for each."""
        from IDCBrowserLib.host.slicer import scripting

        return scripting.labelmaps(file, images)


class IDCBrowserFileReader:
    """Opens manifests of the IDC portal and of NBIA with Add Data; those that are dropped go by ``host/slicer/drops.py``."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent

    def description(self) -> str:
        return _("IDC manifest")

    def fileType(self) -> str:
        return "IDCManifest"

    def extensions(self) -> list[str]:
        from IDCBrowserLib.host.links import MANIFEST_ENDINGS

        return [_("IDC manifest") + f" (*{ending})" for ending in MANIFEST_ENDINGS]

    def canLoadFileConfidence(self, filePath: str) -> float:
        """A float, as Base/QTCore/qSlicerScriptedFileReader.cxx insists."""
        from IDCBrowserLib.host.links import manifest_confidence

        return float(manifest_confidence(filePath))

    def load(self, properties: dict[str, str]) -> bool:
        """Show the plan in the browser; nothing is downloaded before the user says so. No nodes come of it, and that is no failure."""
        from IDCBrowserLib.host.slicer.opening import open_sources

        return bool(open_sources([properties["fileName"]]))


class IDCBrowserTest(ScriptedLoadableModuleTest):
    """What "Reload and Test" runs; the long stories are in Testing/Python."""

    def runTest(self) -> None:
        self.setUp()
        self.test_the_panel_can_be_made()
        self.test_what_is_no_manifest_is_left_to_other_readers()

    def test_the_panel_can_be_made(self) -> None:
        self.assertIsNotNone(slicer.modules.idcbrowser.widgetRepresentation())

    def test_what_is_no_manifest_is_left_to_other_readers(self) -> None:
        from IDCBrowserLib.host.links import manifest_confidence

        self.assertEqual(manifest_confidence(__file__), 0.0)
