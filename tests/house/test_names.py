"""A physical number ends in its unit, a ratio in a ratio word; no vague names."""

import ast
import re
from collections.abc import Iterator

import pytest

from covolt.units import has_unit_suffix
from tests.house.source import modules, short, tree

NUMBER = re.compile(r"\b(float|Scalar|jax\.Array|Array|Float|np\.ndarray|NDArray)\b")
CONTAINER = re.compile(r"\b(dict|Mapping|Callable|list|Sequence|NamedTuple|Trace|Unit|str)\b")
RATIO_ENDINGS = (
    "ratio", "ratios", "coefficient", "coefficients", "efficiency", "efficiencies", "fraction", "fractions",
    "state_of_charge", "_exponent", "_index", "_count", "_si",
)  # fmt: skip
SWITCH_ENDINGS = ("_on", "_flag")
SWITCHES = {"climate", "conditioning", "preconditioning", "lights", "dynamometer"}
"""Numbers from 0 (off) to 1 (on)."""
DIMENSIONLESS = {
    "slope", "gear", "occupants", "probability",
}  # fmt: skip
"""Numbers without a unit by their nature."""
MATHEMATICS = {
    "value",
    "values",
    "target",
    "x",
    "y",
    "low",
    "high",
    "lower",
    "upper",
    "weight",
    "start",
    "end",
    "grid",
    "factor",
    "matrix",
    "otherwise",
    "bound",
    "margin",
    "primal",
    "dual",
    "uncertainty",
    "before",
    "after",
    "by",
    "lowest",
    "highest",
    "standard_uncertainty",
    "effect",
    "inputs",
    "models",
    "move",
    "outputs",
    "minimum",
    "maximum",
    "nominal",
    "worst",
    "aspiration",
    "accepted",
    "scale",
}
"""Arguments of pure mathematics, and fields beside which a verdict states the unit: they hold for every unit."""
CONVERSION = {
    "units.py",
    "digits.py",
    "study/cases/drive_document.py",
    "study/cases/study_shown.py",
    "study/designs/evaluation.py",
    "study/designs/space.py",
    "study/designs/study_table.py",
    "study/search/problem.py",
    "exchange/component.py",
    "exchange/base_units.py",
    "exchange/master/joining.py",
    "exchange/master/joins.py",
    "exchange/master/system.py",
}
"""Where numbers of every unit pass through by design, and the door at which a drive is told in the units of people."""
VAGUE = re.compile(r"(Base|Manager|Handler|Helper|Utils?)$|^(Base|My)[A-Z]|^(utils?|helpers?|misc|common)$")


def is_named(name: str) -> bool:
    bare = name.lstrip("_")
    known = bare in DIMENSIONLESS | SWITCHES | MATHEMATICS or bare.endswith(RATIO_ENDINGS + SWITCH_ENDINGS)
    return known or has_unit_suffix(bare)


def is_number(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    text = ast.unparse(annotation)
    return bool(NUMBER.search(text)) and not CONTAINER.search(text)


def unnamed_numbers(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Fields of classes and arguments of functions that hold a number and do not say of what unit.

    A function within a function is part of a formula, where letters are allowed.
    """
    outer = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    local = {inner for node in outer for inner in ast.walk(node) if inner is not node}
    for node in ast.walk(module):
        if node in local:
            continue
        if isinstance(node, ast.ClassDef):
            for field in node.body:
                is_field = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
                if is_field and is_number(field.annotation) and not is_named(field.target.id):
                    yield field.lineno, f"{node.name}.{field.target.id}"
        elif isinstance(node, ast.FunctionDef):
            arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            for argument in arguments:
                if is_number(argument.annotation) and not is_named(argument.arg):
                    yield argument.lineno, f"{node.name}({argument.arg})"


@pytest.mark.parametrize("path", modules(), ids=short)
def test_numbers_carry_their_unit(path):
    if short(path) in CONVERSION:
        pytest.skip("numbers of every unit pass through here by design")
    found = [f"{short(path)}:{line} {name}" for line, name in unnamed_numbers(tree(path))]
    assert not found, "\n".join(found)


def test_the_rule_sees_what_it_should():
    bad = "class A:\n    power: float\n    energy_kWh: Scalar\ndef f(speed: float | None, torque_Nm: Scalar): ..."
    assert [name for _, name in unnamed_numbers(ast.parse(bad))] == ["A.power", "A.energy_kWh", "f(speed)"]
    good = "class A:\n    power_W: float\n    loss_fraction: Scalar\n    names: dict[str, float]"
    assert not list(unnamed_numbers(ast.parse(good)))


@pytest.mark.parametrize("path", modules(), ids=short)
def test_no_vague_names(path):
    names = [path.stem] + [node.name for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    assert not [name for name in names if VAGUE.search(name)]
