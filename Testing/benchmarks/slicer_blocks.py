"""Which turns of Slicer's event loop take long while much is loaded and shown at once, and where the main thread is in them.

    Slicer --no-splash --testing --additional-module-paths IDCBrowser --python-script Testing/benchmarks/slicer_blocks.py

Prints turns that took more than ``IDC_BROWSER_BLOCKS`` (0.25) seconds of the processor: their seconds by the clock, of the processor in the main
thread and in all threads, and the frames of Python in them. "Slicer" stands for turns in which no function of Python ran.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import slicer
from DICOMLib import DICOMUtils

TESTING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTING / "Python"), str(TESTING)]

MANY, SEGMENTS, SLICES, SIZE = 20, 60, 300, 256


class Watched:
    """Takes turns until something is so, and tells the long ones."""

    def __init__(self, limit):
        self._limit = limit

    def until(self, what, condition, seconds=300.0):
        from turns import Turns

        turns, end = Turns(self._limit), time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                print(f"{what}: waited in vain")
                break
            turns.take()
        print(f"{what}: {len(turns.blocks)} blocks, the longest turn took {turns.longest:.2f} s by the clock", flush=True)
        for line in turns.told():
            print(f"    {line}", flush=True)

    def rest(self, what, seconds=3.0):
        end = time.monotonic() + seconds
        self.until(what, lambda: time.monotonic() > end)


def requests_of(uids, modality):
    from IDCBrowserLib.host_interface import LoadRequest

    return [LoadRequest(uid, modality=modality) for uid in uids]


def load(watched, desktop, what, requests):
    results = []
    desktop._host.loader.load(requests, results.extend, lambda _progress: None)
    watched.until(what, lambda: results)
    print("    problems:", [result.error for result in results if result.error])
    watched.rest(f"{what}, seen")


def main():
    import made_series
    from temporary_database import TemporaryDatabase

    from IDCBrowserLib.demo import images, phantom

    watched = Watched(float(os.environ.get("IDC_BROWSER_BLOCKS", "0.25")))
    with tempfile.TemporaryDirectory() as folder, TemporaryDatabase(os.path.join(folder, "database")):
        phantom.write(os.path.join(folder, "phantom"))
        readers = made_series.segmentations(os.path.join(folder, "readers"), images.CT, MANY)
        many = made_series.many_segments(os.path.join(folder, "many"), SEGMENTS, SLICES, SIZE)
        DICOMUtils.importDicom(folder)
        slicer.util.mainWindow().resize(1600, 1000)
        slicer.util.selectModule("IDCBrowser")
        desktop = slicer.util.getModuleWidget("IDCBrowser")._desktop
        watched.until("the catalog", lambda: desktop.browser.tables.state("collections").total > 100)
        load(watched, desktop, f"{MANY} segmentations", requests_of(readers, "SEG"))
        segments = desktop.segments.work.segments
        watched.until("their volumes", lambda: len(segments.state.all_sources) == MANY and not segments.state.measuring)
        first = segments.state.all_sources[0]
        segments.show_only([(first.node_id, first.segments[0].segment_id)])
        watched.rest("one segment alone")
        segments.show_all(True)
        watched.rest("all of them again")
        show_3d = desktop.segments.show_3d
        show_3d.show.click()
        watched.until(f"surfaces of {MANY} segmentations", lambda: not show_3d.maker.is_running)
        watched.rest("surfaces, seen")
        show_3d.hide.click()
        watched.rest("surfaces, hidden")
        slicer.mrmlScene.Clear(0)
        watched.rest("an empty scene")
        load(watched, desktop, f"{SEGMENTS} segments", requests_of([many.drawn_uid], "SEG"))
        show_3d.show.click()
        watched.until(f"surfaces of {SEGMENTS} segments", lambda: not show_3d.maker.is_running, 600)
        watched.rest("surfaces, seen")
        slicer.mrmlScene.Clear(0)
        watched.rest("an empty scene")


main()
slicer.util.exit(0)
