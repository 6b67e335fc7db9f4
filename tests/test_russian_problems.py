"""What is wrong is said to a Russian reader in Russian: no sentence of ours or of a library in English stands in it."""

import copy
import re
import tomllib

import pytest
from pydantic import TypeAdapter, ValidationError

from covolt import units
from covolt.contract.document import validate
from covolt.contract.mistakes import told_plainly
from covolt.errors import CovoltError, Problem
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.workspace.doors.wanted import WantedNumber
from tests.house.source import ROOT

QUOTED = re.compile(
    r"«[^»]*»|\"[^\"]*\"|'[^']*'|`[^`]*`|\[[^\]]*\]|\{[^}]*\}|"
    r"\bcovolt [a-z-]+[a-zA-Z _-]*|\bgit [a-z -]+|--[a-z-]+|: [a-z_0-9, -]+$"
)
SENTENCE = re.compile(r"\b[A-Za-z]{2,}(?: [A-Za-z]{2,})+\b")
"""Two words of Latin letters in a row, beside what is quoted, commands, and a list of names."""
WRONG = [None, True, -1, "", "???", "12 kgg", [1], {"a": 1}]
EXAMPLES = sorted((ROOT / "examples" / "city-car").rglob("*.toml"))


def english(problems):
    """Sentences in English in what a Russian reader is told."""
    said = [one.said("ru") for one in problems]
    texts = [each for one in said for each in (one.what, one.hint)]
    return {f"{each} ({found[0]})" for each in texts if (found := SENTENCE.findall(QUOTED.sub(" ", each)))}


def kinds():
    """One file of each kind of document of the shipped programme."""
    found = {}
    for file in EXAMPLES:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        found.setdefault(table.get("schema"), table)
    return {name: table for name, table in found.items() if name in PROGRAMME_SCHEMAS}


def bent(table, path=()):
    """The table with one thing wrong, for each key of it and of what stands in it."""
    for key, value in table.items():
        for wrong in WRONG:
            yield (*path, key), wrong
        if isinstance(value, dict):
            yield from bent(value, (*path, key))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ((inner, wrong) for inner, wrong in bent(value[0], (*path, key, 0)))
    yield (*path, "unheard_of"), 1


def put(table, path, value):
    made = copy.deepcopy(table)
    place = made
    for step in path[:-1]:
        place = place[step]
    if value is None:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
    return made


@pytest.mark.parametrize("name", sorted(kinds()))
def test_documents(name):
    table, found, told = kinds()[name], set(), 0
    for path, wrong in bent(table):
        try:
            validate(put(table, path, wrong), PROGRAMME_SCHEMAS[name], "file.toml")
        except CovoltError as error:
            told += len(error.problems)
            found |= english(error.problems)
    assert told > 20, "the corpus finds nothing wrong"
    assert found == set()


def test_units():
    found, told = set(), 0
    for si in {one.si for one in units.UNITS.values()}:
        for written in (
            "12",
            "12 kgg",
            "1602 kW",
            "1602 kg",
            "5 degC",
            "abc",
            "1,5 kg",
            "1 000 kg",
            "1e999 kg",
            "",
            12,
        ):
            for parse in (units.parse, units.parse_difference):
                try:
                    parse(written, si)
                except CovoltError as error:
                    told += 1
                    found |= english(error.problems)
    assert told > 500
    assert found == set()


BODIES = [None, [], "x", 1, {}, {"slot": 1}, {"number": None, "value": []}, {"number": "x" * 101, "value": "1"}]


def test_requests():
    """What a door cannot read is told in no words of the library that reads it."""
    found, told = set(), 0
    for body in BODIES:
        try:
            TypeAdapter(WantedNumber).validate_python(body)
        except ValidationError as error:
            problems = [told_plainly(one, "body") for one in error.errors()]
            told += len(problems)
            found |= english(problems)
    assert told > 8
    assert found == set()


def test_a_sentence_in_english_is_found():
    assert english([Problem("Field required", "body")])
    assert english([Problem("Input should be a valid list", "body")])
