"""Who sees what is decided in one module; everything above takes a programme as its reader sees it."""

import ast

import pytest

from tests.house.source import modules, short, tree

DECIDES = "programme/seen.py"


def readings(module: ast.Module) -> list[int]:
    """Lines that read who may see something, by attribute or by name; what a class states of itself reads nothing."""
    found = [node.lineno for node in ast.walk(module) if isinstance(node, ast.Attribute) and node.attr == "visibility"]
    calls = (node for node in ast.walk(module) if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr")
    return found + [one.lineno for one in calls if any(ast.unparse(each) == "'visibility'" for each in one.args)]


@pytest.mark.parametrize("path", modules(), ids=short)
def test_one_module_decides_who_sees_what(path):
    if short(path) == DECIDES:
        assert readings(tree(path))
    else:
        assert not readings(tree(path)), "take a programme that is seen_by a party"


def test_the_rule_sees_every_way_of_reading_it():
    text = """
requirement.visibility
getattr(one, "visibility", "")
class Stated:
    visibility: str = "programme"
Column("visibility", "Visible to")
"""
    assert readings(ast.parse(text)) == [2, 3]
