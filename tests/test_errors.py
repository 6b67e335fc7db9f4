"""Errors carry every problem, each with what, where and a hint."""

import inspect
import pickle
import re

import pytest

from covolt import errors
from covolt.cli import exit_codes
from covolt.errors import (
    ENDINGS,
    Conflict,
    CovoltError,
    CycleError,
    Forbidden,
    InputError,
    NotFound,
    Problem,
    Unavailable,
    ending_of,
    kind_of,
    refuse,
)
from covolt.words import text
from tests.house.source import ROOT


def test_all_problems_are_kept_and_told():
    error = InputError([Problem("no unit", "pack.toml:7", "write V"), Problem("empty")])
    assert len(error.problems) == 2
    assert str(error) == "pack.toml:7: no unit\n  hint: write V\nempty"


def test_one_problem_needs_no_list():
    problem = Problem("empty")
    assert CovoltError(problem).problems == (problem,)


def test_every_error_is_drawn_in_the_tree():
    tree = inspect.getdoc(errors) or ""
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, CovoltError):
            assert name in tree
            with pytest.raises(CovoltError):
                raise kind(Problem("x"))


KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CovoltError)]


def test_every_kind_has_its_row_in_the_one_table_and_on_the_page_and_no_other_is_there():
    assert set(ENDINGS) == set(KINDS)
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \| (.+) \|$", page, re.MULTILINE)
    assert told == [
        (kind.__name__, str(one.exit_code), str(one.http_status), one.title) for kind, one in ENDINGS.items()
    ]
    assert {one.exit_code for one in ENDINGS.values()} <= set(exit_codes.MEANINGS)


@pytest.mark.parametrize("kind", [NotFound, Conflict, Forbidden, Unavailable])
def test_who_caught_input_errors_still_does_and_scripts_still_see_a_2(kind):
    with pytest.raises(InputError):
        raise kind(Problem("x"))
    assert exit_codes.exit_code(kind(Problem("x"))) == exit_codes.INPUT_WRONG
    assert ending_of(kind(Problem("x"))).http_status not in {422, 500}


def test_a_kind_that_the_table_does_not_have_ends_as_its_parent():
    child = type("Child", (Conflict,), {})
    assert ending_of(child(Problem("x"))).http_status == 409


def test_problems_of_several_kinds_are_told_together_as_input_that_is_wrong():
    assert kind_of([NotFound, NotFound]) is NotFound
    assert kind_of([NotFound, Conflict]) is InputError
    refuse({NotFound: [], Conflict: []})
    with pytest.raises(Conflict, match="taken"):
        refuse({NotFound: [], Conflict: [Problem("taken")]})
    with pytest.raises(InputError) as told:
        refuse({NotFound: [Problem("a")], Conflict: [Problem("b")]})
    assert type(told.value) is InputError
    assert [one.what for one in told.value.problems] == ["a", "b"]
    assert not issubclass(CycleError, NotFound)


def test_a_problem_is_read_in_english_and_said_in_a_language():
    inner = Problem(text("the text is empty"), "part.toml:3", text("fill it in, or leave the key out"))
    told = Problem(text("cannot be read: {why}", why=inner.what), inner.where, inner.hint)
    assert (told.what, told.hint) == ("cannot be read: the text is empty", "fill it in, or leave the key out")
    said = told.said("ru")
    assert (said.what, said.where, said.hint) == (
        "не читается: текст пуст",
        "part.toml:3",
        "заполните или уберите ключ",
    )
    assert told == Problem("cannot be read: the text is empty", "part.toml:3", "fill it in, or leave the key out")
    assert pickle.loads(pickle.dumps(told)).said("ru") == said
