"""Verification: every requirement of a programme held against its locked vehicle."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from covolt import units
from covolt.errors import InputError, Problem
from covolt.library.joint import Doors
from covolt.library.models import model_level
from covolt.programme.charter import Scenario
from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement, StatedConditions
from covolt.simulation.cycles import standard
from covolt.simulation.mission import HIGHEST_AMBIENT_K, LOWEST_AMBIENT_K, Conditions
from covolt.study.lifetime.climate import the_place
from covolt.study.procedures.protocol import Given, Measure, Procedure, Record
from covolt.study.procedures.registry import find_measure, procedures
from covolt.study.verdicts.bench import Bench, Progress, Setting, Task
from covolt.study.verdicts.checking import readings_of_verdict, texts_checked
from covolt.study.verdicts.citing import citation_problems
from covolt.study.verdicts.conformance import Conformance, conformances
from covolt.study.verdicts.documented import of_document
from covolt.study.verdicts.foreign import NO_LINKS, Links
from covolt.study.verdicts.foreign_share import foreign_contributions, without_share
from covolt.study.verdicts.heat_told import with_climate, with_heat
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.offered_models import OfferedModels
from covolt.study.verdicts.own_tables import deciding
from covolt.study.verdicts.records import KeptRecords, RecordStore
from covolt.study.verdicts.rests_on import RestsOn, covered_words, rests_on
from covolt.study.verdicts.tables_told import with_tables
from covolt.study.verdicts.unchecked import unchecked_texts, with_texts
from covolt.study.verdicts.unstated import UnstatedNumbers
from covolt.study.verdicts.variation import (
    Sheets,
    Variation,
    World,
    contribution,
    moving,
    price_contributions,
    variations,
)
from covolt.study.verdicts.verdict import Verdict, judge, judge_open
from covolt.words import joined, message, text

__all__ = [
    "Verification",
    "conditions_of",
    "evidence_of",
    "given_of",
    "given_under",
    "nominal_verdict",
    "requirement_problems",
    "verdict_of",
    "verify",
]

NOT_YIELDED = text("the procedure did not yield this measure")
LOST = text("with a number moved by its uncertainty it cannot be had")
SHORT = text("with a number moved by its uncertainty it falls short of what was asked for")


@dataclass(frozen=True)
class Verification:
    """All verdicts, and the records that they stand on, by requirement."""

    verdicts: tuple[Verdict, ...]
    records: Mapping[str, Record]
    computed: int
    recalled: int
    conformances: tuple[Conformance, ...] = ()
    behind: Verification | None = None
    """The same without anything hidden, where something may be."""

    @property
    def whole(self) -> Verification:
        """Every verdict as it is: what gates judge and signatures cover, whoever reads."""
        return self.behind or self

    @property
    def acceptable(self) -> bool:
        """Whether every law and constraint is met, hidden ones too, and every part keeps what its contract lets be tested."""
        met = all(one.passes for one in self.whole.verdicts if one.kind in {"law", "constraint"})
        return met and not any(one.broken for one in self.conformances)

    def seen_in(self, programme: Programme) -> Verification:
        """The same as the reader of a programme may see it: of what is hidden from him only owner and kind are told."""
        whole = self.whole
        return replace(
            whole,
            verdicts=tuple(
                Verdict(requirement=one.requirement, verdict="hidden", owner=one.owner, kind=one.kind)
                if one.requirement in programme.hidden
                else one
                for one in whole.verdicts
            ),
            records={name: one for name, one in whole.records.items() if name not in programme.hidden},
            behind=whole,
        )


def given_of(requirement: Requirement, programme: Programme) -> Given:
    """Conditions of a requirement: its own over those of its scenario."""
    return given_under(requirement, programme.scenarios)


def conditions_of(requirement: Requirement, programme: Programme) -> dict[str, str | float]:
    """The same as they are written, with the scenario's name, and the climate through whose months a procedure goes.

    What else nobody states is as the procedure prescribes.
    """
    named = requirement.scenario
    above = programme.scenarios[named].conditions.model_dump(exclude_none=True) if named else {}
    stated = ({"scenario": named} if named else {}) | above | requirement.conditions.model_dump(exclude_none=True)
    procedure = procedures().get(requirement.procedure)
    place = None if procedure is None else procedure.climate(given_of(requirement, programme), requirement.measure)
    return stated if place is None else stated | {"climate": place}


def given_under(requirement: Requirement, scenarios: Mapping[str, Scenario]) -> Given:
    """The same with scenarios from elsewhere; of one that is not there, which is told besides, nothing."""
    scenario = scenarios[requirement.scenario].conditions if requirement.scenario in scenarios else StatedConditions()
    return _given(scenario, requirement.conditions)


def _given(*stated: StatedConditions) -> Given:
    """Conditions as a procedure takes them; later ones over earlier ones."""
    both = {key: value for one in stated for key, value in one.model_dump(exclude_none=True).items()}
    return Given.of(both)


def requirement_problems(programme: Programme) -> list[Problem]:
    """Scenarios and requirements whose procedure, measure, dimension or conditions do not exist, and what is cited wrongly."""
    problems: list[Problem] = []
    for name, scenario in programme.scenarios.items():
        where = programme.where("scenario", name, "conditions")
        problems += [Problem(one.what, where, one.hint) for one in _undrivable(_given(scenario.conditions))]
    problems += citation_problems(programme)
    for requirement in programme.requirements.values():
        if requirement.verify.method == "document":
            continue
        if requirement.scenario and requirement.scenario not in programme.scenarios:
            continue  # told already, and its conditions are not known

        def at(key: str, name: str = requirement.id) -> str:
            return programme.where("requirement", name, key)

        try:
            procedure, measure = find_measure(requirement.procedure, requirement.measure, at("measure"))
        except InputError as error:
            problems += error.problems
            continue
        key = "at_least" if requirement.at_least is not None else "at_most"
        if requirement.bound_si[1] != measure.si_unit:
            values = {"measure": measure.id, "unit": measure.unit, "bound": str(requirement.bound)}
            what = message("{measure} is in {unit}, and the bound is {bound}", values)
            problems.append(Problem(what, at(key), text("write the bound in a unit such as {unit}", unit=measure.unit)))
        given = given_of(requirement, programme)
        own = _undrivable(_given(requirement.conditions))
        problems += [Problem(one.what, at("conditions"), one.hint) for one in own]
        category = programme.charter.vehicle.category
        problems += [Problem(one.what, at(one.where), one.hint) for one in procedure.problems(given, category)]
    return problems


def _undrivable(given: Given) -> list[Problem]:
    """What no drive can be asked for, whatever the procedure: an impossible ambient or load, an unknown cycle or climate."""
    problems: list[Problem] = []
    ambient_K = given.ambient_temperature_K
    if ambient_K is not None and not LOWEST_AMBIENT_K <= ambient_K <= HIGHEST_AMBIENT_K:
        ends = [f"{units.unit('degC').from_si(end):g}" for end in (LOWEST_AMBIENT_K, HIGHEST_AMBIENT_K)]
        hint = text("name one of {ends} degC", ends=" to ".join(ends))
        problems.append(Problem(text("no drive is computed at this ambient"), "", hint))
    try:
        Conditions(payload_kg=given.payload_kg or 0.0)
        if given.cycle is not None:
            standard(given.cycle)
        the_place(given.climate)
    except InputError as error:
        problems += error.problems
    return problems


def verify(
    programme: Programme,
    store: RecordStore | None = None,
    *,
    progress: Progress | None = None,
    threads: int = 2,
    only: Iterable[str] | None = None,
    cancelled: Callable[[], bool] | None = None,
    links: Links = NO_LINKS,
    surely: bool = True,
) -> Verification:
    """Every requirement held against the locked vehicle; verdicts that the reader of the programme may not see are "hidden".

    Records already in the store are not made again. Every declared number, and every generic one that the datasheets leave
    open, is moved up and down by its standard uncertainty; what that does to a measure is its part of the uncertainty. `links`
    leads to parts that are not covolt's, by the slot of the vehicle; what moves then is covolt's model of what they declare. A
    locked part whose offer brings a model of its own is asked itself too, in the sandbox. Without `surely` no number is moved:
    values are the same, and no ± comes of what is declared or generic.

    Raises:
        InputError: every problem of the requirements, and what is wrong with a model that an offer brings along.
        Unavailable: there is one to be asked, and foreign code cannot be kept apart on this machine.
        Cancelled: where `cancelled`, which is asked before every drive, says so; records that were whole by then are kept.
    """
    with OfferedModels(programme.whole) as doors:
        return _verified(programme, store, progress, threads, only, cancelled, links, doors, surely=surely)


def _verified(
    programme: Programme,
    store: RecordStore | None,
    progress: Progress | None,
    threads: int,
    only: Iterable[str] | None,
    cancelled: Callable[[], bool] | None,
    links: Links,
    doors: Doors,
    *,
    surely: bool,
) -> Verification:
    reading, programme = programme, programme.whole
    problems = requirement_problems(programme)
    if problems:
        raise InputError(problems)
    store = store or KeptRecords.own()
    sheets, frame = locked_sheets(programme), programme.charter.vehicle
    wanted = set(only) if only is not None else set(programme.requirements)
    chosen = [one for one in programme.requirements.values() if one.id in wanted]
    computed = [one for one in chosen if one.verify.method != "document"]
    if computed:
        # The bench takes moved numbers as they are: those that were locked are held against each other here.
        subject_of(sheets, frame, "vehicle")
    varied, checks = variations(sheets) if surely else [], texts_checked(programme)
    bench = Bench(Setting.of(programme), store, links=links, doors=doors)
    tasks = _tasks(computed, programme, sheets, varied)
    if only is None:
        tasks.append(Task(procedures()["conformance"], Given(), World(sheets)))
    bench.do_all(tasks, threads, progress, cancelled)
    verdicts, records, unstated = list[Verdict](), dict[str, Record](), UnstatedNumbers(bench, sheets)
    for requirement in chosen:
        stated = conditions_of(requirement, programme)
        if requirement.verify.method == "document":
            verdicts.append(replace(of_document(requirement, programme), conditions=stated))
            continue
        procedure, measure = find_measure(requirement.procedure, requirement.measure, "")
        given = given_of(requirement, programme)
        record = records[requirement.id] = bench.record(procedure, given, sheets)
        left, asked = procedure.unused(given), {use.slot for use in record.foreign}
        levels = {slot: 0 if slot in asked else model_level(one) for slot, one in sheets.items() if slot not in left}
        sides = [
            (one, bench.measures(procedure, given, one.up), bench.measures(procedure, given, one.down))
            for one in moving(procedure, varied)
        ]
        rests = rests_on(record, sheets, programme.offers, links, procedure.models(given))
        judged = with_climate(
            verdict_of(requirement, measure, record, sides, sheets, evidence_of(record, rests)), stated
        )
        judged = with_heat(judged, programme, sheets, given, record.lacking_heat_W.get(measure.id))
        decided = deciding(bench, programme.tables, procedure, given, sheets)
        judged = with_tables(judged, measure, record, given, sheets, bench.setting.terms, decided)
        # Without any ± every value would seem to rest on numbers that state none.
        judged = unstated.told(judged, procedure, given) if surely else judged
        verdict = with_texts(judged, unchecked_texts(requirement, record, checks))
        held = procedure.held_by(sheets, given, record, measure.id, requirement.bound_si[0])
        verdicts.append(
            replace(
                verdict,
                why=joined((verdict.why, held))
                if verdict.verdict in {"not met", "within uncertainty"}
                else verdict.why,
                model_levels=levels,
                validation_level=min([procedure.level_of(measure.id, given), *levels.values()]),
                conditions=stated,
                checked=readings_of_verdict(requirement, record, checks),
                foreign=rests,
            )
        )
    tested = None if only is not None else bench.record(procedures()["conformance"], Given(), sheets)
    kept = () if tested is None else conformances(programme, tested, links)
    found = Verification(tuple(verdicts), records, store.computed, store.recalled, kept)
    return found.seen_in(reading) if reading.hidden else found


def _tasks(
    requirements: Sequence[Requirement], programme: Programme, sheets: Sheets, varied: Sequence[Variation]
) -> list[Task]:
    found: dict[tuple[str, Given], Procedure] = {}
    for requirement in requirements:
        found[requirement.procedure, given_of(requirement, programme)] = procedures()[requirement.procedure]
    own = World(sheets)
    return [
        Task(procedure, given, *world)
        for (_, given), procedure in found.items()
        for world in ((own, True), *((side, False) for one in moving(procedure, varied) for side in (one.up, one.down)))
    ]


def evidence_of(record: Record, rests: Sequence[RestsOn]) -> str:
    """Digest of what a record says, in seven digits, since another processor rounds the last ones, and of the parts behind it."""
    measures = [(name, f"{value:.6e}") for name, value in sorted(record.measures.items()) if name not in record.absent]
    measures += [
        (f"{name} {end}", f"{one:.6e}") for name, x in sorted(record.open.items()) for end, one in x.ends.items()
    ]
    lines = [(x.number, f"{x.value_si:.6e}") for x in record.lines]
    content = repr((record.procedure, measures, lines, *((one.slot, covered_words(one)) for one in rests)))
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def nominal_verdict(requirement: Requirement, measure: Measure, record: Record) -> Verdict:
    """Verdict by what is computed alone, as if every number were known; it cites no evidence, since its record is not kept.

    "within uncertainty" is said where laws disagree, or sides of a step lie on both sides of the bound.
    """
    return verdict_of(requirement, measure, replace(record, unsure={}), (), {})


def verdict_of(
    requirement: Requirement,
    measure: Measure,
    record: Record,
    varied: Sequence[tuple[Variation, Record, Record]],
    sheets: Sheets,
    evidence: str = "",
) -> Verdict:
    """Verdict of a computed measure, by the records with each uncertain number moved up and down."""
    value_si, opened = record.measures.get(measure.id, math.nan), record.open.get(measure.id)
    if opened is None and not math.isfinite(value_si):
        cannot = measure.id in record.missing
        return Verdict(
            requirement=requirement.id,
            verdict="not met" if cannot else "not verified",
            owner=requirement.party,
            kind=requirement.kind,
            procedure=requirement.procedure,
            measure=requirement.measure,
            unit=measure.unit,
            bound=units.unit(measure.unit).from_si(requirement.bound_si[0]),
            evidence=evidence,
            why=record.missing.get(measure.id) or record.unanswered or NOT_YIELDED,
        )
    # Sides of a step have their probabilities, to which nothing is added.
    steps = varied if opened is None or not opened.sides else ()
    moved = [(one, contribution(one, measure.id, up, down)) for one, up, down in steps]
    found = [one for _, one in moved if one is not None and (one.effect or any(one.by_law.values()))]
    if opened is None or not opened.sides:
        found += foreign_contributions(record, measure, sheets, [one for one, *_ in varied], found)
    found += price_contributions(record, measure, sheets)
    if opened is not None:
        verdict = judge_open(requirement, measure, opened, found, evidence)
    else:
        verdict = judge(requirement, measure, value_si, found, record.laws.get(measure.id), evidence)
    if measure.id in record.shortfalls:
        # A number reached without the duty, comfort or power that was asked for does not meet it.
        verdict = replace(verdict, verdict="not met", probability=None)
    beside = (record.at_stop, record.shortfalls, record.absent)
    told = (verdict.why, *(one.get(measure.id) for one in beside), without_share(record, measure))
    said = [words for words in told if words]
    # What is open without any number moved is not lost by one.
    lost = [one for one, how in moved if how is None and opened is None]
    reached = measure.id not in record.shortfalls
    short = [one for one, *sides in varied if reached and any(measure.id in side.shortfalls for side in sides)]
    for words, numbers in ((LOST, lost), (SHORT, short)):
        if not numbers:
            continue
        names = ", ".join(f"{one.slot} {one.number}".strip() for one in numbers)
        said.append(joined((words, names), ": "))
        if verdict.verdict in {"met", "within uncertainty"}:
            verdict = replace(verdict, verdict="within uncertainty", probability=None)
    if lost and verdict.verdict == "within uncertainty":
        # How far the measure moves is not known, only that it may be lost.
        verdict = replace(verdict, uncertainty=None)
    return replace(verdict, why=joined(said))
