"""The list of security answers every number of its standard once, and names only tests that are there."""

import ast
import re

import pytest

from tests.house.source import ROOT

LIST = ROOT / "docs" / "explanation" / "security.md"
LEVEL_2 = {
    "V1.1": "1-7", "V1.2": "1-4", "V1.4": "1,4,5", "V1.5": "1-4", "V1.6": "1-4", "V1.7": "1-2", "V1.8": "1-2", "V1.9": "1-2",
    "V1.10": "1", "V1.11": "1-2", "V1.12": "2", "V1.14": "1-6",
    "V2.1": "1-12", "V2.2": "1-3", "V2.3": "1-3", "V2.4": "1-5", "V2.5": "1-7", "V2.6": "1-3", "V2.7": "1-6", "V2.8": "1-7",
    "V2.9": "1-3", "V2.10": "1-4",
    "V3.1": "1", "V3.2": "1-4", "V3.3": "1-4", "V3.4": "1-5", "V3.5": "1-3", "V3.7": "1",
    "V4.1": "1-3,5", "V4.2": "1-2", "V4.3": "1-3",
    "V5.1": "1-5", "V5.2": "1-8", "V5.3": "1-10", "V5.4": "1-3", "V5.5": "1-4",
    "V6.1": "1-3", "V6.2": "1-6", "V6.3": "1-2", "V6.4": "1-2",
    "V7.1": "1-4", "V7.2": "1-2", "V7.3": "1,3,4", "V7.4": "1-3",
    "V8.1": "1-4", "V8.2": "1-3", "V8.3": "1-8",
    "V9.1": "1-3", "V9.2": "1-4",
    "V10.2": "1-2", "V10.3": "1-3",
    "V11.1": "1-8",
    "V12.1": "1-3", "V12.2": "1", "V12.3": "1-6", "V12.4": "1-2", "V12.5": "1-2", "V12.6": "1",
    "V13.1": "1,3-5", "V13.2": "1-3,5-6", "V13.3": "1-2", "V13.4": "1-2",
    "V14.1": "1-4", "V14.2": "1-6", "V14.3": "2-3", "V14.4": "1-7", "V14.5": "1-4",
}  # fmt: skip
"""Numbers of level 2 of the standard, 4.0.3, by section; those that it has deleted, and those of level 3 alone, left out."""
ROW = re.compile(r"^\| (V[^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(LIST.read_text(encoding="utf-8"))
NAMED = re.compile(r"`((?:[\w/]+/)?test_\w+\.py)(?:::(\w+))?`")


def spread(section, said):
    for one in said.split(","):
        first, _, last = one.partition("-")
        yield from (f"{section}.{at}" for at in range(int(first), int(last or first) + 1))


def numbers(said):
    """The numbers of the first column: single ones, and from one to another of the same section."""
    for one in said.split(", "):
        first, _, last = one.partition(" to ")
        section, _, at = first.rpartition(".")
        assert not last or last.rpartition(".")[0] == section, one
        yield from spread(section, f"{at}-{(last or first).rpartition('.')[2]}")


def test_every_number_of_level_2_is_answered_once():
    wanted = [one for section, said in LEVEL_2.items() for one in spread(section, said)]
    answered = [one for said, _, _ in ROWS for one in numbers(said)]
    assert sorted(answered) == sorted(wanted)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_an_answer_names_its_tests_or_says_why(row):
    _, answer, told = row
    assert answer in {"yes", "in part", "no", "not applicable"}
    named = NAMED.findall(told)
    assert told.count("test_") == 0 or named
    if answer == "yes":
        assert named, "a yes names the test that would fail"
    else:
        assert len(re.sub(r"`[^`]*`", "", told)) > 15, "and why not"
    for path, test in named:
        file = ROOT / path if path.startswith("tests/") else ROOT / "tests" / "workspace" / path
        assert file.is_file(), path
        if test:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            assert test in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}, f"{path}::{test}"
