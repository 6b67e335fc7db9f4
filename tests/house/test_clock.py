"""The clock is read where a door is opened, and handed in below: a verdict does not depend on what nobody sees."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import modules, short, tree

READERS = {
    "clock.py": "reads the day",
    "programme/reading.py": "asks for the day where none is handed in, once for a whole programme",
    "simulation/kept.py": "the age of kept files, which changes no number",
}
"""Modules that may know what time it is, and why; those of `cli` are doors."""
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime", "ctime"}
MODULES = {"datetime", "date", "time", "clock"}


def readings(module: ast.Module) -> Iterator[int]:
    """Lines that ask for the time of day, or for what does; how long something takes is not of the day."""
    taken = {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2] in MODULES
        for alias in node.names
        if alias.name in CLOCKS and not (node.module == "datetime" and alias.name == "time")
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in taken:
                yield node.lineno
            elif isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                owner = ast.unparse(called.value).rpartition(".")[2]
                if owner in MODULES:
                    yield node.lineno


@pytest.mark.parametrize("path", modules(), ids=short)
def test_only_named_modules_read_the_clock(path):
    if short(path) in READERS or short(path).startswith("cli/"):
        pytest.skip("a door, or named above")
    assert not list(readings(tree(path))), "take the day of the programme, or as an argument"


def test_every_named_module_reads_it():
    named = {short(path) for path in modules() if list(readings(tree(path)))}
    assert {one for one in named if not one.startswith("cli/")} == set(READERS)


def test_the_rule_sees_a_clock_by_any_name():
    text = """
import datetime, time
from datetime import date, datetime as moment
from time import time as seconds
from covolt.clock import today as day
datetime.date.today(); date.today(); moment.now(); seconds(); time.time(); day(); datetime.datetime.now(1)
time.monotonic(); mission.time(); one.today()
"""
    found = list(readings(ast.parse(text.replace("moment.now", "datetime.now"))))
    assert len(found) == 7
    assert set(found) == {6}
