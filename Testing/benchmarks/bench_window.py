"""The window with the real catalog and engine: what a click costs until everything it changes is in sight, and how long the window stands still.

Each is set against the same question put to pandas over the same index, and the first window against ``IDCClient()``. 200 random interactions of
each kind, with the cache that a program in use has.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "IDCBrowser"))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

CLICKS = 200
SLICE_MS = 16.0
WORDS = ("lung", "lun", "breast mri", "lidc", "nlst", "ct abdomen", "prostate", "totalsegmentator", "brain", "10.7937", "axial t1", "glioma")
FACETS = ("Modality", "BodyPartExamined", "collection_id", "license_short_name", "Manufacturer", "PatientSex", "study_modality")
PEER = """
import time
began = time.perf_counter()
from idc_index import IDCClient
client = IDCClient()
print(time.perf_counter() - began)
"""


class Pandas:
    """The same questions, as somebody with a notebook puts them."""

    def __init__(self) -> None:
        import pandas as pd

        from IDCBrowserLib.catalog.files.sources import find_sources

        columns = [name for name in FACETS if name != "study_modality"]
        columns += ["PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SeriesDescription", "StudyDescription", "series_size_MB", "StudyDate"]
        self.index = pd.read_parquet(find_sources().series[0], columns=columns)

    def facets(self, column: str, values: list[Any]) -> None:
        rows = (
            self.index[self.index[column].isin(values)]
            if column != "study_modality"
            else self.index[self.index["StudyInstanceUID"].isin(self.index[self.index["Modality"].isin(values)]["StudyInstanceUID"])]
        )
        for name in FACETS[:-1]:
            rows[name].value_counts(dropna=False)
        rows["StudyInstanceUID"].nunique(), rows["PatientID"].nunique(), rows["series_size_MB"].sum()

    def search(self, text: str) -> None:
        for name in ("collection_id", "PatientID", "SeriesDescription", "StudyDescription"):
            self.index[self.index[name].str.contains(text, case=False, regex=False, na=False)][name].unique()

    def down(self, case: str) -> None:
        rows = self.index[self.index["PatientID"] == case]
        studies = rows.groupby("StudyInstanceUID").agg({"SeriesInstanceUID": "count", "series_size_MB": "sum"})
        self.index[self.index["StudyInstanceUID"] == studies.index[0]].sort_values("SeriesInstanceUID")


class Window:
    """The real window; ``until`` turns Qt's loop and notes how long each turn took."""

    def __init__(self, settings: Path) -> None:
        from IDCBrowserLib.host.standalone.window import WindowConfig, make_window
        from IDCBrowserLib.qtbinding import QtWidgets

        self.application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["bench"])
        self.slices: list[float] = []
        self.began = time.perf_counter()
        self.window = make_window(WindowConfig(settings_file=str(settings)))
        self.window.window.resize(1280, 900)
        self.window.show()
        self.browser = self.window.browser

    def until(self, condition: Callable[[], Any], seconds: float = 120.0) -> None:
        end = time.perf_counter() + seconds
        while not condition():
            began = time.perf_counter()
            if began > end:
                raise SystemExit("waited in vain")
            self.application.processEvents()
            self.slices.append((time.perf_counter() - began) * 1e3)
            time.sleep(0.0005)

    def settled(self) -> bool:
        return self.window.engine.client.pending == 0

    def clicks(self, name: str, act: Callable[[], None], limit_ms: float, peer: Callable[[], None] | None) -> None:
        """One line: median and p95 of ``CLICKS`` calls of ``act``, the longest turns of the loop meanwhile, and the peer's median."""
        act()
        self.until(self.settled)
        self.slices, times = [], []
        for _ in range(CLICKS):
            began = time.perf_counter()
            act()
            times.append((time.perf_counter() - began) * 1e3)
            self.until(self.settled)
        times.sort()
        slices = sorted(self.slices)
        p95, p99 = times[int(len(times) * 0.95)], slices[int(len(slices) * 0.99)]
        verdict = "ok" if p95 <= limit_ms else "over"
        print(f"   {name:<26} median {times[len(times) // 2]:6.1f} ms   p95 {p95:6.1f} ms (wanted {limit_ms:.0f})  {verdict}", flush=True)
        print(f"   {'':<26} the window stands still: p99 {p99:.1f} ms, longest {slices[-1]:.1f} ms (wanted {SLICE_MS:.0f})", flush=True)
        if peer is not None:
            seconds = sorted(timed(peer) for _ in range(5))[2]
            print(f"   {'':<26} pandas: {seconds * 1e3:.0f} ms, {seconds * 1e3 / times[len(times) // 2]:.1f} times as long", flush=True)


def timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def megabytes(pid: int) -> float:
    """Of a process and its children."""
    import psutil

    process = psutil.Process(pid)
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 1e6


def measure(window: Window, filled: float) -> None:
    """All interactions."""
    browser, chance = window.browser, random.Random(6)
    print(f"   first window with collections: {filled:.2f} s", flush=True)
    window.until(lambda: window.window.scene is not None and window.settled())
    print(f"   memory of the program and its engine, views up: {megabytes(os.getpid()):.0f} MB (wanted 600)", flush=True)
    pandas = Pandas()
    window.panel_open()
    counts = browser.filters.state.counts
    asked: list[tuple[str, list[Any]]] = []

    def facet_click() -> None:
        column = chance.choice(FACETS)
        value = chance.choice([pair[0] for pair in counts[column][:20]])
        if len(browser.filters.state.chosen) > 2:
            browser.filters.reset()
        else:
            asked.append((column, [value]))
            browser.filters.toggle(column, value)
        window.until(lambda: browser.filters.state.totals)

    def keystroke() -> None:
        row = chance.choice(series)
        uid = row["SeriesInstanceUID"]
        browser.search.look_for(chance.choice((*WORDS, row["PatientID"], row["StudyInstanceUID"][-14:], uid, uid[:-9], uid[20:34])))
        window.until(lambda: browser.search.state.done is not None)

    def down() -> None:
        tables = browser.tables
        tables.select("cases", ((chance.randrange(min(200, tables.state("cases").total)),) * 2,))
        window.until(lambda: tables.state("studies").phase.value == "ready" and tables.state("studies").total)
        tables.select("studies", ((0, 0),))
        window.until(lambda: tables.state("series").phase.value == "ready" and tables.state("series").total)

    window.clicks("facet click to all counts", facet_click, 120, lambda: pandas.facets(*chance.choice(asked)))
    browser.filters.reset()
    browser.filters.watch(False)
    window.until(window.settled)
    series = some_series()
    window.clicks("keystroke to results", keystroke, 80, lambda: pandas.search(chance.choice(WORDS)))
    browser.search.clear()
    browser.tables.reveal({"collections": ["lidc_idri"]})
    window.until(lambda: browser.tables.state("cases").total > 200 and window.settled())
    window.clicks("case -> studies -> series", down, 30, lambda: pandas.down(chance.choice(series)["PatientID"]))


def some_series() -> list[dict[str, Any]]:
    from IDCBrowserLib.catalog.catalog import Catalog

    with Catalog() as catalog:
        return catalog.list_rows("series", [{"level": "collections", "ids": ["lidc_idri"]}], limit=500)[0]


def open_filters(window: Window) -> None:
    window.browser.filters.watch(True)
    window.window.panel.filters.area.show()
    window.until(lambda: window.browser.filters.state.totals)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IDC_BROWSER_HOME"] = folder
        cache = Path(folder) / "cache" / "catalog"
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "IDCBrowser")}
        os.environ["PYTHONPATH"] = environment["PYTHONPATH"]
        seconds = timed(
            lambda: subprocess.run([sys.executable, "-m", "IDCBrowserLib.catalog.cache.cache_making", str(cache)], check=True, env=environment)
        )
        print(f"   the cache is made in {seconds:.1f} s (wanted 20, in the background)", flush=True)
        client = float(subprocess.run([sys.executable, "-c", PEER], check=True, capture_output=True, text=True).stdout)
        window = Window(Path(folder) / "settings.ini")
        window.until(lambda: window.browser.tables.state("collections").total > 100)
        filled = time.perf_counter() - window.began
        verdict = "ok" if filled * 4 <= client else "MISSED"
        print(f"   IDCClient() takes {client:.2f} s; 1/{client / filled:.1f} (wanted 1/4)  {verdict}", flush=True)
        window.panel_open = lambda: open_filters(window)  # type: ignore[attr-defined]
        measure(window, filled)
        window.window.close()


if __name__ == "__main__":
    main()
