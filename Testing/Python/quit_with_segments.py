"""Imported by a Slicer of its own (``IDCBrowserFiguresTest``): makes sixty segments, and quits. ``IDC_BROWSER_QUIT`` is "own", "plain" or "none"."""

import os
import time

import qt
import sixty_segments
import slicer

what = os.environ["IDC_BROWSER_QUIT"]
if what != "none":
    sixty_segments.add(what == "own", 512)


def leave():
    print(f"QUITS {time.process_time()}", flush=True)
    slicer.util.exit(0)


# When Slicer has started as a whole.
qt.QTimer.singleShot(3000, leave)
