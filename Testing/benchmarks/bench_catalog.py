"""Browsing: cold commands and all NLST cases against ``IDCClient``; then what a click costs, on parquet alone and with the cache.

Everything runs on the installed index. The commands run with an empty home, so without the cache. Of clicks it also says what they take of the
processor, which a busy machine changes less than the time that passes.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "IDCBrowser"))

from IDCBrowserLib.catalog.cache import cache  # noqa: E402
from IDCBrowserLib.catalog.catalog import Catalog  # noqa: E402
from IDCBrowserLib.catalog.files.sources import find_sources  # noqa: E402
from IDCBrowserLib.own_process import without_pandas  # noqa: E402
from IDCBrowserLib.selection.working_set import fill  # noqa: E402
from IDCBrowserLib.task import Task  # noqa: E402

PEER_COLLECTIONS = "from idc_index import IDCClient; IDCClient().get_collections()"
PEER_CASES = """
import time
from idc_index import IDCClient
client = IDCClient()
began = time.perf_counter()
client.get_patients("nlst")
print(time.perf_counter() - began)
"""
CLICKS = 200
LINES = 1_000_000
# Of the facet clicks, this part also has a range.
RANGES = 0.3
WORDS = ("lung", "lun", "breast mri", "lidc", "nlst", "ct abdomen", "prostate", "totalsegmentator", "brain", "10.7937", "axial t1", "glioma")


@dataclass(frozen=True)
class Run:
    """One process: seconds, those of the processor, peak memory, what it printed."""

    seconds: float
    of_processor: float
    megabytes: float
    output: str


def run(arguments: list[str], home: Path) -> Run:
    """Run a command of this Python to its end; it has to succeed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "IDCBrowser"), "IDC_BROWSER_HOME": str(home)}
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3), output)


def best(count: int, measure: Callable[[], Run]) -> Run:
    """The fastest of some runs."""
    return min((measure() for _ in range(count)), key=lambda result: result.seconds)


def against_the_peer(home: Path) -> float:
    """The ratios of the promise; returns the peer's seconds for all NLST cases."""
    command = ["-m", "IDCBrowserLib.cli.main"]
    ours = best(3, lambda: run([*command, "list", "collections", "--json"], home))
    peer = run(["-c", PEER_COLLECTIONS], home)
    show("list collections, cold process", ours.seconds, peer.seconds, 8)
    print(f"   peak memory {ours.megabytes:.0f} MB (limit 400), IDCClient {peer.megabytes:.0f} MB")
    peer_cases = float(run(["-c", PEER_CASES], home).output)
    with Catalog(cache_folder=home / "none") as catalog:
        show("26,410 NLST cases in process, parquet alone", seconds_of(lambda: all_cases(catalog), 3), peer_cases, 25)
    ours = best(3, lambda: run([*command, "list", "cases", "--collection", "nlst", "--json"], home))
    show("list cases of NLST, cold process", ours.seconds, peer_cases, 5)
    return peer_cases


def all_cases(catalog: Catalog) -> int:
    """Open the view of NLST's cases and read all its rows."""
    view = catalog.open_view("cases", [{"level": "collections", "ids": ["nlst"]}])
    rows = sum(len(catalog.page(view["view"], offset, 10_000)) for offset in range(0, view["total"], 10_000))
    catalog.close_view(view["view"])
    return rows


@dataclass(frozen=True)
class Wanted:
    """The milliseconds that 95 of 100 interactions may take."""

    down: float
    facets: float
    search: float
    part_of_uid: float


BEFORE = Wanted(down=150, facets=200, search=50, part_of_uid=50)
WITH_CACHE = Wanted(down=30, facets=90, search=50, part_of_uid=50)


def clicks(catalog: Catalog, wanted: Wanted) -> None:
    """Milliseconds (median, p95) of random interactions, and of the first of each kind."""
    chance = random.Random(6)
    show_first("first collections", lambda: catalog.open_view("collections"))
    show_first("first facets and totals", lambda: (catalog.facets(), catalog.totals()))
    show_first("first search", lambda: catalog.search("warm"))
    cases = catalog.open_view("cases")
    series = catalog.list_rows("series", [{"level": "collections", "ids": ["lidc_idri"]}], limit=500)[0]
    facets = catalog.facets()

    def down() -> None:
        row = chance.randrange(cases["total"])
        studies = catalog.open_view("studies", [{"view": cases["view"], "ranges": [[row, row]]}])
        below = catalog.open_view("series", [{"view": studies["view"], "ranges": [[0, 0]]}])
        catalog.close_view(studies["view"])
        catalog.close_view(below["view"])

    def facet_click() -> None:
        chosen = chance.sample(list(facets), 2)
        filters: dict[str, Any] = {name: [value for value, _ in chance.sample(facets[name], min(2, len(facets[name])))] for name in chosen}
        if chance.random() < RANGES:
            filters |= chance.choice(({"age_years": {"min": 40, "max": 60}}, {"size_bytes": {"max": 1e8}}, {"year": {"min": 2005}}))
        catalog.facets(filters)
        catalog.totals(filters)

    def search() -> None:
        row = chance.choice(series)
        uid = row["SeriesInstanceUID"]
        texts = (*WORDS, row["PatientID"], row["StudyInstanceUID"][-14:], uid, uid[:-9], uid[20:34], uid[-12:], row["crdc_series_uuid"][:9])
        catalog.search(chance.choice(texts))

    def part_of_uid() -> None:
        uid = chance.choice(series)["SeriesInstanceUID"]
        catalog.search(chance.choice((uid[-8:], uid[30:38])))

    show_first("first case -> studies -> series", down)
    show_clicks("case -> studies -> series", down, wanted.down)
    show_clicks("facet click, counts, totals", facet_click, wanted.facets)
    show_clicks("search", search, wanted.search)
    show_clicks("search for 8 digits of a UID", part_of_uid, wanted.part_of_uid)
    everything = {"view": cases["view"], "ranges": [[0, cases["total"] - 1]]}
    print(f"   all {cases['total']:,} cases selected: summary {seconds_of(lambda: catalog.summary([everything]), 3) * 1e3:.0f} ms")
    print(f"   26,410 NLST cases as rows: {seconds_of(lambda: all_cases(catalog), 3) * 1e3:.0f} ms")
    uuids = [row["crdc_series_uuid"] for row in catalog.series_rows({"level": "collections", "ids": ["nlst"]}, ("crdc_series_uuid",))][:200_000]
    print(f"   {len(uuids):,} uuids identified: {seconds_of(lambda: catalog.identify_many(uuids), 1):.2f} s")


def working_set(catalog: Catalog, folder: Path) -> None:
    """A manifest of a million lines, and what the tables of it cost."""
    everything = {"level": "collections", "ids": catalog.collection_ids()}
    rows = catalog.series_rows(everything, ("aws_bucket", "crdc_series_uuid"))[:LINES]
    manifest = folder / "million.s5cmd"
    manifest.write_text("".join(f"cp s3://{row['aws_bucket']}/{row['crdc_series_uuid']}/* .\n" for row in rows))
    began = time.perf_counter()
    made = fill(catalog, [str(manifest)], Task())
    print(f"   {made.series:,} lines as a working set: {time.perf_counter() - began:.1f} s")
    filters: dict[str, Any] = {"working_set": [made.number]}
    collections = catalog.open_view("collections", filters=filters)
    chance = random.Random(7)

    def down() -> None:
        row = chance.randrange(collections["total"])
        catalog.close_view(catalog.open_view("cases", [{"view": collections["view"], "ranges": [[row, row]]}], filters=filters)["view"])

    print(f"   its collections: {seconds_of(lambda: catalog.open_view('collections', filters=filters), 3) * 1e3:.0f} ms")
    print(f"   its counts: {seconds_of(lambda: catalog.facets(filters), 3) * 1e3:.0f} ms")
    show_clicks("collection -> cases in it", down, 100)


def seconds_of(work: Callable[[], Any], count: int) -> float:
    """Seconds of the fastest of ``count`` calls."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def show(name: str, ours: float, peer: float, wanted: int) -> None:
    """One line of the table."""
    verdict = "ok" if ours * wanted <= peer else "MISSED"
    print(f"{name:<46}{ours:8.3f} s   IDCClient {peer:7.2f} s   1/{peer / ours:.1f} (wanted 1/{wanted})  {verdict}", flush=True)


def show_first(name: str, click: Callable[[], Any]) -> None:
    """One line of the table."""
    began, of_processor = time.perf_counter(), time.process_time()
    click()
    passed, taken = time.perf_counter() - began, time.process_time() - of_processor
    print(f"   {name:<32} {passed * 1e3:6.0f} ms, {taken * 1e3:.0f} of the processor", flush=True)


def show_clicks(name: str, click: Callable[[], None], limit_ms: float) -> None:
    """One line of the table."""
    times, taken = [], []
    for _ in range(CLICKS):
        began, of_processor = time.perf_counter(), time.process_time()
        click()
        times.append((time.perf_counter() - began) * 1e3)
        taken.append((time.process_time() - of_processor) * 1e3)
    times.sort()
    taken.sort()
    place = int(CLICKS * 0.95)
    verdict = "ok" if times[place] <= limit_ms else "over"
    print(
        f"   {name:<32} median {times[CLICKS // 2]:6.1f} ms   p95 {times[place]:6.1f} ms (wanted {limit_ms:.0f})  {verdict}   "
        f"of the processor {taken[CLICKS // 2]:.1f} and {taken[place]:.1f} ms",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    # As in our programs.
    with without_pandas(), tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        peer_cases = against_the_peer(home)
        print("\non parquet alone:")
        with Catalog(cache_folder=home / "none") as catalog:
            clicks(catalog, BEFORE)
        made = run(["-m", "IDCBrowserLib.catalog.cache.cache_making", str(home / "made")], home)
        size = sum(part.stat().st_size for part in cache.parts(cache.cache_file(find_sources(), home / "made")))
        print(
            f"\nwith the cache (made in {made.seconds:.1f} s, {made.of_processor:.1f} s of the processor, "
            f"{made.megabytes:.0f} MB of memory; {size / 1e6:.0f} MB):"
        )
        with Catalog(cache_folder=home / "made") as catalog:
            # What an engine that is up has from its first half minute on.
            show("26,410 NLST cases in process, with the cache", seconds_of(lambda: all_cases(catalog), 3), peer_cases, 25)
            clicks(catalog, WITH_CACHE)
            working_set(catalog, home)


if __name__ == "__main__":
    main()
