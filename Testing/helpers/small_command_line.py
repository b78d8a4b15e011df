"""``idc-browser`` in this process, on the small catalog."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpers.small_catalog import series, write_series
from IDCBrowserLib.cli.main import main


@dataclass
class CommandLine:
    """Runs commands and reads what they print. ``home`` is where the program keeps its folders."""

    home: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
        shown = self.capture.readouterr()
        return code, shown.out, shown.err

    def json(self, *arguments: str) -> Any:
        """The document of a command that succeeds and says nothing else."""
        code, output, errors = self.run(*arguments, "--json")
        assert (code, errors) == (0, "")
        return json.loads(output)

    def text(self, *arguments: str) -> str:
        """The friendly form of a command that succeeds."""
        code, output, _ = self.run(*arguments)
        assert code == 0
        return output

    def fails(self, expected_code: int, message: str, *arguments: str) -> None:
        """Check that a command ends with that code and one readable message."""
        code, output, errors = self.run(*arguments, "--json")
        assert (code, output) == (expected_code, "")
        assert message in errors
        assert "Traceback" not in errors

    def write_extra(self) -> Path:
        """A further index file with one series of another collection."""
        row = series(91, collection_id="demo_phantom", PatientID="DEMO", StudyInstanceUID="2.1", SeriesInstanceUID="2.1.1")
        return write_series(self.home / "extra.parquet", [row])
