"""``idc-browser download``: download series and verify them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.api.transfer import Series
from IDCBrowserLib.cli.catalog_options import number, open_catalog
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.network_options import add_network, network_of
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.cli.site_values import site_options
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.folders.template import DEFAULT as DEFAULT_LAYOUT

if TYPE_CHECKING:
    from IDCBrowserLib.transfer.options import TransferOptions
    from IDCBrowserLib.transfer.report import TransferReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE... --to DIR and the options of the transfer, or --resume."""
    planning.add_sources_or_filters(parser)
    parser.add_argument("--resume", action="store_true", help="instead of a SOURCE: resume the downloads that a crash or power loss interrupted")
    add_transfer(parser)


def add_transfer(parser: argparse.ArgumentParser) -> None:
    """What every command that downloads series shares."""
    parser.add_argument("--to", type=Path, metavar="DIR", help="download folder; created if it does not exist")
    parser.add_argument("--jobs", type=int, metavar="N", help="number of files transferred at the same time (default: 64)")
    parser.add_argument(
        "--layout", default="", metavar="TEMPLATE", help=f"folders of series below it, as in idc-index (default: {DEFAULT_LAYOUT.replace('%', '%%')})"
    )
    parser.add_argument("--keep-free", type=number, metavar="GB", help="disk space that stays free (default: 0)")
    add_endpoints(parser)


def add_endpoints(parser: argparse.ArgumentParser) -> None:
    """Where the files come from, and how fast; ``endpoint_options`` puts in what is not given."""
    parser.add_argument("--endpoint-url", metavar="URL", help="S3 server to use instead of the provider's")
    parser.add_argument("--gcs-endpoint-url", metavar="URL", help="the same for Google with --provider auto")
    parser.add_argument(
        "--provider", choices=("aws", "gcs", "auto"), help="provider whose buckets are used (default: aws; auto: Google if AWS fails)"
    )
    parser.add_argument("--retries", type=int, metavar="N", help="how often a failed request is repeated (default: 5)")
    parser.add_argument("--limit-rate", type=float, metavar="MB/S", help="maximum megabytes per second (default: 0, no limit)")
    add_network(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Plan, transfer, report."""
    if arguments.resume:
        return _resume(arguments, task)
    if not planning.names_something(arguments) or arguments.to is None:
        raise InputError("Give what to download and the folder: idc-browser download SOURCE... --to DIR")
    plan, report = fetch(arguments, arguments.with_references, task)
    document = {**report.to_json(), "unresolved": [item.to_json() for item in plan.unresolved]}
    return Outcome(document, report.describe(), exit_code(plan, report.exit_code))


def fetch(arguments: argparse.Namespace, with_images: bool, task: Task) -> tuple[Plan, TransferReport]:
    """Plan the sources and transfer them; ``with_images`` brings along the images that SEG and RTSTRUCT files name. Problems go to standard error."""
    options = _options(arguments)
    plan = planning.make_plan(arguments, task)
    planning.tell_unresolved(plan)
    plan, report = _transfer(plan, arguments, with_images, options, task)
    if report.error:
        say(f"{report.error}")
    return plan, report


def exit_code(plan: Plan, transfer: int) -> int:
    """Of the transfer; lines that were not resolved are items that failed, whatever became of the rest."""
    return transfer or planning.exit_code(plan)


def _options(arguments: argparse.Namespace) -> TransferOptions:
    from IDCBrowserLib.transfer.options import bytes_kept_free

    options = endpoint_options(arguments)
    kept = options.keep_free if arguments.keep_free is None else bytes_kept_free(arguments.keep_free)
    return replace(options, jobs=options.jobs if arguments.jobs is None else arguments.jobs, layout=arguments.layout, keep_free=kept).checked()


def endpoint_options(arguments: argparse.Namespace) -> TransferOptions:
    """What ``add_endpoints`` asked for, else what this machine was set up with. Raises ``InputError`` for what makes no sense."""
    site = site_options()
    return replace(
        site,
        provider=arguments.provider or site.provider,
        # A mirror that this machine was set up with is not asked by who names a provider.
        endpoint_url=arguments.endpoint_url if arguments.provider or arguments.endpoint_url else site.endpoint_url,
        gcs_endpoint_url=arguments.gcs_endpoint_url,
        retry_count=site.retry_count if arguments.retries is None else arguments.retries,
        limit_rate=_limit_rate(arguments),
        network=network_of(arguments),
    ).checked()


def _limit_rate(arguments: argparse.Namespace) -> float:
    """Bytes per second."""
    return site_options().limit_rate if arguments.limit_rate is None else float(arguments.limit_rate * 1e6)


def _transfer(plan: Plan, arguments: argparse.Namespace, with_images: bool, options: TransferOptions, task: Task) -> tuple[Plan, TransferReport]:
    if not with_images:
        from IDCBrowserLib.transfer.download import download

        return plan, download(plan, arguments.to, options, task)
    from IDCBrowserLib.engine.following import download_with_images
    from IDCBrowserLib.selection.slide_levels import LevelChoice

    with open_catalog(arguments) as catalog:
        levels = LevelChoice.of(getattr(arguments, "level", ()))
        whole, report = download_with_images(catalog, plan, arguments.to, options, task, levels=levels)
    for warning in whole.warnings:
        say(f"{warning}")
    return whole, report


def _resume(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Begin again what did not end; folder and options are those of then, proxy, certificates and limit those of now."""
    from IDCBrowserLib.selection.resolve import resolve
    from IDCBrowserLib.transfer.download import download
    from IDCBrowserLib.transfer.folders.journal import default_path
    from IDCBrowserLib.transfer.jobs import job_store_beside

    store, network = job_store_beside(default_path()), network_of(arguments)
    documents: list[dict[str, object]] = []
    series: list[Series] = []
    texts, code = [], 0
    with open_catalog(arguments) as catalog:
        for job in store.leftover():
            plan = resolve(catalog, job.sources())
            planning.tell_unresolved(plan)
            report = download(plan, job.destination, replace(job.options, network=network, limit_rate=_limit_rate(arguments)), task)
            # The new transfer is remembered by itself; this one has been taken over.
            store.forget(job.number)
            document = report.to_json()
            series += document["series"]
            documents.append({**document, "unresolved": [item.to_json() for item in plan.unresolved]})
            texts.append(report.describe())
            code = code or exit_code(plan, report.exit_code)
            if task.cancelled:
                break
    return Outcome({"series": series, "transfers": documents}, "\n".join(texts) or "No interrupted downloads.", code)
