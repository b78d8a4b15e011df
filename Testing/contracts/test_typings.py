"""The types of MRML that the checker is told (``typings/slicer``) are those of the installed ``slicer-core``."""

import ast
import inspect
from pathlib import Path

import pytest

STUB = Path(__file__).resolve().parents[2] / "typings" / "slicer" / "__init__.pyi"


def stated_classes() -> dict[str, ast.ClassDef]:
    """The classes of VTK and MRML; those of Qt (qSlicer, qMRML, ctk) are in Slicer alone."""
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.startswith("vtk")}


def stated_names(node: ast.ClassDef) -> set[str]:
    functions = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    return functions | {part.target.id for part in node.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)}


@pytest.mark.parametrize("name", sorted(stated_classes()))
def test_a_class_has_the_bases_and_members_that_its_types_state(name: str) -> None:
    import slicer

    node, real = stated_classes()[name], getattr(slicer, name)
    assert [member for member in sorted(stated_names(node)) if not hasattr(real, member)] == []
    bases = {base.__name__ for base in inspect.getmro(real)}
    assert {ast.unparse(base) for base in node.bases} <= bases


@pytest.mark.parametrize("name", sorted(stated_classes()))
def test_a_method_that_is_stated_as_static_is_one(name: str) -> None:
    import slicer

    node, real = stated_classes()[name], getattr(slicer, name)
    stated = [part.name for part in node.body if isinstance(part, ast.FunctionDef) and "staticmethod" in map(ast.unparse, part.decorator_list)]
    assert [member for member in stated if "C++: static" not in getattr(real, member).__doc__] == []
