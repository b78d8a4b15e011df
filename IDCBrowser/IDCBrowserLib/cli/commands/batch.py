"""``idc-browser batch``: many series to labelmap volumes and volumes of segments, with a ledger that survives what happens."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.cli.catalog_options import number, open_catalog
from IDCBrowserLib.cli.commands import batch_folder, download
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import IncompleteError, InputError, NotFoundError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.wording import human_count, human_size, human_time, human_time_left

if TYPE_CHECKING:
    from IDCBrowserLib.batch.item import Item
    from IDCBrowserLib.batch.ledger import Ledger
    from IDCBrowserLib.batch.pool import Pool
    from IDCBrowserLib.batch.settings import Settings
    from IDCBrowserLib.batch.sources import Shard
    from IDCBrowserLib.batch.steps import Wanted
    from IDCBrowserLib.selection.plan import Unresolved
    from IDCBrowserLib.transfer.folders.template import Template

_TELL_EVERY_S = 60.0
_STEPS = (
    "images (volumes in HU, SUV or Gy), labelmaps, volumes (mm3 of each segment), measurements (of structured reports), "
    "compare (segmentations of one image), summary (counts of the whole batch)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE... --to DIR --steps STEP,..., or status, retry, merge with a folder."""
    planning.add_sources(parser)
    parser.add_argument("--to", type=Path, metavar="DIR", help="folder of the batch; the same folder again continues it")
    parser.add_argument("--steps", default="", metavar="STEP,...", help=f"what is made: {_STEPS}")
    parser.add_argument(
        "--format", choices=(".nii.gz", ".nrrd", ".seg.nrrd"), default=".nii.gz", help="of image and labelmap volumes (default: .nii.gz)"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="items worked on at the same time (default: one per processor)")
    parser.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="work on a Dask cluster: tcp://HOST:8786, slurm (--jobs workers), or local:N"
    )
    parser.add_argument("--shard", default="", metavar="I/N", help="only every N-th case, from the I-th on: to divide a batch among computers")
    parser.add_argument("--scratch", type=number, metavar="GB", help="disk space for DICOM files that are not kept (default: no limit)")
    parser.add_argument(
        "--keep",
        choices=("all", "annotations", "none"),
        default="all",
        help="which of the downloaded DICOM files stay, in dicom below DIR (default: all)",
    )
    parser.add_argument(
        "--layout", default="", metavar="TEMPLATE", help="folders and names below DIR, as %%collection_id/%%PatientID/%%SeriesInstanceUID"
    )
    parser.add_argument("--minutes", type=number, default=60.0, metavar="N", help="longest time for an item; 0 for no limit (default: 60)")
    parser.add_argument("--memory", type=number, default=0.0, metavar="GB", help="most memory for an item (default: its share of this computer's)")
    parser.add_argument("--dry-run", action="store_true", help="only say how many items and bytes it would be")
    parser.add_argument("--out", type=Path, metavar="FILE", help="of merge: .parquet or .csv")
    download.add_endpoints(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Run a batch, or look after one that is there."""
    verb, rest = arguments.sources[0], arguments.sources[1:]
    if verb in batch_folder.VERBS and len(rest) == 1 and not arguments.to and not os.path.exists(verb):
        if verb == "retry":
            return _retry(arguments, Path(rest[0]), task)
        return batch_folder.run(verb, Path(rest[0]), arguments.out, task)
    if arguments.to is None or not arguments.steps:
        raise InputError("Give what to work on, the folder and the steps: idc-browser batch SOURCE... --to DIR --steps labelmaps,volumes")
    return _Run(arguments, task).run()


class _Run:
    """From the command line to a driver."""

    def __init__(self, arguments: argparse.Namespace, task: Task) -> None:
        from IDCBrowserLib.batch.settings import Settings
        from IDCBrowserLib.batch.sources import Shard
        from IDCBrowserLib.batch.steps import parse_steps
        from IDCBrowserLib.transfer.folders.template import Template

        self._arguments, self._task = arguments, task
        self._template: Template | None = Template.parse(arguments.layout) if arguments.layout else None
        self._shard: Shard = Shard(arguments.shard)
        self._wanted: Wanted = parse_steps(arguments.steps, arguments.format)
        transfer = replace(download.endpoint_options(arguments), layout=arguments.layout, jobs=max(8, 64 // _jobs(arguments)))
        folder = arguments.to.expanduser().absolute()
        self._settings = Settings(folder, self._wanted, arguments.keep, transfer.checked(), tuple(arguments.catalog_source))
        self._unresolved: list[Unresolved] = []

    def run(self) -> Outcome:
        """Plan, run, tell."""
        from IDCBrowserLib.batch.ledger import Ledger, ledger_path

        arguments = self._arguments
        if arguments.dry_run:
            return self._dry_run()
        with Ledger(ledger_path(self._settings.folder, self._shard.text)) as ledger:
            ledger.plan(self._items(), self._wanted)
            ledger.keep("settings", self._settings.to_json())
            for item in self._unresolved:
                say(f"{item.source}{f', line {item.line}' if item.line is not None else ''}: {item.reason}")
            return _drive(ledger, self._settings, arguments, self._task, self._unresolved)

    def _items(self) -> Iterable[Item]:
        from IDCBrowserLib.batch.sources import is_folder

        folders = [source for source in self._arguments.sources if is_folder(source)]
        others = [source for source in self._arguments.sources if not is_folder(source)]
        if folders:
            yield from self._local_items(folders)
        if others:
            yield from self._planned_items(others)

    def _local_items(self, folders: list[str]) -> Iterable[Item]:
        from IDCBrowserLib.batch.item import group
        from IDCBrowserLib.batch.local_files import LocalSeries, cases_of
        from IDCBrowserLib.batch.sources import place_of

        found = LocalSeries(folders, self._task)
        self._unresolved += found.unresolved
        series = [one for one in found.all(place_of(self._template)) if self._shard.has(one.planned)]
        if self._template is not None:
            self._template.check_apart(one.planned for one in series)
        if not series:
            if self._shard.count == 1:
                raise NotFoundError(f"There are no DICOM files in {', '.join(folders)}. Check the folder.")
            return
        cases, references = cases_of(series)
        for case in cases:
            yield from (item for item in group(case, references) if item.outputs(self._wanted))

    def _planned_items(self, sources: list[str]) -> Iterable[Item]:
        from IDCBrowserLib.batch.sources import items_of, planned_series

        arguments = argparse.Namespace(**{**vars(self._arguments), "sources": sources})
        plan = planning.make_plan(arguments, self._task, arguments.with_references)
        self._unresolved += plan.unresolved
        with open_catalog(arguments) as catalog:
            yield from items_of(planned_series(plan, self._shard, self._template), self._wanted, catalog.references_of)

    def _dry_run(self) -> Outcome:
        from IDCBrowserLib.batch.ledger import Ledger, ledger_path

        items = [(item.size_bytes, len(item.series)) for item in self._items()]
        path, pace = ledger_path(self._settings.folder, self._shard.text), (0.0, 0)
        if path.is_file():
            with Ledger(path, writing=False) as ledger:
                pace = ledger.pace()
        total = sum(size for size, _ in items)
        seconds = pace[0] / pace[1] * len(items) / _jobs(self._arguments) if pace[1] else None
        document = {
            "items": len(items),
            "series": sum(count for _, count in items),
            "total_bytes": total,
            "largest_item_bytes": max((size for size, _ in items), default=0),
            "seconds": seconds,
            "steps": list(self._wanted.steps),
            "unresolved": [item.to_json() for item in self._unresolved],
        }
        time_text = f", about {human_time(seconds)}, as fast as before" if seconds else "; how long it takes is known once some are done"
        text = f"{human_count(len(items), 'item', 'items')}, at most {human_size(total)} to download{time_text}"
        return Outcome(document, text, _exit_code(len(items), 0, self._unresolved))


def _retry(arguments: argparse.Namespace, folder: Path, task: Task) -> Outcome:
    """Every ledger of the folder once more, with the settings of then."""
    from IDCBrowserLib.batch.ledger import Ledger, ledger_files
    from IDCBrowserLib.batch.settings import Settings

    outcomes = []
    for path in ledger_files(folder):
        with Ledger(path) as ledger:
            saved: Settings | None = ledger.about("settings", None, Settings.from_json)
            if saved is None:
                raise InputError(f"The batch in {folder} was never started. Start it with idc-browser batch SOURCE... --to DIR.")
            settings = replace(saved, folder=folder.expanduser().absolute())
            ledger.retry()
            outcomes.append(_drive(ledger, settings, arguments, task, []))
    if len(outcomes) == 1:
        return outcomes[0]
    document = {"batches": [outcome.document for outcome in outcomes]}
    return Outcome(document, "\n".join(str(outcome.text) for outcome in outcomes), max(outcome.exit_code for outcome in outcomes))


def _drive(ledger: Ledger, settings: Settings, arguments: argparse.Namespace, task: Task, unresolved: list[Unresolved]) -> Outcome:
    from IDCBrowserLib.batch.driver import Driver

    begin, before = time.monotonic(), ledger.counts()["done"]
    scratch = None if arguments.scratch is None or settings.keep == "all" else round(arguments.scratch * 1e9)
    if scratch is not None and scratch <= 0:
        raise InputError("--scratch must be more than 0 GB.")
    if arguments.cluster:
        settings = replace(settings, cluster=True)
    Driver(ledger, settings, _pool(settings, arguments), _telling(task), scratch).run()
    document = batch_folder.told([ledger])
    document.update(
        directory=str(settings.folder),
        already_done=before,
        seconds=round(time.monotonic() - begin, 3),
        unresolved=[item.to_json() for item in unresolved],
    )
    if settings.wanted.summary:
        document["summary"] = batch_folder.write_summary(settings.folder)
    return Outcome(document, batch_folder.describe(document), _exit_code(document["items"], document["failed"], unresolved))


def _exit_code(items: int, failed: int, unresolved: list[Unresolved]) -> int:
    if failed:
        return IncompleteError.exit_code
    if not unresolved:
        return 0
    if items:
        return IncompleteError.exit_code
    return 2 if all(item.refused for item in unresolved) else 3


def _jobs(arguments: argparse.Namespace) -> int:
    jobs = arguments.jobs if arguments.jobs is not None else os.cpu_count() or 1
    if not 1 <= jobs <= 1024:
        raise InputError(f"--jobs {jobs} is not possible; use a number from 1 to 1024.")
    return int(jobs)


def _pool(settings: Settings, arguments: argparse.Namespace) -> Pool:
    from IDCBrowserLib.batch.pool import Limits, LocalPool

    jobs = _jobs(arguments)
    if arguments.minutes < 0 or arguments.memory < 0:
        raise InputError("--minutes and --memory must be 0 or more.")
    memory = round(arguments.memory * 1e9)
    if arguments.cluster:
        from IDCBrowserLib.batch.cluster import ClusterPool

        return ClusterPool(settings, arguments.cluster, arguments.jobs, Limits(arguments.minutes * 60, memory))
    memory = memory or _share_of_memory(jobs)
    return LocalPool(settings, jobs, Limits(arguments.minutes * 60, memory))


def _share_of_memory(jobs: int) -> int:
    import psutil

    return int(psutil.virtual_memory().total * 0.8 / jobs)


def _telling(task: Task) -> Task:
    """Where no terminal shows a moving line, a line a minute says how far it is."""
    last = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal last
        task.report(progress)
        now = time.monotonic()
        if not os.isatty(2) and now - last > _TELL_EVERY_S:
            last = now
            left = f", {human_time_left(progress.seconds_left)} left" if progress.seconds_left is not None else ""
            say(f"{progress.done:,.0f} of {progress.total or 0:,.0f} items {progress.message}{left}")

    shown = Task(tell)
    task.on_cancel(shown.cancel)
    return shown
