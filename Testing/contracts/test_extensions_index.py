"""The automatic checks of the Extensions Index (scripts/check_description_files.py, scripts/extension_ai_analysis.py there), and packaging."""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "IDCBrowser"
CMAKE = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
ANSWERS = (ROOT / "Resources" / "Decisions" / "extensions-index.md").read_text(encoding="utf-8")
# Categories of the index that would suit; the whole list has 61 names.
CATEGORIES = {"Informatics", "DICOM", "Segmentation", "Web System Tools"}
FIELDS = {
    "$schema",
    "category",
    "scm_url",
    "scm_revision",
    "scm_type",
    "build_dependencies",
    "dicom_support_rule",
    "build_subdirectory",
    "enabled",
    "tier",
}


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def entry() -> dict[str, object]:
    block = re.search(r"```json\n(.*?)```", ANSWERS, re.DOTALL)
    assert block
    found: dict[str, object] = json.loads(block[1])
    return found


def test_the_entry_has_the_fields_of_the_schema_and_no_others() -> None:
    assert {"$schema", "category", "scm_url"} <= set(entry()) <= FIELDS
    assert str(entry()["$schema"]).endswith("slicer-extension-catalog-entry-schema-v1.0.2.json#")
    assert entry()["category"] in CATEGORIES and entry()["tier"] in (1, 3, 5) and entry()["build_dependencies"] == []


def test_the_entry_points_to_a_repository_that_is_named_as_the_index_wants() -> None:
    url = str(entry()["scm_url"])
    assert re.fullmatch(r"https://github\.com/[\w-]+/Slicer(Extension)?[-_]?\w+\.git", url)
    assert f'"{url.removesuffix(".git")}"' in CMAKE


def test_the_extension_is_named_after_its_entry_and_not_after_slicer() -> None:
    name = re.search(r"project\(\s*([\w-]+)", CMAKE)
    assert name and f"{name[1]}.json" in ANSWERS and not name[1].startswith("Slicer")


@pytest.mark.parametrize("variable", ["EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS"])
def test_pictures_are_of_a_type_that_the_index_accepts(variable: str) -> None:
    (urls,) = re.findall(rf'set\({variable} "([^"]+)"\)', CMAKE)
    for url in urls.split():
        assert url.startswith("https://") and url.endswith((".png", ".jpg", ".gif")) and "/blob/" not in url and "&" not in url


def test_the_license_lies_where_the_index_looks() -> None:
    names = {"LICENSE", "LICENCE", "License.txt", "license.txt", "LICENSE.txt", "COPYING", "COPYING.txt"}
    assert names & {path.name for path in ROOT.iterdir()}


def test_the_working_copy_is_far_below_a_hundred_megabytes() -> None:
    assert sum(path.stat().st_size for path in tracked()) < 15_000_000


def test_there_is_nothing_to_compile() -> None:
    assert [str(path) for path in tracked() if path.suffix in (".cxx", ".cpp", ".h", ".c")] == []


def test_at_file_scope_the_module_imports_only_slicer_and_does_nothing() -> None:
    tree = ast.parse((MODULE / "IDCBrowser.py").read_text(encoding="utf-8"))
    modules = {name.split(".")[0] for node in tree.body for name in _imported(node)}
    assert modules <= {"slicer", *sys.stdlib_module_names}
    harmless = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.Assign, ast.Expr)
    assert [ast.unparse(node) for node in tree.body if not isinstance(node, harmless) and not _is_for_the_type_checker(node)] == []


def _is_for_the_type_checker(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not node.orelse


def _imported(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_all_questions_of_tier_1_and_tier_3_are_answered() -> None:
    rows = re.findall(r"^\| (1|3)\.(\d+) \| .+ \| .+ \|$", ANSWERS, re.MULTILINE)
    numbers = {tier: [int(number) for other, number in rows if other == tier] for tier in ("1", "3")}
    assert numbers == {"1": list(range(1, 16)), "3": list(range(1, 11))}


def test_the_files_of_slicers_tests_are_listed_and_not_taken_for_pytest() -> None:
    folder = ROOT / "Testing" / "Python"
    listed = re.findall(r"slicer_add_python_unittest\(SCRIPT (\w+\.py)\)", (folder / "CMakeLists.txt").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.name for path in folder.glob("*Test.py"))
    assert not [path.name for path in folder.glob("*.py") if "unittest.TestCase" in path.read_text(encoding="utf-8") and path.name not in listed]
    assert not [name for name in listed if name.startswith("test_") or name.endswith("_test.py")]


USE_SLICER = """
function(_must_exist)
  foreach(name ${ARGN})
    if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${name}")
      message(FATAL_ERROR "${name} is not there")
    endif()
  endforeach()
endfunction()
function(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(MY "WITH_GENERIC_TESTS" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  if(MY_UNPARSED_ARGUMENTS OR NOT MY_NAME OR NOT MY_SCRIPTS)
    message(FATAL_ERROR "wrong arguments: ${MY_UNPARSED_ARGUMENTS}")
  endif()
  _must_exist(${MY_SCRIPTS} ${MY_RESOURCES})
endfunction()
function(slicer_add_python_unittest)
  cmake_parse_arguments(MY "" "SCRIPT;TESTNAME_PREFIX" "SLICER_ARGS" ${ARGN})
  _must_exist(${MY_SCRIPT})
endfunction()
"""


def test_cmake_configures_against_a_stand_in_for_slicer(tmp_path: Path) -> None:
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("no cmake here")
    source, slicer = tmp_path / "source", tmp_path / "slicer"
    for path in (ROOT / "CMakeLists.txt", ROOT / "Testing" / "CMakeLists.txt", *MODULE.rglob("*.*"), *(ROOT / "Testing" / "Python").iterdir()):
        if path.is_file() and "__pycache__" not in path.parts:
            target = source / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            # What is required of CMake itself is not what is looked at here.
            text = path.read_bytes().replace(b"cmake_minimum_required(VERSION 3.28.0...3.28.0 FATAL_ERROR)", b"cmake_minimum_required(VERSION 3.16)")
            target.write_bytes(text)
    slicer.mkdir()
    (slicer / "UseSlicer.cmake").write_text(USE_SLICER)
    (slicer / "Empty.cmake").write_text("")
    (slicer / "SlicerConfig.cmake").write_text(
        "\n".join(
            f'set({name} "${{CMAKE_CURRENT_LIST_DIR}}/{file}.cmake")'
            for name, file in (
                ("Slicer_USE_FILE", "UseSlicer"),
                ("Slicer_EXTENSION_GENERATE_CONFIG", "Empty"),
                ("Slicer_EXTENSION_CPACK", "Empty"),
            )
        )
    )
    command = [cmake, "-S", str(source), "-B", str(tmp_path / "build"), f"-DSlicer_DIR={slicer}", "-DBUILD_TESTING=ON"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
