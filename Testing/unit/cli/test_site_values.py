"""What a machine was set up with holds for the command line, below what is given there."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from IDCBrowserLib import site_defaults
from IDCBrowserLib.cli.commands import download, measurements
from IDCBrowserLib.transfer.options import TransferOptions

Parse = Callable[..., TransferOptions]
DECIDED = {
    "Transfer/Provider": "gcs",
    "Transfer/Jobs": "8",
    "Transfer/Retries": "2",
    "Transfer/Limit": "1.5",
    "Transfer/EndpointUrl": "https://mirror.example.org",
    "Network/Proxy": "http://proxy.example.org:3128",
}


@pytest.fixture
def parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parse]:
    """The options of ``idc-browser download`` with these arguments on a machine that was set up with ``settings``."""
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))

    def options(*arguments: str, settings: dict[str, str]) -> TransferOptions:
        (tmp_path / site_defaults.NAME).write_text(json.dumps({"settings": settings}), encoding="utf-8")
        site_defaults.forget()
        parser = argparse.ArgumentParser()
        download.add_arguments(parser)
        return download._options(parser.parse_args(list(arguments)))

    yield options
    site_defaults.forget()


def test_where_nobody_decided_the_command_line_has_its_own_defaults(parse: Parse) -> None:
    assert parse(settings={}) == TransferOptions(provider="aws", jobs=64, retry_count=5)


def test_what_a_machine_was_set_up_with_holds(parse: Parse) -> None:
    found = parse(settings=DECIDED)
    assert (found.provider, found.jobs, found.retry_count, found.limit_rate) == ("gcs", 8, 2, 1.5e6)
    assert (found.endpoint_url, found.network.proxy) == ("https://mirror.example.org", "http://proxy.example.org:3128")


def test_what_is_given_holds_above_it(parse: Parse) -> None:
    given = ("--provider", "auto", "--jobs", "3", "--retries", "0", "--limit-rate", "0", "--proxy", "none")
    found = parse(*given, settings=DECIDED)
    assert (found.provider, found.jobs, found.retry_count, found.limit_rate) == ("auto", 3, 0, 0.0)
    assert (found.endpoint_url, found.network.proxy) == (None, "none")


def test_a_decision_that_makes_no_sense_is_none(parse: Parse) -> None:
    assert parse(settings={"Transfer/Provider": "moon", "Transfer/Jobs": "many"}) == TransferOptions()


def test_tables_of_idc_are_where_the_command_says_else_where_the_machine_says_else_at_its_mirror(parse: Parse, tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    measurements.add_arguments(parser)

    def found(*arguments: str, settings: dict[str, str]) -> tuple[str, str]:
        parse(settings=settings)
        source = measurements.tables_source(parser.parse_args(["1.2", "--tables", *arguments]), "25")
        return source.location, source.endpoint_url

    own, mirror = "s3://idc-open-metadata/bigquery_export/idc_v25", "https://mirror.example.org"
    assert found(settings={}) == (own, "")
    assert found(settings=DECIDED) == (own, mirror)
    assert found(settings={"Reports/Tables": "s3://lab-tables/v{release}"}) == ("s3://lab-tables/v25", "")
    assert found(str(tmp_path), "--endpoint-url", "http://127.0.0.1:1", settings={"Reports/Tables": "s3://lab-tables"}) == (
        str(tmp_path),
        "http://127.0.0.1:1",
    )
