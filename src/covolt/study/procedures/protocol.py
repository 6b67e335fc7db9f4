"""Procedures and their protocols: recipes whose every intermediate value is numbered, so that a person can tick it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import cast, final

from covolt.contract.architecture import INTERFACES
from covolt.contract.datasheet import Datasheet
from covolt.errors import InputError, Problem
from covolt.library.subject import Subject
from covolt.simulation.mission import HIGHEST_AMBIENT_K, LOWEST_AMBIENT_K
from covolt.study.lifetime.aged import aged
from covolt.study.procedures.asked_again import AskedAgain
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.curve import Curve
from covolt.study.procedures.driving import carry_out
from covolt.study.procedures.foreign_use import Uses
from covolt.study.procedures.given import Given, Start, key_of
from covolt.study.procedures.openness import Open, Side
from covolt.study.procedures.record import OWN, Line, Measure, Record
from covolt.words import Phrase, Text, message, text

__all__ = [
    "NO_TEXT",
    "OWN",
    "Given",
    "Line",
    "Measure",
    "Procedure",
    "Recipe",
    "Record",
    "Recorder",
    "Start",
]

NO_TEXT = frozenset({OWN, "as required"})
"""Clauses that name no text: covolt's own, and what the requirement itself states."""


@final
class Recorder:
    """Collects the lines of one protocol and numbers them: `section` begins 1, 2 …, `line` counts 1.1, 1.2 …

    Where nobody reads the protocol (`protocol` is False), lines, curves and remarks are not kept. Where nobody asks what
    uncertain prices add (`asks_unsure` is False), a recipe need not work it out.
    """

    def __init__(
        self, procedure: str, measures: Iterable[Measure] = (), *, protocol: bool = True, unsure: bool = True
    ) -> None:
        self.procedure = procedure
        self.asks_unsure = unsure
        self._protocol = protocol
        self._declared = {one.id: one for one in measures}
        self._lines: list[Line] = []
        self._curves: list[Curve] = []
        self._remarks: list[Phrase] = []
        self._measures: dict[str, float] = {}
        self._missing: dict[str, Phrase] = {}
        self._laws: dict[str, Mapping[str, float]] = {}
        self._at_stop: dict[str, Phrase] = {}
        self._shortfalls: dict[str, Phrase] = {}
        self._sections: dict[str, int] = {}
        self._open: dict[str, Open] = {}
        self._unsure: dict[str, Mapping[str, float]] = {}
        self._absent: dict[str, Phrase] = {}
        self._lacking_heat_W: dict[str, float] = {}
        self._section = 0
        self._count = 0

    def section(self) -> None:
        """Begin the next step of the recipe."""
        self._section += 1
        self._count = 0

    def line(self, title: str | Phrase, value_si: float, unit: str, symbol: str = "", clause: str = "") -> float:
        """Note an intermediate value, and give it back."""
        if self._section == 0:
            self.section()
        if not self._protocol:
            return value_si
        self._count += 1
        number = f"{self._section}.{self._count}"
        said = title if isinstance(title, Phrase) else Text(title)
        self._lines.append(Line(number, said, float(value_si), unit, symbol, clause or OWN))
        return value_si

    def result(self, measure: Measure, value_si: float) -> None:
        """State the value of a measure, in SI; what a procedure does not declare is refused."""
        name = self._name(measure)
        self._measures[name] = float(value_si)
        self._sections[name] = self._section

    def at_least(self, measure: Measure, value_si: float, bounded: Phrase | None) -> None:
        """State the value of a measure, or that it is at least so much and why nobody knows more."""
        if bounded is None:
            self.result(measure, value_si)
        else:
            self.open(measure, value_si, None, bounded)

    def miss(self, measure: Measure, why: Phrase) -> None:
        """State why a result cannot be had of this vehicle."""
        self._missing[self._name(measure)] = why

    def open(
        self, measure: Measure, low_si: float | None, high_si: float | None, why: Phrase, sides: tuple[Side, ...] = ()
    ) -> None:
        """State between which ends a result lies, and which fact is missing; None where there is no end on that side."""
        self._open[self._name(measure)] = Open(low_si, high_si, why, sides)
        self._sections[measure.id] = self._section

    def miss_all(self, why: Phrase) -> None:
        """State why no result at all can be had of this vehicle."""
        for measure in self._declared.values():
            self.miss(measure, why)

    def laws(self, measure: Measure, values_si: Mapping[str, float]) -> None:
        """State a result by each law, where laws disagree."""
        self._laws[self._name(measure)] = {law: float(value) for law, value in values_si.items()}

    def at_stop(self, measure: Measure, what: Phrase) -> None:
        """Say what holds a result, where something does."""
        self._at_stop[self._name(measure)] = what

    def shortfall(self, measure: Measure, what: Phrase) -> None:
        """Say what was asked for under a result and never reached."""
        self._shortfalls[self._name(measure)] = what

    def absent(self, measure: Measure, what: Phrase) -> None:
        """State that a result is 0 because the vehicle has no such machine, and which one."""
        self.result(measure, 0.0)
        self._absent[measure.id] = what

    def lacking_heat(self, measure: Measure, power_W: float) -> None:
        """Say that a cabin stays too cold under a result, and how much heat it lacks in the mean."""
        self._lacking_heat_W[self._name(measure)] = power_W

    def unsure(self, measure: Measure, by_slot_si: Mapping[str, float]) -> None:
        """State what the uncertain price of the offer in each slot adds to the uncertainty of a result, independently."""
        if by_slot_si:
            self._unsure[self._name(measure)] = dict(by_slot_si)

    def _name(self, measure: Measure) -> str:
        """Its name; a procedure states no measure that it does not declare."""
        if self._declared.get(measure.id) != measure:
            raise ValueError(f"the procedure '{self.procedure}' declares no measure '{measure.id}'")
        return measure.id

    def curve(self, curve: Curve) -> None:
        """Keep a curve for the report."""
        if self._protocol:
            self._curves.append(curve)

    def remark(self, remark: Phrase) -> None:
        """Say what no number tells: by which law, how far it holds."""
        if self._protocol:
            self._remarks.append(remark)

    def record(self) -> Record:
        """The record of everything that was noted."""
        return Record(
            self.procedure,
            self._measures,
            tuple(self._lines),
            tuple(self._curves),
            tuple(self._remarks),
            self._missing,
            self._laws,
            self._at_stop,
            self._shortfalls,
            self._sections,
            self._open,
            self._unsure,
            self._absent,
            self._lacking_heat_W,
        )


Recipe = Callable[[Subject, Given, Recorder], Asking[None] | None]
"""How a procedure is done: a generator that asks for drives (`yield from ask(…)`) and notes what it finds; where it needs no
drive, a plain function. Pure: the same subject, as aged as is given, and the same conditions give the same record."""

HeldBy = Callable[[Mapping[str, Datasheet], Given, Record, str, float], str | Phrase]
"""Of the datasheets, the conditions, the record, and a measure with its bound in SI."""


def _nothing(*_: object) -> str:
    return ""


def _nowhere(_given: Given, _measure: str) -> None:
    return None


_USUAL = asdict(Given())
_WEATHER = ("ambient_temperature_K", "start")
_IN_WEATHER = text(
    "it is done in the air that it prescribes; in the cold or the heat ask 'cold', 'hot-soak' or a test on the road"
)


def _innermost(recipe: object) -> object:
    """The function of a recipe, whatever was given to it beforehand."""
    while isinstance(recipe, partial):
        recipe = cast("partial[object]", recipe).func
    return recipe


@dataclass(frozen=True)
class Procedure:
    """A recipe by name, the regulation that it follows, what it yields and which conditions it can be given."""

    id: str
    title: Phrase
    regulation: str
    measures: tuple[Measure, ...]
    recipe: Recipe
    conditions: tuple[str, ...] = ()
    """Names of the fields of `Given` that the recipe heeds; a requirement that states another is refused."""
    categories: tuple[str, ...] = ("M1", "N1", "M2", "M3", "N2", "N3")
    other_categories: str = ""
    """What is to be said to the others; empty where the list says enough."""
    validation_level: int = 1
    """How far what it yields was compared with measurement: 0 not at all, 1 over a cycle, 2 over time, 3 with heat."""
    compared: tuple[str, ...] = ()
    """Measures for which that holds, the others being at level 0; all where none is named."""
    compared_down_to_K: float = 283.15
    """Ambient below which nothing was compared, where a requirement states one."""
    ambients_K: tuple[float, float] = (LOWEST_AMBIENT_K, HIGHEST_AMBIENT_K)
    """Ambients that it is for; a requirement that states another is refused."""
    needed: Mapping[str, tuple[tuple[str, ...], str]] = field(default_factory=dict[str, tuple[tuple[str, ...], str]])
    """Fields of `Given` that a requirement must state for some categories, and what to write."""
    reads_terms: bool = False
    """Whether it reads, beside the vehicle, the terms of its offers and the dated tables of the programme."""
    held_by: HeldBy = _nothing
    """Of a bound that is not met, what it asks for, and what and whose holds the measure back; empty where there is no more to say."""
    reads_levels: bool = False
    """Whether it reads what parties state at their levels, and nothing of the vehicle, so that no number of it is moved."""
    shares_drives: str = ""
    """Name in common with procedures that make some of the same drives, so that these are made once where all are measured."""
    weighs: frozenset[str] = frozenset()
    """Declared numbers whose uncertainty it weighs by itself, as sides of a step; nobody else moves them under it."""
    climate: Callable[[Given, str], str | None] = _nowhere
    """Place through whose months it comes to a measure, named or its own choice; None where it goes through none."""
    mass_only: tuple[str, ...] = ()
    """Slots of which nothing but the mass can change the record; the cabin only while no ambient is given, which turns it on."""
    on_bench: tuple[str, ...] = ()
    """Slots whose models it asks without a drive."""

    def unused(self, given: Given) -> set[str]:
        """Slots of which nothing but the mass can change the record under these conditions."""
        cabin_runs = given.ambient_temperature_K is not None
        return set(self.mass_only) - ({"cabin"} if cabin_runs else set())

    def models(self, given: Given) -> frozenset[str]:
        """Slots whose models, and not declared numbers alone, make the record under these conditions: all of a vehicle it drives."""
        if not inspect.isgeneratorfunction(_innermost(self.recipe)):
            return frozenset(self.on_bench)
        return frozenset(INTERFACES) - self.unused(given)

    def problems(self, given: Given, category: str) -> list[Problem]:
        """Conditions that the recipe would not heed, and those that it needs for a category and that nobody states."""
        stated = {one for one, usual in _USUAL.items() if getattr(given, one) != usual}
        found: list[Problem] = []
        for name in sorted(stated - set(self.conditions)):
            heeds = text("it heeds: {heeded}", heeded=", ".join(self.heeded) or text("none"))
            what = text("the procedure '{id}' does not heed {key_of}", id=self.id, key_of=key_of(name))
            found.append(Problem(what, "conditions", _IN_WEATHER if name in _WEATHER else heeds))
        found += self._outside(given)
        for name, (categories, hint) in self.needed.items():
            if category in categories and name not in stated:
                needs = {"id": self.id, "key": key_of(name), "category": category}
                what = message("the procedure '{id}' needs {key} of category {category}", needs)
                found.append(Problem(what, "conditions", hint))
        if category not in self.categories:
            hint = self.other_categories or text("it is for {categories}", categories=", ".join(self.categories))
            what = text("'{id}' is not for category {category}", id=self.id, category=category)
            found.append(Problem(what, "procedure", hint))
        return found

    def _outside(self, given: Given) -> list[Problem]:
        """An ambient that it is not for; one in which nothing can be driven is told where it stands."""
        ambient_K, (low_K, high_K) = given.ambient_temperature_K, self.ambients_K
        if ambient_K is None or low_K <= ambient_K <= high_K or not LOWEST_AMBIENT_K <= ambient_K <= HIGHEST_AMBIENT_K:
            return []
        ends = {"stated": ambient_K, "low": low_K, "high": high_K}
        values = {name: f"{one - 273.15:g}" for name, one in ends.items()} | {"id": self.id}
        what = message("an ambient of {stated} degC, and '{id}' is for {low} to {high} degC", values)
        return [Problem(what, "conditions", text("state an ambient within it, or ask another procedure"))]

    def asking(self, subject: Subject, given: Given, *, protocol: bool = True, unsure: bool = True) -> Asking[Record]:
        """Its recipe under way on a vehicle: what it asks for, and in the end its record.

        Its protocol is in it where that is wanted, and so is what uncertain prices add (`unsure`).

        Raises:
            InputError: a condition is given that it does not heed, or one is missing.
        """
        problems = self.problems(given, subject.category)
        if problems:
            raise InputError(problems)
        note = Recorder(self.id, self.measures, protocol=protocol, unsure=unsure)
        under_way = self.recipe(aged(subject, given.state_of_health_fraction), given, note)
        if under_way is not None:
            yield from under_way
        return note.record()

    def do(
        self,
        subject: Subject,
        given: Given,
        *,
        progress: Callable[[int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        asked_again: AskedAgain | None = None,
        uses: Uses | None = None,
    ) -> Record:
        """Its record of a vehicle, drive after drive; `progress` is told how many are done, `cancelled` asked before each.

        `asked_again` asks foreign parts the same again; `uses` collects what they do, whether a record comes of it or not.

        Raises:
            InputError: a condition is given that it does not heed, or one is missing.
            Cancelled: where `cancelled` says so.
        """
        uses = uses or Uses()
        asking = self.asking(subject, given)
        record = carry_out(asking, uses=uses, asked_again=asked_again, progress=progress, cancelled=cancelled)
        foreign = uses.found()
        return replace(record, foreign=foreign) if foreign else record

    @property
    def own(self) -> bool:
        """Whether its recipe is covolt's, and not another package's."""
        return str(getattr(_innermost(self.recipe), "__module__", "")).startswith("covolt.")

    @property
    def heeded(self) -> tuple[str, ...]:
        """Conditions that it heeds, as files call them."""
        return tuple(key_of(name) for name in self.conditions)

    def level_of(self, identifier: str, given: Given) -> int:
        """Validation level of a measure under these conditions."""
        cold = given.ambient_temperature_K is not None and given.ambient_temperature_K < self.compared_down_to_K
        aged = given.state_of_health_fraction < 1.0
        return 0 if cold or aged or (self.compared and identifier not in self.compared) else self.validation_level

    def measure(self, identifier: str) -> Measure | None:
        """Measure by name, None where the procedure does not yield it."""
        return next((one for one in self.measures if one.id == identifier), None)
