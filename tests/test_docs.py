"""Code on a documentation page runs, and the table of units is the one in the code."""

import re

import pytest
import typer

from covolt.cli.application import app
from covolt.units import UNITS
from tests.house.source import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(python|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TUTORIALS = ROOT / "docs/tutorials"  # done whole, with what they show: tests/test_tutorials.py
WITH_CODE = [
    page for page in PAGES if "```python" in page.read_text(encoding="utf-8") and TUTORIALS not in page.parents
]


@pytest.mark.whole
@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_code_on_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for language, code in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "toml":
            (tmp_path / "part.toml").write_text(code, encoding="utf-8")
        else:
            exec(compile(code, str(page), "exec"), names)


def test_the_page_of_units_is_complete():
    text = (ROOT / "docs/reference/units.md").read_text(encoding="utf-8")
    listed = {
        name
        for row in re.findall(r"^\| [A-Za-z ]+ \| (.+) \|$", text, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    }
    assert listed == set(UNITS)


def commands(group, path=()):
    """Every command with its words."""
    for name, one in group.commands.items():
        yield from commands(one, (*path, name)) if hasattr(one, "commands") else [(" ".join((*path, name)), one)]


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_every_command_is_on_the_page(name):
    """In the row of its command; those of drive have a table, and what every command takes stands above."""
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    above = set(re.findall(r"`(--[a-z]+)`", page.partition("\n| command |")[0]))
    [row] = re.findall(rf"^\| `covolt {name}[ `].*$", page, re.MULTILINE)
    if f"## Options of {name}" in page:
        row += page.split(f"## Options of {name}")[1].split("\n## ")[0]
    options = [one for one in COMMANDS[name].params if one.param_type_name == "option" and "--help" not in one.opts]
    named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row))
    assert not [one.opts for one in options if not (named | above) & set(one.opts)]
    known = {form for one in COMMANDS[name].params for form in (*one.opts, *one.secondary_opts)}
    assert named <= known, "nothing on the page that the command does not take"
