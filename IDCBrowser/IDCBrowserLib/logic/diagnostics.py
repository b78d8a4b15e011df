"""The diagnostics text: versions, settings, failures and the end of the log, without anything that identifies a person."""

from __future__ import annotations

import platform
from collections.abc import Iterable

import IDCBrowserLib
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.log_file import last_lines, log_folder, without_secrets
from IDCBrowserLib.logic.base.state import Kind, SeriesOutcome
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.settings.release_update import release_text
from IDCBrowserLib.logic.tables.columns import EMPTY

_LOG_LINES = 60
_MOST_FAILURES = 50


def about(browser: Browser, binding: str) -> list[str]:
    """Versions and folders, one per line; ``binding`` is the name of the Qt binding."""
    info = browser.info
    index_files = ", ".join(str(item["name"]) for item in browser.indices.state.rows if item["state"] == "here")
    return [
        _("IDC Browser {version}, for research; not a medical device.").format(version=IDCBrowserLib.__version__),
        _("Python {python}, {binding}, {system}, in: {host}").format(
            python=platform.python_version(), binding=binding, system=platform.platform(), host=browser.host.name
        ),
        release_text(info) if info else _("The catalog is not open."),
        _("Index files: {names}").format(names=index_files or EMPTY),
        _("Download folder: {folder}").format(folder=browser.host.download_folder),
    ]


def report(browser: Browser, binding: str) -> str:
    """Everything to send along with a question."""
    settings = [f"{name}: {value}" for name, value in browser.settings.shown().items()]
    return _joined([about(browser, binding), settings, _failures(browser.downloads.results), last_lines(_LOG_LINES) or [_no_log()]])


def failure_report(browser: Browser, binding: str, sentence: str) -> str:
    """One failure with what led to it."""
    return f"{without_secrets(sentence)}\n\n{report(browser, binding)}"


def _failures(outcomes: Iterable[SeriesOutcome]) -> list[str]:
    """By SeriesInstanceUID: labels hold the ids of patients."""
    failed = [outcome for outcome in outcomes if outcome.kind is Kind.ERROR]
    lines = [f"{outcome.series_uid}: {outcome.text}" for outcome in failed[:_MOST_FAILURES]]
    return [*lines, f"... {len(failed) - _MOST_FAILURES:,}"] if len(failed) > _MOST_FAILURES else lines


def _joined(parts: Iterable[Iterable[str]]) -> str:
    return "\n\n".join("\n".join(map(without_secrets, part)) for part in parts if part) + "\n"


def _no_log() -> str:
    return _("There is no log in {folder}.").format(folder=log_folder())
