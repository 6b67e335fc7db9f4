"""What a party says to its proposal at a terminal: written beside it, or said already, and what is told with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covolt.cli.options import language_of
from covolt.cli.printing import console, indented, print_written
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.errors import Problem
    from covolt.study.cases.answering import ProposalOptions
    from covolt.study.result import Notice

__all__ = ["SPELLED", "of_file", "say_answer"]

SPELLED = {
    "study": "--study",
    "rule": "--rule",
    "output": "--output",
    "party": "--party",
    "bounds": "--bound",
    "key": "--key",
}
"""Options of negotiations and answers, as they are called at a terminal."""


def of_file(one: Notice | Problem) -> Phrase:
    """What is said of a file, after its name."""
    return joined([part for part in (one.where, one.what) if part], ": ")


def say_answer(word: str, asked: ProposalOptions, language: str | None) -> None:
    """Accept or refuse a proposal, and say where that is written."""
    from covolt.study.cases.answering import answer
    from covolt.study.negotiation.answers import ANSWERED

    findings = Findings(SPELLED)
    language_of(findings, language)
    found, out = answer(asked, word, findings=findings), console()
    for one in found.notices:
        out.print(indented(of_file(one), 0), style="yellow")
    if found.already:
        said = text("{word} already, on {day}: {file}", word=ANSWERED[word], day=found.on, file=str(found.path))
        out.print(said, soft_wrap=True)
    else:
        print_written(out, found.path)
    if word == "refuse":
        out.print(text("Next: covolt negotiate, with the same --study and --output"))
