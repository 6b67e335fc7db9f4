"""A class is either abstract (subclassed, never made) or final (made, never subclassed)."""

import ast
import importlib
import inspect

import equinox as eqx
import pytest
from pydantic import BaseModel

from tests.house.source import PACKAGE, modules, short, tree


def house_classes() -> list[type]:
    found: dict[str, type] = {}
    for path in modules():
        dotted = ".".join(("covolt", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for _, kind in inspect.getmembers(importlib.import_module(dotted), inspect.isclass):
            if issubclass(kind, eqx.Module | BaseModel) and kind.__module__.startswith("covolt"):
                found[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return [found[name] for name in sorted(found)]


def faults(kind: type) -> list[str]:
    """What keeps a class from being abstract or final."""
    abstract_members = set(getattr(kind, "__abstractmethods__", ())) | set(getattr(kind, "__abstractvars__", ()))
    children = [child.__name__ for child in kind.__subclasses__() if child.__module__.startswith("covolt")]
    is_marker = not any(not name.startswith("_") for name in vars(kind))
    found: list[str] = []
    if kind.__name__.startswith("Abstract"):
        if not (abstract_members or is_marker):
            found.append("is called abstract, and has nothing abstract")
    else:
        if abstract_members:
            found.append(f"has abstract members {sorted(abstract_members)} and no name that says so")
        if children:
            found.append(f"is final, and {', '.join(children)} inherit from it")
    return found


@pytest.fixture(scope="module")
def classes() -> list[type]:
    return house_classes()


def test_every_class_is_abstract_or_final(classes):
    assert len(classes) > 10
    found = [f"{kind.__module__}.{kind.__name__} {fault}" for kind in classes for fault in faults(kind)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", modules(), ids=short)
def test_nothing_abstract_is_made(path):
    made = [
        f"{short(path)}:{node.lineno} {node.func.id}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("Abstract")
    ]
    assert not [call for call in made if not call.endswith(("AbstractVar", "AbstractClassVar"))]


def test_the_rule_sees_a_parent_that_is_not_abstract():
    parent = type("Parent", (BaseModel,), {"__module__": "covolt.sample"})
    type("Child", (parent,), {"__module__": "covolt.sample"})
    assert faults(parent) == ["is final, and Child inherit from it"]
    assert faults(type("AbstractThing", (BaseModel,), {"__module__": "covolt.sample", "made": lambda self: 1}))
