"""What a procedure yielded: measures, the numbered lines that lead to them, and what is to be said of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

import pydantic.dataclasses

from covolt import units
from covolt.display import AbstractShown, Table
from covolt.study.procedures.curve import Curve
from covolt.study.procedures.foreign_use import ForeignUse
from covolt.study.procedures.openness import Open
from covolt.study.result import RESULT, Number, Said
from covolt.words import Phrase, Words

__all__ = ["OWN", "Line", "Measure", "Record"]

OWN = "covolt"
"""Clause of what no regulation asks for."""


@pydantic.dataclasses.dataclass(frozen=True, config=RESULT)
class Measure:
    """One number that a procedure yields. `unit` is the one in which people read it; the value itself is in SI.

    `least_si` and `most_si` are what it can be at all by what it means, such as 0 and 1 of a share; None where its unit says enough
    (`reach`).
    """

    id: str
    title: Said
    unit: str
    least_si: Number | None = None
    most_si: Number | None = None

    @property
    def si_unit(self) -> str:
        """SI unit of the value."""
        return units.unit(self.unit).si


@pydantic.dataclasses.dataclass(frozen=True, config=RESULT)
class Line:
    """One numbered intermediate value of a protocol, in SI, with the unit and the symbol in which the regulation prints it.

    `clause` is where a regulation asks for it; "covolt" where none does and the recipe is this project's. Whether somebody has
    held it against that text says `covolt.study.verdicts.checking`.
    """

    number: str
    title: Said
    value_si: Number
    unit: str
    symbol: str = ""
    clause: str = ""

    @property
    def shown(self) -> float:
        """Value in the printed unit."""
        return units.unit(self.unit).from_si(self.value_si)


@pydantic.dataclasses.dataclass(frozen=True, config=RESULT, repr=False)
class Record(AbstractShown):
    """What a procedure yielded: its measures in SI, the lines that lead to them, curves, and remarks.

    A measure that the vehicle cannot reach is absent and `missing` says why in an engineer's words; one for which a fact is
    missing is absent too, and `open` has its ends and that fact. Where published laws disagree, `laws` gives the measure by each of them. `at_stop` names measures that a limiter or an end of the scale holds, so
    that a declared number does not move them, and what holds them; `shortfalls` what of the duty, comfort or power that was
    asked for the vehicle never reached, by measure. `sections` gives the section of the protocol in which a measure was stated.
    `unsure` gives what uncertain prices of offers add to a measure's standard uncertainty, by slot; they are independent.
    `absent` names measures of a machine that the vehicle does not have, which are 0, and that machine. `lacking_heat_W` is the heat that
    a cabin lacks which stays too cold, by the measures to which that matters.
    """

    procedure: str
    measures: Mapping[str, Number]
    lines: tuple[Line, ...] = ()
    curves: tuple[Curve, ...] = ()
    remarks: tuple[Said, ...] = ()
    missing: Mapping[str, Said] = field(default_factory=dict[str, Phrase])
    laws: Mapping[str, Mapping[str, Number]] = field(default_factory=dict[str, Mapping[str, float]])
    at_stop: Mapping[str, Said] = field(default_factory=dict[str, Phrase])
    shortfalls: Mapping[str, Said] = field(default_factory=dict[str, Phrase])
    sections: Mapping[str, int] = field(default_factory=dict[str, int])
    open: Mapping[str, Open] = field(default_factory=dict[str, Open])
    unsure: Mapping[str, Mapping[str, Number]] = field(default_factory=dict[str, Mapping[str, float]])
    absent: Mapping[str, Said] = field(default_factory=dict[str, Phrase])
    lacking_heat_W: Mapping[str, Number] = field(default_factory=dict[str, float])
    foreign: tuple[ForeignUse, ...] = ()
    """What parts that are not covolt's did for it."""
    unanswered: Said = field(default_factory=Words)
    """Why such a part gave no answer; then nothing was yielded, and nothing is known of the vehicle."""

    def as_tables(self) -> list[Table]:
        """The measures, each with what holds it or why it is missing, and the numbered lines that lead to them."""
        from covolt.study.procedures.record_table import record_tables

        return record_tables(self)

    def lines_of(self, measure: str) -> tuple[Line, ...]:
        """Lines on which a measure may stand: those up to the end of the section in which it was stated."""
        last = self.sections.get(measure)
        return tuple(one for one in self.lines if last is None or int(one.number.partition(".")[0]) <= last)
