"""Inside Slicer: a SEG of 60 segments on 300 slices of 512 x 512 (149 MB) by this project and by Slicer's own plugin, in the same run.

Make the files once, with the project's Python; then run this file in Slicer (its Python needs the packages of Resources/requirements.txt)::

    .venv/bin/python Testing/benchmarks/slicer_seg.py FOLDER
    Slicer --additional-module-paths IDCBrowser --python-script Testing/benchmarks/slicer_seg.py FOLDER

Ours is what "Load" does in the panel: segmentation and labelmap volume on the grid of the CT, the window alive meanwhile. Theirs is a click in the
DICOM module: segmentation with its closed surface.
"""

import sys
import tempfile
import time
from pathlib import Path


def make_files(folder: Path) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks import bench_seg
    from helpers import seg_files

    images = seg_files.images(bench_seg.SLICES, bench_seg.SIZE, bench_seg.SIZE, step=1.5, spacing=(0.8, 0.8))
    for number, image in enumerate(images):
        seg_files.save(image, folder / "ct" / f"{number:03}.dcm")
    seg_files.save(seg_files.seg(images, bench_seg.label_array(), kind="BINARY"), folder / "seg" / "seg.dcm")


def wait_for(condition):
    """Let the event loop run; gives the longest turn in seconds."""
    import slicer

    longest = 0.0
    while not condition():
        begin = time.monotonic()
        slicer.app.processEvents()
        longest = max(longest, time.monotonic() - begin)
        time.sleep(0.002)
    return longest


def ours(host, series_uid, image_uid):
    """Seconds, and the longest turn of the event loop."""
    from IDCBrowserLib.host_interface import LoadRequest

    results = []
    begin = time.monotonic()
    host.loader.load([LoadRequest(series_uid, modality="SEG")], results.extend, lambda _progress: None)
    longest = wait_for(lambda: results)
    seconds = time.monotonic() - begin
    assert not results[0].error, results[0].error
    assert len(results) == 1, f"the image {image_uid} was in the scene already"
    return seconds, longest


def theirs(series_uid):
    import slicer
    from DICOMLib import DICOMUtils

    files = slicer.dicomDatabase.filesForSeries(series_uid)
    begin = time.monotonic()
    loadables, _ = DICOMUtils.getLoadablesFromFileLists([list(files)], ["DICOMSegmentationPlugin"], [], None)
    DICOMUtils.selectHighestConfidenceLoadables(loadables)
    made = DICOMUtils.loadLoadables(loadables, [], None)
    seconds = time.monotonic() - begin
    assert made, "Slicer's own plugin loaded nothing"
    return seconds


def measure(folder: Path) -> None:
    import slicer
    from DICOMLib import DICOMUtils

    slicer.util.selectModule("IDCBrowser")
    desktop = slicer.util.getModuleWidget("IDCBrowser")._desktop
    wait_for(lambda: desktop.browser.tables.state("collections").total > 0)
    slicer.util.selectModule("Data")
    with tempfile.TemporaryDirectory() as place, DICOMUtils.TemporaryDICOMDatabase(place) as database:
        DICOMUtils.importDicom(str(folder))
        series = {database.fieldForSeries("Modality", uid): uid for uid in DICOMUtils.allSeriesUIDsInDatabase(database)}
        DICOMUtils.loadSeriesByUID([series["CT"]])
        image = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")[0]
        image.SetAttribute("IDCBrowser.SeriesInstanceUID", series["CT"])
        own, longest = ours(desktop._host, series["SEG"], series["CT"])
        for name in ("vtkMRMLSegmentationNode", "vtkMRMLLabelMapVolumeNode"):
            for node in slicer.util.getNodesByClass(name):
                slicer.mrmlScene.RemoveNode(node)
        other = theirs(series["SEG"])
    print(f"SEG of 60 segments on 300 slices: ours {own:.2f} s, longest turn of the event loop {longest:.2f} s;", flush=True)
    print(f"  Slicer's own plugin {other:.2f} s; ratio 1/{other / own:.1f} (target 1/8)", flush=True)


def main() -> None:
    folder = Path(sys.argv[1])
    if "slicer" not in sys.modules:
        make_files(folder)
        return
    import qt
    import slicer

    def run() -> None:
        try:
            measure(folder)
        finally:
            slicer.util.exit(0)

    qt.QTimer.singleShot(2000, run)


main()
