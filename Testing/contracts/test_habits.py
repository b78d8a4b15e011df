"""What continuous integration, hooks and documents name exists, and what stands in two places is the same there."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DECISIONS = ROOT / "Resources" / "Decisions"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def steps(path: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def values(job: dict[str, Any], name: str) -> list[str]:
    matrix = job.get("strategy", {}).get("matrix", {})
    return [*matrix.get(name, []), *(entry[name] for entry in matrix.get("include", []) if name in entry)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_make_target_and_each_file_of_a_workflow_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
    commands = "\n".join(step.get("run", "") for step in steps(path))
    named = set(re.findall(r"\bmake ([a-z]+)", commands)) | {target for job in jobs for target in values(job, "target")}
    assert named and named <= targets
    files = re.findall(r"\b((?:Resources|Testing)/[\w/.]+)", commands)
    assert [name for name in files if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_ends_by_itself(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert document["permissions"] == {"contents": "read"}
    assert [name for name, job in document["jobs"].items() if "timeout-minutes" not in job] == []


def test_every_extra_is_installed_by_a_workflow() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))["jobs"]
    assert set(values(jobs["extras"], "extra")) == set(re.findall(r"^(\w+) = \[", block, re.MULTILINE))


def test_linux_windows_and_macos_are_tested() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))["jobs"]
    assert {system.partition("-")[0] for system in values(jobs["unit"], "os")} == {"ubuntu", "windows", "macos"}


def test_the_hook_formats_with_the_ruff_of_the_lock() -> None:
    locked = re.search(r"^ruff==(\S+)", (ROOT / "Resources" / "Setup" / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert locked and [hook["rev"] for hook in hooks if hook["repo"].endswith("/ruff-pre-commit")] == [f"v{locked[1]}"]


def test_each_make_target_is_listed_for_contributors() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert targets <= set(re.findall(r"`make ([a-z]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))


def test_every_test_is_run_by_a_make_target() -> None:
    folders = {path.relative_to(ROOT / "Testing").parts[0] for path in (ROOT / "Testing").rglob("test_*.py")}
    assert folders <= set(re.findall(r"\bTesting/(\w+)", MAKEFILE))


def test_the_index_of_decisions_lists_each_by_its_title() -> None:
    listed = dict(re.findall(r"^- \[(.+)\]\(([\w.-]+)\)$", (DECISIONS / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    titles = {path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# "): path.name for path in DECISIONS.glob("*.md")}
    titles = {title: name for title, name in titles.items() if name != "README.md"}
    assert listed == titles, "Resources/Decisions/README.md has a line for each decision: - [title](file)"


def test_each_page_of_the_window_is_described() -> None:
    names = {path.stem for path in (ROOT / "docs" / "window").glob("*.md")} - {"index"}
    pages = (ROOT / "IDCBrowser" / "IDCBrowserLib" / "ui").rglob("*_page.py")
    found = {match[1] for path in pages if (match := re.search(r'^    name = "(\w+)"$', path.read_text(encoding="utf-8"), re.MULTILINE))}
    assert names == found | {"browse"}


def test_one_file_and_its_decision_name_the_address_of_the_repository() -> None:
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    addresses = set(re.findall(r"https://(?:raw\.githubusercontent|github)\.com/([\w-]+/[\w-]+)", cmake))
    assert len(addresses) == 1
    allowed = {ROOT / "CMakeLists.txt", DECISIONS / "extensions-index.md"}
    suffixes = {".py", ".md", ".toml", ".yml", ".yaml", ".cff", ".txt"}
    others = [path for path in ROOT.rglob("*") if path.suffix in suffixes and path not in allowed and _is_ours(path)]
    pattern = re.compile(r"github(usercontent)?\.com/[\w-]+/Slicer[\w-]*IDC", re.IGNORECASE)
    assert [str(path) for path in others if pattern.search(path.read_text(encoding="utf-8", errors="replace"))] == []


def _is_ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    is_made = parts[0] in {"build", ".venv", ".venv-latest", ".git"} or any(
        part.endswith((".egg-info", "-output")) or part == "__pycache__" for part in parts
    )
    return path.is_file() and not is_made and path != Path(__file__)
