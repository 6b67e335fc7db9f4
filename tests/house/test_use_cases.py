"""Every command is a use case that can be called without a terminal."""

import ast

from covolt.cli.application import app
from tests.house.source import ROOT
from tests.test_docs import commands

WORKSPACE = {"people add", "people list", "people token", "people invite", "people end"}
"""These are use cases of the workspace, which its tests call."""


def called() -> set[str]:
    """Commands for which the test that acts as a server calls something."""
    tree = ast.parse((ROOT / "tests/study/cases/test_server.py").read_text(encoding="utf-8"))
    table = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "CALLED"
        and isinstance(node.value, ast.Dict)
    )
    return {key.value for key in table.keys if isinstance(key, ast.Constant)}


def test_a_server_calls_every_command_but_the_demonstration():
    import typer

    words = {words for words, _ in commands(typer.main.get_command(app))}
    assert words - called() == {"demo", "serve"} | WORKSPACE
    assert called() <= words


def test_no_use_case_knows_the_terminal():
    names = ("typer", "rich", "covolt.cli")
    for path in [*(ROOT / "src/covolt/study").rglob("*.py"), ROOT / "tests/study/cases/test_server.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            found += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [one for one in found if one.startswith(names)], path
