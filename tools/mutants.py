"""Mutants of the physics: each is one source file with one number, sign, bound or comparison changed.

Changed are: a number that is no index, times 1.2; + and -, one for the other, and a leading minus left out; min and max, one
for the other; < and >=, > and <=, one for the other. What only words an error is left alone.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "covolt"
PHYSICS = ("vehicle/*.py", "simulation/step*.py", "simulation/traction.py", "library/join.py", "library/fitted.py")
FACTOR = 1.2
FLIPPED = {ast.Lt: ">=", ast.GtE: "<", ast.Gt: "<=", ast.LtE: ">"}
SWAPPED = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}
WORDING = {"Problem", "InputError", "Words", "refusal", "demand"}
"""Calls that only word what is wrong."""


@dataclass(frozen=True)
class Mutant:
    """One change: where, from what text, to what text."""

    file: str
    line: int
    begin: int
    end: int
    before: str
    after: str
    around: str
    """The source line, without its indentation."""

    @property
    def name(self) -> str:
        """A name that stays while the line stays, whatever moves around it."""
        return f"{self.file}: {self.around} [{self.column}: {self.before} -> {self.after}]"

    @property
    def column(self) -> int:
        """Where in the line, without its indentation, the change begins."""
        return self.begin

    @property
    def digest(self) -> str:
        """A short name for folders."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:12]

    def applied(self) -> str:
        """The whole source file with the change."""
        text = (SOURCE / self.file).read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        line = lines[self.line - 1]
        indent = len(line) - len(line.lstrip())
        begin, end = indent + self.begin, indent + self.end
        if line[begin:end] != self.before:
            raise ValueError(f"{self.name}: the source has changed")
        lines[self.line - 1] = line[:begin] + self.after + line[end:]
        return "".join(lines)


def mutants() -> list[Mutant]:
    """Every mutant of the physics, in the order of the source."""
    files = [path for pattern in PHYSICS for path in sorted(SOURCE.glob(pattern))]
    return [one for path in files for one in _of(path)]


def _of(path: Path) -> Iterator[Mutant]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    name = path.relative_to(SOURCE).as_posix()
    found: set[tuple[int, int]] = set()
    for line, begin, end, after in _changes(ast.parse(text), lines):
        raw = lines[line - 1]
        indent = len(raw) - len(raw.lstrip())
        # columns of the syntax tree count bytes
        first, last = len(raw.encode()[:begin].decode()), len(raw.encode()[:end].decode())
        if (line, first) in found:
            continue
        found.add((line, first))
        yield Mutant(name, line, first - indent, last - indent, raw[first:last], after, raw.strip())


def _changes(tree: ast.AST, lines: list[str]) -> Iterator[tuple[int, int, int, str]]:
    """Line, first and last column of each change, and the new text; parts of the tree that are no physics are not entered."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORDING:
            continue
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _changes(ast.Expr(node.value), lines)
            continue
        if isinstance(node, ast.Subscript):
            yield from _changes(ast.Expr(node.value), lines)
            continue
        if isinstance(node, ast.arg):
            continue
        yield from _here(node, lines)
        yield from _changes(node, lines)


def _here(node: ast.AST, lines: list[str]) -> Iterator[tuple[int, int, int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value != 0.0:
        if node.lineno == node.end_lineno and node.end_col_offset is not None:
            yield node.lineno, node.col_offset, node.end_col_offset, repr(node.value * FACTOR)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and _is_number(node):
        sign, other = ("+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
        yield from _between(node.left, node.right, sign, other, lines)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield node.lineno, node.col_offset, node.col_offset + 1, ""
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in FLIPPED:
        signs = {ast.Lt: "<", ast.GtE: ">=", ast.Gt: ">", ast.LtE: "<="}
        old = signs[type(node.ops[0])]
        yield from _between(node.left, node.comparators[0], old, FLIPPED[type(node.ops[0])], lines)
    elif isinstance(node, ast.Call):
        of = node.func
        name = of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else ""
        if name in SWAPPED and of.end_col_offset is not None and of.lineno == of.end_lineno:
            yield of.lineno, of.end_col_offset - len(name), of.end_col_offset, SWAPPED[name]


def _is_number(node: ast.BinOp) -> bool:
    texts = (ast.List, ast.Tuple, ast.ListComp, ast.JoinedStr, ast.Dict)
    return not any(
        isinstance(side, texts) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )


def _between(
    left: ast.expr, right: ast.expr, old: str, new: str, lines: list[str]
) -> Iterator[tuple[int, int, int, str]]:
    """The sign that stands between two sides, wherever the line is broken."""
    if left.end_lineno is None or left.end_col_offset is None:
        return
    for line in range(left.end_lineno, right.lineno + 1):
        raw = lines[line - 1].encode()
        begin = left.end_col_offset if line == left.end_lineno else 0
        end = right.col_offset if line == right.lineno else len(raw)
        found = re.search(rb"(?<![<>=])" + re.escape(old.encode()) + rb"(?![=])", raw[begin:end].split(b"#")[0])
        if found:
            yield line, begin + found.start(), begin + found.end(), new
            return
