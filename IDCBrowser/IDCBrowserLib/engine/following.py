"""A download that brings along the images its segmentations were drawn on, as the segmentations themselves name them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.report import TransferReport

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.transfer.control import TransferControl

_SEGMENTATIONS = ("SEG", "RTSTRUCT")


def download_with_images(
    catalog: Catalog,
    plan: Plan,
    destination: Path,
    options: TransferOptions,
    task: Task,
    *,
    control: TransferControl | None = None,
    on_complete: Callable[[TransferItem], None] | None = None,
    remember: bool = True,
) -> tuple[Plan, TransferReport]:
    """Fetch ``plan``, read from its SEG and RTSTRUCT files which image series they refer to, and fetch those that are not planned already.

    The references are those of the files (DICOM PS3.3 C.8.20.2 Referenced Series Sequence, C.8.8.5 RT Referenced Series Sequence), so exactly the
    needed series come, without any index of references. Gives the plan with what was added, and one report of all.
    """
    from IDCBrowserLib.transfer.download import download

    report = download(plan, destination, options, task, control=control, on_complete=on_complete, remember=remember)
    if report.error or task.cancelled:
        return plan, report
    added, warnings = _missing_images(catalog, plan, report, task)
    whole = Plan((*plan.series, *added), plan.unresolved, tuple(dict.fromkeys((*plan.warnings, *warnings))))
    if not added:
        return whole, report
    further = download(Plan(added), destination, options, task, control=control, on_complete=on_complete, remember=remember)
    joined = replace(
        further,
        items=(*report.items, *further.items),
        seconds=report.seconds + further.seconds,
        storage=report.storage or further.storage,
    )
    return whole, joined


def _missing_images(catalog: Catalog, plan: Plan, report: TransferReport, task: Task) -> tuple[tuple[PlannedSeries, ...], list[str]]:
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.selection.references import images_of_study

    planned = {series.series_uid for series in plan.series}
    wanted: dict[str, str] = {}
    warnings: list[str] = []
    items = [item for item in report.items if item.series.modality in _SEGMENTATIONS and item.state is TransferState.COMPLETE]
    for number, item in enumerate(items):
        task.raise_if_cancelled()
        task.report(Progress("Reading which images belong to the segmentations", number, len(items), "series"))
        try:
            named = _named_in(report.destination / item.directory, item)
        except ConversionError as error:
            warnings.append(str(error))
            continue
        if not named:
            kind = f"{item.series.modality} {item.series.series_uid}"
            warnings.append(f"{kind} does not name its image series, so all images of its study are added: it is one of them.")
            named = images_of_study(catalog, item.series.series_uid)
        wanted.update((uid, item.series.series_uid) for uid in named if uid not in planned)
    found = Lookup(catalog).series(list(wanted))
    warnings += [f"The series {uid}, which {wanted[uid]} refers to, is not in this IDC release." for uid in wanted if uid not in found]
    return tuple(found[uid] for uid in wanted if uid in found), warnings


def _named_in(folder: Path, item: TransferItem) -> list[str]:
    """Image series that the files of a segmentation series name; more than one file is rare."""
    from IDCBrowserLib.labelmap.convert import describe

    named: dict[str, None] = {}
    for name in sorted(item.files()):
        named.update(dict.fromkeys(describe(str(folder / name))["referenced_series_uids"]))
    return list(named)
