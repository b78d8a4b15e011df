"""``idc-browser plan``: show what would be downloaded."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.cli.catalog_options import add_filter_option, add_source_option, meant, open_catalog, parse_filters
from IDCBrowserLib.cli.network_options import network_of
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.cli.site_values import site_options
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.network import Network
from IDCBrowserLib.selection.plan import Plan, Unresolved
from IDCBrowserLib.selection.slide_levels import FORMS, LevelChoice
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count, human_size

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.catalog.selection_scope import Images

_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE... [--filter COLUMN=VALUE] [--preset NAME] [--with-references] [--with-derived] [--save FILE]"""
    add_sources_or_filters(parser)
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FILE",
        help="also save it as a manifest; FILE must end in .s5cmd, _gcs.s5cmd, .csv, .tsv, .json or .lock.json (exact versions)",
    )


def add_sources(parser: argparse.ArgumentParser, number: str = "+") -> None:
    """What ``plan`` and ``download`` share."""
    parser.add_argument(
        "sources",
        nargs=number,
        metavar="SOURCE",
        help="a manifest file of any kind, an identifier of any level (collection, case, study, series), a bucket or portal address, "
        "or a search that was copied as text, or a file with it",
    )
    parser.add_argument(
        "--preset",
        action="append",
        default=[],
        metavar="NAME",
        help="content to keep: originals, annotations, no-slides, commercial, modality:CT; can be repeated (all apply, but any of the modalities)",
    )
    parser.add_argument(
        "--with-references", action="store_true", help="then add the referenced series (the images of a segmentation, report or dose)"
    )
    parser.add_argument(
        "--with-derived",
        action="store_true",
        help="then add series derived from these images (segmentations, structure sets, reports)",
    )
    parser.add_argument(
        "--level",
        action="append",
        default=[],
        metavar="LEVEL",
        help=f"of slides only this instead of all files: {FORMS}; can be repeated. idc-browser levels lists them",
    )
    add_source_option(parser)


def add_sources_or_filters(parser: argparse.ArgumentParser) -> None:
    """The same, narrowed by filters, or filters of all of IDC instead."""
    add_sources(parser, "*")
    add_filter_option(parser)


def names_something(arguments: argparse.Namespace) -> bool:
    """Whether there is a source or a filter."""
    return bool(arguments.sources or getattr(arguments, "filter", ()))


def make_plan(arguments: argparse.Namespace, task: Task, add_references: bool = False) -> Plan:
    """Resolve the sources of the command line, and choose. ``add_references`` adds what an index, an object on this computer, or else the study
    relates to them.

    Raises ``InputError`` where neither a source nor a filter is given.
    """
    from IDCBrowserLib.selection.drs import Drs
    from IDCBrowserLib.selection.plan_content import PlanContent, apply_content
    from IDCBrowserLib.selection.resolve import resolve

    if not names_something(arguments):
        raise InputError("Name what you want (a manifest, an identifier, an address), or filter all of IDC with --filter COLUMN=VALUE.")
    with open_catalog(arguments) as catalog:
        plan = resolve(catalog, arguments.sources, (), task, Drs(_network(arguments)))
        # ``summary`` has sources and filters as well, and counts instead.
        if getattr(arguments, "filter", ()) and not getattr(arguments, "filters_later", False):
            plan = _filtered(catalog, plan, arguments.filter, bool(arguments.sources))
        content = PlanContent(tuple(arguments.preset), add_references, arguments.with_derived, LevelChoice.of(getattr(arguments, "level", ())))
        plan = apply_content(catalog, plan, content.reading(_reader(catalog, task)) if add_references else content, task)
        if getattr(arguments, "save", None) is not None:
            from IDCBrowserLib.selection.export import save

            save(plan, arguments.save, catalog.info()["idc_version"])
    return plan


def _reader(catalog: Catalog, task: Task) -> Callable[[Sequence[str]], Images]:
    """Asks the objects that are on this computer, in the folders that are used unless others are named."""
    from IDCBrowserLib import paths
    from IDCBrowserLib.preview.named_images import image_reader
    from IDCBrowserLib.preview.references import Where

    return image_reader(catalog, Where(str(paths.default_database_folder()), str(paths.default_download_folder()), None), task, {})


def _network(arguments: argparse.Namespace) -> Network:
    """Of a command that fetches something the one it was given, else that of this machine."""
    return network_of(arguments) if hasattr(arguments, "proxy") else site_options().network


def _filtered(catalog: Catalog, plan: Plan, texts: list[str], has_sources: bool) -> Plan:
    """What the filters leave of the plan, or of all of IDC without sources."""
    from IDCBrowserLib.selection.lookup import Lookup

    found = Lookup(catalog).filtered(meant(catalog, parse_filters(texts)))
    if has_sources:
        uids = {one.series_uid for one in found}
        series = tuple(one for one in plan.series if one.series_uid in uids)
    else:
        series = tuple(found)
    if series or plan.unresolved:
        return replace(plan, series=series)
    named = " ".join(f"--filter {text}" for text in texts)
    return replace(plan, series=series, unresolved=(Unresolved(named[:200], None, "", "no series of what was named has these values"),))


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Resolve and print."""
    plan = make_plan(arguments, task, arguments.with_references)
    tell_unresolved(plan)
    return Outcome(plan.document(), describe(plan), exit_code(plan))


def tell_unresolved(plan: Plan) -> None:
    """One line each on standard error, for the first ones."""
    for item in plan.unresolved[:_SHOWN]:
        where = f"{item.source}, line {item.line}" if item.line is not None else item.source
        what = f": {item.text!r}" if item.line is not None else ""
        say(f"{where}{what}: {item.reason}")
    if len(plan.unresolved) > _SHOWN:
        say(f"and {len(plan.unresolved) - _SHOWN:,} more that were not resolved")


def exit_code(plan: Plan) -> int:
    """0 when everything was found; 4 when a part was; otherwise 2 for refused lines and 3 for things that do not exist."""
    if not plan.unresolved:
        return 0
    if plan.series:
        return 4
    return 2 if all(item.refused for item in plan.unresolved) else 3


def describe(plan: Plan) -> str:
    """The plan for a person."""
    lines = [f"{human_count(len(plan.series), 'series', 'series')}, {human_size(plan.total_bytes)}"]
    if plan.series:
        lines.append("Licenses: " + ", ".join(f"{name} ({count:,})" for name, count in plan.licenses.items()))
        rows = [
            (
                item.collection_id,
                item.patient_id,
                item.modality,
                item.description,
                len(item.instances) or item.instance_count,
                human_size(item.size_bytes),
                item.series_uid,
            )
            for item in plan.series[:_SHOWN]
        ]
        lines += ["", table(rows, ("collection_id", "PatientID", "Modality", "SeriesDescription", "files", "size", "SeriesInstanceUID"))]
        if len(plan.series) > _SHOWN:
            lines.append(f"... and {len(plan.series) - _SHOWN:,} more")
    lines += list(plan.warnings)
    return "\n".join(lines)
