"""The changes that can be made to a file, by cosmic-ray's operators."""

from __future__ import annotations

import ast
import difflib
import random
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

# They need arguments, or change nothing: what is compared by identity (None, an Enum) equals nothing else, and equal small numbers are one.
_SAME = {f"core/ReplaceComparisonOperator_{one}" for one in ("Is_Eq", "IsNot_NotEq", "Eq_Is", "NotEq_IsNot")}
_UNUSED = {"core/NoOp", "core/VariableReplacer", "core/VariableInserter", *_SAME}
Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Change:
    """One change of a file: ``line`` counts from 1, ``code`` is the whole file after it."""

    file: Path
    line: int
    kind: str
    code: str
    diff: str

    @property
    def title(self) -> str:
        """Where and what."""
        lines = [text.strip() for text in self.diff.splitlines()]
        before = next((text[1:].strip() for text in lines if text.startswith("-")), "")
        after = next((text[1:].strip() for text in lines if text.startswith("+")), "")
        return f"{self.file.as_posix().removeprefix('IDCBrowser/IDCBrowserLib/')}:{self.line} [{self.kind}] {before} -> {after}"


@dataclass(frozen=True)
class Place:
    """Where a file can be changed, by the ``occurrence`` of what ``operator`` replaces."""

    file: Path
    line: int
    kind: str
    operator: str
    occurrence: int


def places_of(tree: Path, file: Path) -> list[Place]:
    """Where a file can be changed: once for each kind of change at each place."""
    code = (tree / file).read_text(encoding="utf-8")
    left_out = _spans_without_effect(code)
    at_place: dict[tuple[Span, str], list[tuple[str, int]]] = defaultdict(list)
    for name, occurrence, span in _places(code):
        if not any(first <= span[0] and span[1] <= last for first, last in left_out):
            at_place[span, _kind(name)].append((name, occurrence))
    found = []
    for (span, kind), variants in sorted(at_place.items()):
        # An operator has up to eleven others that could stand in its place: one of them, always the same.
        name, occurrence = random.Random(f"{file}{span}{kind}").choice(variants)
        found.append(Place(file, span[0][0], kind, name, occurrence))
    return found


def change_at(tree: Path, place: Place) -> Change | None:
    """The change, or None where it makes no program, or the same."""
    code = (tree / place.file).read_text(encoding="utf-8")
    changed = _changed(code, place.operator, place.occurrence)
    if changed is None or changed == code or not _compiles(changed):
        return None
    return Change(place.file, place.line, place.kind, changed, _diff(code, changed, place.file))


def _changed(code: str, name: str, occurrence: int) -> str | None:
    try:
        changed: str | None = mutate_code(code, get_operator(name)(), occurrence)
    except AttributeError:
        # cosmic-ray 8.4 cannot replace a dotted name in a tuple of exceptions.
        return None
    return changed


def _places(code: str) -> Iterator[tuple[str, int, Span]]:
    nodes = list(ast_nodes(get_ast(code)))
    for name in operator_names():
        if name in _UNUSED or get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        for occurrence, span in enumerate(place for node in nodes for place in operator.mutation_positions(node)):
            yield name, occurrence, span


def _kind(name: str) -> str:
    """ "core/ReplaceBinaryOperator_Add_Sub" to "ReplaceBinaryOperator"."""
    return name.removeprefix("core/").split("_")[0]


def _spans_without_effect(code: str) -> list[Span]:
    """Annotations are never evaluated (PEP 563), imports for the type checker never run, assertions are for it as well.

    That a dataclass is frozen is for the reader and the type checker: nothing tries to change it. Whether numpy may do without a copy and how much is
    done at once (``_CHUNK``, ``_PIECE``, ``..._AT_ONCE``) or between two looks for a cancel (``_LOOK``), is a matter of time and memory, which no
    test depends on.
    """
    spans: list[Span] = []
    for node in ast.walk(ast.parse(code)):
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parts = [node.returns, *(argument.annotation for argument in _arguments(node.args))]
            spans += _star(node)
        elif isinstance(node, ast.AnnAssign):
            parts = [node.annotation]
        elif isinstance(node, ast.Assign) and _is_portion(node.targets):
            parts = [node.value]
        elif (isinstance(node, ast.If) and _is_when_to_look(node.test)) or isinstance(node, ast.Assert):
            parts = [node.test]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "dataclass":
            parts = [keyword.value for keyword in node.keywords if keyword.arg == "frozen"]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "astype":
            parts = [keyword.value for keyword in node.keywords if keyword.arg == "copy"]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "logger.debug", "zip"):
            # zip(..., strict=True) asks twice what is the same length anyway.
            parts = [keyword.value for keyword in node.keywords if keyword.arg == "strict"] if ast.unparse(node.func) == "zip" else [node]
        spans += [((part.lineno, part.col_offset), (part.end_lineno or 0, part.end_col_offset or 0)) for part in parts if part is not None]
    return spans


def _star(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Span]:
    """What stands before parameters that are given by name: a mark, no operator."""
    arguments = function.args
    if not arguments.kwonlyargs:
        return []
    first, before = arguments.kwonlyargs[0], [*arguments.posonlyargs, *arguments.args, *arguments.defaults]
    begin = max(((part.end_lineno or 0, part.end_col_offset or 0) for part in before), default=(function.lineno, function.col_offset))
    return [(begin, (first.lineno, first.col_offset))]


def _is_portion(targets: list[ast.expr]) -> bool:
    """Whether a constant says how much is done at once."""
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return bool(names) and all(name in ("_CHUNK", "_PIECE", "_LOOK") or name.endswith("_AT_ONCE") for name in names)


def _is_when_to_look(test: ast.expr) -> bool:
    """Whether a condition only says for whom it holds, or how often a cancel is looked for."""
    return ast.unparse(test) == "TYPE_CHECKING" or (isinstance(test, ast.Compare) and ast.unparse(test.left).endswith("% _LOOK"))


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    others = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *others]


def _compiles(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            # A number that is compared with "is".
            warnings.simplefilter("ignore", SyntaxWarning)
            compile(code, "changed", "exec")
    except SyntaxError:
        return False
    return True


def _diff(before: str, after: str, file: Path) -> str:
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), file.as_posix(), file.as_posix(), n=1)
    return "".join(list(lines)[2:])
