"""Arrays that cross the front door state shape, kind and unit in one form: `shape (n,), float64, m/s`."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import covolt
from tests.house.source import tree

ARRAY = re.compile(r"\b(ndarray|NDArray|FloatArray|ArrayLike|DataArray|Dataset)\b")
STATED = re.compile(r"[Ss]hape \([^)]*\)(?: or \([^)]*\))?, (float64|int64|bool)")


def public_classes() -> dict[type, None]:
    """Classes of the front door, and those that its functions give."""
    found: dict[type, None] = {}
    for name in covolt.__all__:
        one = getattr(covolt, name)
        if inspect.isclass(one):
            found[one] = None
        else:
            given = re.findall(r"\w+", str(inspect.signature(one).return_annotation))
            home = vars(importlib.import_module(one.__module__))
            found |= dict.fromkeys(kind for word in given if inspect.isclass(kind := home.get(word)))
    return {kind: None for kind in found if kind.__module__.startswith("covolt.")}


def definition(of: type | object) -> ast.ClassDef | ast.FunctionDef:
    of = inspect.unwrap(of)
    module = tree(Path(inspect.getsourcefile(of)))
    kind = ast.ClassDef if inspect.isclass(of) else ast.FunctionDef
    return next(node for node in module.body if isinstance(node, kind) and node.name == of.__name__)


def unstated(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    """Fields and functions that take or give arrays and do not say of which shape."""
    if isinstance(node, ast.FunctionDef):
        arguments = [one.annotation for one in (*node.args.args, *node.args.kwonlyargs) if one.annotation]
        crossing = [ast.unparse(one) for one in (*arguments, node.returns) if one is not None]
        if any(ARRAY.search(one) for one in crossing) and not STATED.search(ast.get_docstring(node) or ""):
            yield node.name
        return
    for at, inner in enumerate(node.body):
        if isinstance(inner, ast.FunctionDef) and (not inner.name.startswith("_") or inner.name == "__getitem__"):
            yield from (f"{node.name}.{name}" for name in unstated(inner))
        if isinstance(inner, ast.AnnAssign) and ARRAY.search(ast.unparse(inner.annotation)):
            after = node.body[at + 1] if at + 1 < len(node.body) else None
            said = ast.unparse(after) if isinstance(after, ast.Expr) else ""
            if not STATED.search(said):
                yield f"{node.name}.{ast.unparse(inner.target)}"


FUNCTIONS = [one for name in covolt.__all__ if not inspect.isclass(one := getattr(covolt, name))]


@pytest.mark.parametrize("one", [*public_classes(), *FUNCTIONS], ids=lambda one: one.__qualname__)
def test_every_array_of_the_front_door_states_its_shape(one):
    assert not list(unstated(definition(one)))


def test_the_rule_sees_fields_arguments_and_what_is_given():
    bad = "class A:\n    x_m: np.ndarray\n    def f(self) -> FloatArray: 'Numbers.'\n    def _g(self, y: NDArray): ..."
    assert list(unstated(ast.parse(bad).body[0])) == ["A.x_m", "A.f"]
    good = "class A:\n    x_m: np.ndarray\n    'Shape (n,), float64, m.'\n    y_m: float"
    assert not list(unstated(ast.parse(good).body[0]))
    assert covolt.simulate in FUNCTIONS
    assert {covolt.Cycle, covolt.Trace, covolt.Mission} <= set(public_classes())
    assert "ChargingSession" in {one.__name__ for one in public_classes()}
