"""Reading of options, however they arrive: every problem of every option and file is found before anything is raised."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING, TypeVar, final

from covolt import units
from covolt.catalogues import Language, decimal_mark
from covolt.errors import Cancelled, CovoltError, InputError, NotFound, Problem, UnitError, kind_of
from covolt.words import Phrase, in_each, said, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["Findings", "Patience", "Progress", "Wish", "heed", "silent"]

Value = TypeVar("Value")
Patience = Callable[[], AbstractContextManager[object]]
"""Opened while something takes seconds, such as compiling a kind of vehicle for the first time: a door gives a sign of life."""
Progress = Callable[[int, int], None]
"""Told how many of a case's drives, sessions or records are done, of how many."""
Wish = Callable[[], bool]
"""Whether whoever asked for a case no longer wants it; asked before every drive, and before anything is written."""
FRACTIONS = frozenset({"state_of_charge", "from_displayed_fraction", "to_displayed_fraction"})
"""Fields that people write in percent."""


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def heed(cancelled: Wish | None) -> None:
    """Raise `Cancelled` where whoever asked no longer wants it."""
    if cancelled is not None and cancelled():
        raise Cancelled


@final
class Findings:
    """Problems found so far; `demand_none` raises them together.

    Args:
        spelled: how the door through which they came calls the options of a case, such as `--soc`; else by their own names.
    """

    def __init__(self, spelled: Mapping[str, str] | None = None) -> None:
        self._spelled = spelled or {}
        self._problems: list[Problem] = []
        self._kinds: list[type[CovoltError]] = []

    def called(self, *options: str) -> str:
        """The options as who asks calls them."""
        return ", ".join(self._spelled.get(one, one) for one in options)

    def add(self, problem: Problem, kind: type[InputError] = InputError) -> None:
        """One more problem of the input."""
        self._problems.append(problem)
        self._kinds.append(kind)

    def take(self, read: Callable[[], Value], renamed: Callable[[Problem], Problem] | None = None) -> Value | None:
        """What `read` gives, or None where it raised; `renamed` may put a problem in the words of the options."""
        try:
            return read()
        except CovoltError as error:
            self._problems += [renamed(problem) if renamed else problem for problem in error.problems]
            self._kinds.append(type(error))
            return None

    def quantity(self, option: str, text: str | None, si_unit: str) -> float | None:
        """SI value of an option such as "-20 degC" or "50 %"; None where it was not given or is wrong."""
        return None if text is None else self.take(lambda: _parsed(text, si_unit, self.called(option)))

    def day(self, option: str, written: str) -> str | None:
        """Day of an option such as "2026-03-31"; None where it was not given or is wrong."""

        def read() -> str:
            try:
                return date.fromisoformat(written).isoformat()
            except ValueError as error:
                what = text("{written!r:.40} is no day", written=written)
                hint = text("write it such as 2026-03-31")
                raise InputError(Problem(what, self.called(option), hint)) from error

        return self.take(read) if written else None

    def seen(self, read: Programme, party: str) -> Programme:
        """The programme as a party reads it, as whoever speaks for none does where it is not named; an unknown one is found."""
        if party and party not in read.parties:
            hint = text("parties: {parties}", parties=", ".join(read.parties))
            self.add(Problem(text("no party '{party}'", party=party), self.called("party"), hint), NotFound)
        return read.seen_by(party or read.reader)

    def of_fields(self, names: Mapping[str, tuple[str, str | None]]) -> Callable[[Problem], Problem]:
        """A function that says which option a problem of a field came from, and what was written there."""

        def renamed(problem: Problem) -> Problem:
            field = problem.where.rpartition(".")[2]
            if field not in names:
                return problem
            option, written = self.called(names[field][0]), names[field][1]
            what = _in_celsius(problem.what) if field.endswith("_temperature_K") else problem.what
            if field in FRACTIONS and written is not None and "outside 0 to 1" in problem.what:
                what = text("{text} lies outside 0 to 100 %", text=written)
            return Problem(what, f"{option} {written!r}" if written else option, problem.hint)

        return renamed

    def demand_none(self) -> None:
        """Raise all problems found."""
        if self._problems:
            raise kind_of(self._kinds)(self._problems)


def _parsed(written: str, si_unit: str, option: str) -> float:
    """As `units.parse`, but no option takes a number without a unit: 0.5 may be meant in percent or as a share."""
    value = units.parse(written, si_unit, option)
    if si_unit == "1" and not re.search(r"[^\d\s.,eE+-]", written.replace("\N{MINUS SIGN}", "-")):
        percent = 100.0 * value if abs(value) <= 1.0 else value
        hint = text('write it in percent: "{percent:g} %"', percent=percent)
        raise UnitError(Problem(text("a bare number has no unit: '{text}'", text=written), option, hint))
    return value


def _in_celsius(sentence: str) -> Phrase:
    """A sentence on kelvins in the unit in which people speak of the weather."""

    def celsius(language: Language) -> str:
        def moved(found: re.Match[str]) -> str:
            return f"{float(found[0].replace(',', '.')) - 273.15:g}".replace(".", decimal_mark(language))

        return re.sub(r"-?\d+([.,]\d+)?", moved, said(sentence, language)).replace(" K", " degC")

    return in_each(celsius)
