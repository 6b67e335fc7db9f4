"""How the terminal asks for trust: what is shown before each question, the question, and what was agreed to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from covolt.cli.printing import console, indented

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.study.cases.trusting import Line, Question

__all__ = ["ask_for_trust", "asked", "can_ask", "print_agreed", "print_fingerprint", "print_lines"]


def can_ask() -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def print_fingerprint(fingerprint: str, indent: int = 2) -> None:
    """A fingerprint in words and in digits, broken at groups in a narrow terminal."""
    from covolt.programme.keys import in_groups, in_words

    lines = (in_words(fingerprint), in_groups(fingerprint[:32]), in_groups(fingerprint[32:]))
    console().print(indented("\n".join(lines), indent))


def print_lines(lines: Sequence[Line]) -> None:
    """What is told, or shown before a question."""
    for one in lines:
        if one.kind == "fingerprint":
            print_fingerprint(one.text, one.indent)
        else:
            console().print(one.text, style="bold red" if one.kind == "alarm" else None)


def asked(question: Question) -> bool:
    """The answer of who sits at the terminal; no where he only presses Enter."""
    print_lines(question.lines)
    return typer.confirm(question.asked, default=False)


def print_agreed(new: Sequence[str]) -> None:
    """What was agreed to, or that nothing was."""
    for line in new or ["nothing is new: all of it was agreed to before, or was not agreed to"]:
        console().print(line)


def ask_for_trust(read: Programme) -> bool:
    """Ask at the terminal for each first key that is not trusted yet, and each other word; whether anything was agreed to."""
    from covolt.study.cases.trusting import trust_asking

    new = trust_asking(read, asked)
    print_agreed(new)
    return bool(new)
