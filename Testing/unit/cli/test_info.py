"""``idc-browser info``."""

import subprocess
import sys
from importlib.metadata import version

from helpers.small_command_line import CommandLine


def test_versions_and_folders_are_told(idc_browser: CommandLine) -> None:
    document = idc_browser.json("info")
    assert document["versions"]["idc-index"] == version("idc-index")
    assert document["versions"]["IDC release"] == version("idc-index-data").split(".")[0]
    assert document["versions"]["s5cmd"]
    assert document["paths"]["catalog"].endswith("idc_index.parquet")
    assert document["paths"]["cache"] == str(idc_browser.home / "cache")
    assert document["paths"]["database"].startswith(str(idc_browser.home))
    assert "idc-index" in idc_browser.text("info")


def test_neither_qt_nor_slicer_is_loaded() -> None:
    script = (
        "import sys; from IDCBrowserLib.cli.main import main; assert main(['info', '--json']) == 0; "
        "assert not {'PySide6', 'slicer', 'vtk', 'duckdb', 'idc_index', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, stdout=subprocess.DEVNULL, env={"PYTHONPATH": ":".join(sys.path)})
