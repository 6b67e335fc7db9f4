"""Errors carry every problem, each with what, where and a hint."""

import inspect

import pytest

from covolt import errors
from covolt.errors import CovoltError, InputError, Problem


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
