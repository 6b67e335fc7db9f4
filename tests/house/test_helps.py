"""Helps of commands show what was written: nothing in brackets is taken for a style and lost."""

import typer
from rich.text import Text

from covolt.cli.application import app


def helps(command, words=()):
    """Every help of a command, of its options, and of those below it."""
    yield from ((words, one) for one in (command.help, command.epilog, command.short_help) if one)
    yield from (((*words, each.name), one) for each in command.params if (one := getattr(each, "help", None)))
    for name, below in getattr(command, "commands", {}).items():
        yield from helps(below, (*words, name))


def test_no_help_loses_a_bracket():
    found = list(helps(typer.main.get_command(app)))
    assert len(found) > 200
    assert [(words, one) for words, one in found if Text.from_markup(one).plain != one] == []


def test_what_would_be_lost_is_seen():
    assert Text.from_markup("speed [rpm]").plain == "speed "
