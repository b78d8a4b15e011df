"""The notebooks of the repository, run as they are on the demo's bucket."""

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import IDCBrowserLib
from IDCBrowserLib.demo.world import World

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "Resources" / "Notebooks").glob("*.ipynb"))


def run(path: Path, values: str, folder: Path) -> Any:
    """The notebook after a run; ``values`` stand in for its cell of parameters, before anything else."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    (parameters,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    library = str(Path(IDCBrowserLib.__file__).parents[1])
    parameters.source += f"\nimport sys\nsys.path.insert(0, {library!r})\n{values}"
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def shown(notebook: Any) -> str:
    return str([output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs])


def test_there_are_two_and_they_are_kept_without_results() -> None:
    assert len(NOTEBOOKS) == 2
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)  # type: ignore[no-untyped-call]
        assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_notebook_runs_from_top_to_bottom(path: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))
    monkeypatch.setenv("IDC_BROWSER_HOME", os.environ["IDC_BROWSER_HOME"])
    sources = [str(file) for file in world.catalog_sources]
    values = (
        f'CATALOG = {{"catalog_sources": {sources!r}}}\nOPTIONS = {{"endpoint_url": {world.endpoint_url!r}}}\n'
        f'FOLDER = {str(tmp_path / "data")!r}\nCOLLECTION, CASE = "demo_phantom", "DEMO-001"\n'
    )
    text = shown(run(path, values, tmp_path))
    assert ("image/png" in text) if path.stem == "segmentations_as_arrays" else ("data:image/png;base64" in text and "complete in" in text)
    assert any((tmp_path / "data").rglob("*.dcm"))
