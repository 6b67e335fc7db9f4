"""The command line reads options and prints: what it does, a use case does; which rooms it may open is named here."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import modules, short, tree

ROOMS = (
    "covolt.cli", "covolt.study.cases", "covolt.study.result", "covolt.errors", "covolt.words", "covolt.catalogues",
    "covolt.digits", "covolt.units", "covolt.clock", "covolt.files", "covolt.legible", "covolt.suggestion", "covolt.workspace",
)  # fmt: skip
"""Use cases, and what every door needs to read words and print them."""
OPENED = {
    "covolt.contract.architecture": "names of interfaces, for their list",
    "covolt.library.cars": "names of shipped cars, in a hint",
    "covolt.programme.amendments": "a day, a month or a year as a language writes it",
    "covolt.programme.folder": "the name of the charter, to see whether a folder is a programme",
    "covolt.programme.keys": "a fingerprint in words",
    "covolt.programme.negative": "the years of a negative as a language writes them",
    "covolt.programme.levels": "levels in words, and units without their year",
    "covolt.programme.seen": "who sees an offer, as a sentence",
    "covolt.programme.signing": "the private key of who signs an offer, read from its file",
    "covolt.programme.text": "a party's words in a line of covolt's",
    "covolt.simulation.charging": "names of what limits a session, for their words",
    "covolt.simulation.picture": "a trace as a picture in a file",
    "covolt.simulation.precision": "sets up the process before anything is computed",
    "covolt.study.gate.check": "`check` is a use case that gates need too",
    "covolt.study.gate.gates": "the document of gates, around the states that the case gives",
    "covolt.study.negotiation.wording": "how a settlement and how parties stand to it are said",
    "covolt.study.procedures.registry": "the list of procedures, printed as it is",
    "covolt.study.verdicts.checking": "whether a line's text was checked, beside the line",
    "covolt.study.verdicts.decisive": "what to measure next, of verdicts",
    "covolt.study.verdicts.listed": "verdicts in their own units, as CSV and as JUnit XML",
    "covolt.study.verdicts.printed_units": "units as a language prints them",
    "covolt.study.verdicts.rests_on": "parts that are not covolt's behind verdicts, each in a line",
    "covolt.study.verdicts.unstated_number": "numbers that state no uncertainty, and how their owners do, as sentences",
    "covolt.study.verdicts.verdict": "a value with its uncertainty as text",
}
"""Modules beside them that a command opens, and for what; `demo` drives cars that were measured and opens what that needs."""
DEMONSTRATION = "cli/demo.py"


def opened(module: ast.Module) -> Iterator[str]:
    """Modules of ours that a module imports when it runs, anywhere in it."""
    typing = {
        id(each)
        for node in ast.walk(module)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for one in node.body
        for each in ast.walk(one)
    }
    for node in ast.walk(module):
        if id(node) in typing:
            continue
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] == "covolt")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "covolt":
            yield from (f"covolt.{one.name}" for one in node.names) if node.module == "covolt" else (node.module or "",)


def is_free(name: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in ROOMS)


COMMANDS = [path for path in modules() if short(path).startswith("cli/") and short(path) != DEMONSTRATION]


@pytest.mark.parametrize("path", COMMANDS, ids=short)
def test_a_command_opens_use_cases_alone(path):
    assert [one for one in opened(tree(path)) if not is_free(one) and one not in OPENED] == []


def test_every_exception_is_needed():
    found = {one for path in COMMANDS for one in opened(tree(path))}
    assert set(OPENED) <= found
