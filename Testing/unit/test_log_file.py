"""The log: what is in it, and what is not."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from IDCBrowserLib import log_file


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))
    logger = logging.getLogger("IDCBrowserLib")
    handlers, level = list(logger.handlers), logger.level
    log_file.start_log("window")
    yield logging.getLogger("IDCBrowserLib.test")
    for handler in set(logger.handlers) - set(handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)


@pytest.mark.parametrize("password", ["secret", "s#cr/t?x", "a[b]@c", "p:w@d"])
def test_passwords_are_not_written(log: logging.Logger, password: str) -> None:
    log.error("The proxy http://user:%s@proxy.example:3128 refuses", password)
    (line,) = log_file.last_lines(5)
    assert password not in line and "http://proxy.example:3128 refuses" in line


def test_names_of_people_and_the_home_folder_are_not_written(log: logging.Logger) -> None:
    log.warning("%s/scans/Doe^Jane^M.dcm of Doe^Jane is damaged", Path.home())
    (line,) = log_file.last_lines(5)
    assert "Doe" not in line and "Jane" not in line and str(Path.home()) not in line and "~/scans/" in line


def test_a_traceback_is_written_and_debug_is_not(log: logging.Logger) -> None:
    log.debug("nothing")
    try:
        raise ValueError("unforeseen")
    except ValueError:
        log.exception("catalog.view")
    text = "\n".join(log_file.last_lines(50))
    assert "nothing" not in text and "Traceback" in text and "ValueError: unforeseen" in text


def test_it_stays_short(log: logging.Logger) -> None:
    for _ in range(60):
        log.warning("x" * 100_000)
    files = list(log_file.log_folder().iterdir())
    assert len(files) <= 3 and sum(path.stat().st_size for path in files) < 4_000_000


def test_a_reloaded_module_does_not_write_twice(log: logging.Logger) -> None:
    log_file.start_log("window")
    log.warning("once")
    assert len(log_file.last_lines(5)) == 1


def test_without_a_folder_there_is_no_log_and_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path / "file"))
    log_file.start_log("window")
    assert log_file.last_lines(5) == []
