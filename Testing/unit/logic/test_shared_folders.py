"""The line of shared stores, while the engine has not answered yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from IDCBrowserLib import site_defaults
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.logic.settings.shared_folders import SharedFolders


class Slow:
    """An engine that does what it is told and answers when the test says so."""

    def __init__(self) -> None:
        self.open: list[Any] = []

    def ask(self, question: Any, on_result: Any, on_error: Any) -> Any:
        document = {site_defaults.ALSO_LOOK_IN: question.params["folders"]}
        if document[site_defaults.ALSO_LOOK_IN] != ["/gone"]:
            # In another process: this one does not learn of it.
            site_defaults.user_file().write_text(json.dumps(document), encoding="utf-8")
        self.open = [(on_result, on_error)]
        return self

    def cancel(self) -> None:
        """What was written stays."""
        self.open = []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))
    site_defaults.forget()
    yield tmp_path
    site_defaults.forget()


def test_taking_a_folder_back_before_the_answer_takes_it_back(home: Path) -> None:
    engine, stored = Slow(), []
    shared = SharedFolders(cast(EngineClient, engine), lambda: stored.append(1))
    shared.put("/data/a")
    shared.put("")
    engine.open[0][0]({})
    assert (shared.text, site_defaults.shared_stores(), len(stored)) == ("", (), 1)
    shared.put("")
    assert len(stored) == 1


def test_what_holds_is_what_was_stored_last_when_the_next_has_a_problem(home: Path) -> None:
    engine = Slow()
    shared = SharedFolders(cast(EngineClient, engine), lambda: None)
    shared.put("/data/a")
    shared.put("/gone")
    engine.open[0][1](InputError("/gone is not a folder that can be read."))
    assert (shared.text, shared.problem) == ("/gone", "/gone is not a folder that can be read.")
    shared.put("/data/a")
    assert (shared.text, shared.problem) == ("/data/a", "")
