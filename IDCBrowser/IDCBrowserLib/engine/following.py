"""A download that brings along the images that its segmentations, reports, doses and the like refer to, as these themselves name them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries
from IDCBrowserLib.selection.slide_levels import WHOLE, LevelChoice, only_levels
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.report import TransferReport

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.transfer.control import TransferControl

_SEGMENTATIONS = ("SEG", "RTSTRUCT")
_OTHERS = frozenset(DERIVED_MODALITIES).difference(_SEGMENTATIONS)
_GUESSED = "{what} does not name its image series, so all images of its study are added: it is one of them."
# Series of a guess that are named.
_MOST_NAMED = 20


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
    levels: LevelChoice = WHOLE,
) -> tuple[Plan, TransferReport]:
    """Fetch ``plan``, read from its files which image series they refer to, and fetch those that are not planned already.

    The references are those of the files (DICOM PS3.3 C.8.20.2 Referenced Series Sequence, C.8.8.5 RT Referenced Series Sequence, and of other
    kinds as in ``describe.references``), so exactly the needed series come, without any index of references. A dose or plan that names others
    which are not planned, such as its structure set, has their beginning read in the bucket. Where nothing names an image, those of the study
    come. Of slides that are added only the ``levels``, as far as they are known. Gives the plan with what was added, and one report of all.
    """
    from IDCBrowserLib.transfer.download import download

    report = download(plan, destination, options, task, control=control, on_complete=on_complete, remember=remember)
    if report.error or task.cancelled:
        return plan, report
    found, warnings = _missing_images(catalog, plan, report, options, task)
    following = only_levels(catalog, Plan(found), levels, or_whole=True)
    added, warnings = tuple(following.series), [*warnings, *following.warnings]
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


def _missing_images(
    catalog: Catalog, plan: Plan, report: TransferReport, options: TransferOptions, task: Task
) -> tuple[tuple[PlannedSeries, ...], list[str]]:
    from IDCBrowserLib.selection.lookup import Lookup

    planned = {series.series_uid for series in plan.series}
    drawn, warnings = _images_of_segmentations(catalog, report, task)
    others, guessed = _images_of_others(catalog, report, options, task)
    # Image by image what asks for it.
    wanted = {uid: asking for asking, images in {**drawn, **others}.items() for uid in images if uid not in planned}
    found = Lookup(catalog).series(list(wanted))
    warnings += [f"The series {uid}, which {wanted[uid]} refers to, is not in this IDC release." for uid in wanted if uid not in found]
    return tuple(found[uid] for uid in wanted if uid in found), [*warnings, *guessed]


def _images_of_segmentations(catalog: Catalog, report: TransferReport, task: Task) -> tuple[dict[str, Sequence[str]], list[str]]:
    """By SeriesInstanceUID, and sentences on what is not sure."""
    from IDCBrowserLib.selection.references import images_of_study

    wanted: dict[str, Sequence[str]] = {}
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
            warnings.append(_GUESSED.format(what=f"{item.series.modality} {item.series.series_uid}"))
            named = images_of_study(catalog, item.series.series_uid)
        wanted[item.series.series_uid] = named
    return wanted, warnings


def _images_of_others(catalog: Catalog, report: TransferReport, options: TransferOptions, task: Task) -> tuple[dict[str, Sequence[str]], list[str]]:
    """The same of reports, doses, plans, presentation states and the like."""
    from IDCBrowserLib.preview.named_images import named_images
    from IDCBrowserLib.preview.references import Where
    from IDCBrowserLib.selection.references import images_of_study

    items = {item.series.series_uid: item for item in report.items if item.series.modality in _OTHERS and item.state is TransferState.COMPLETE}
    if not items:
        return {}, []
    task.report(Progress("Reading which images belong to the reports, doses and the like"))
    images: dict[str, Sequence[str]] = {**named_images(catalog, Where("", str(report.destination), options), task, {}, list(items))}
    catalog.learn_images(images)
    warnings = []
    for uid in [uid for uid in items if uid not in images]:
        task.raise_if_cancelled()
        images[uid] = images_of_study(catalog, uid)
        if images[uid]:
            warnings.append(_GUESSED.format(what=f"{items[uid].series.modality} {uid}"))
    return images, warnings if len(warnings) <= _MOST_NAMED else [
        *warnings[:_MOST_NAMED],
        f"The same is true of {len(warnings) - _MOST_NAMED:,} more.",
    ]


def _named_in(folder: Path, item: TransferItem) -> list[str]:
    """Image series that the files of a segmentation series name; more than one file is rare."""
    from IDCBrowserLib.labelmap.convert import describe

    named: dict[str, None] = {}
    for name in sorted(item.files()):
        named.update(dict.fromkeys(describe(str(folder / name))["referenced_series_uids"]))
    return list(named)
