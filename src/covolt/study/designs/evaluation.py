"""Evaluation: any designs of a space held against requirements and interests, side by side, by what is computed alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import CovoltError
from covolt.library.subject import Subject
from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.simulation.many import ManyRunner
from covolt.simulation.precision import in_64_bits
from covolt.study.designs.bulk import subjects_in
from covolt.study.designs.space import DesignSpace
from covolt.study.procedures.driving import Answering, Batched, side_by_side
from covolt.study.procedures.protocol import Given, Measure, Procedure, Record
from covolt.study.procedures.registry import find_measure
from covolt.study.verdicts.bench import Setting
from covolt.study.verdicts.interests import wish_of
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import given_under, nominal_verdict
from covolt.words import Phrase, joined, text

__all__ = ["MEASURE", "WORDS", "Asked", "Evaluation", "Rows", "Word", "asked_of"]

Word = Literal["met", "not met", "not verified", "open"]
WORDS: tuple[Word, ...] = ("met", "not met", "not verified", "open")
"""What is said of a design and a requirement; "open" where what is known leaves both possible."""
LOST = "not verified"
MEASURE = "measure"
"""What stands in place of a party before a measure that is asked for by itself."""
Watch = Callable[[int], None]


@dataclass(frozen=True)
class Asked:
    """What is asked of every design: a requirement, or an interest as the wish for its worst acceptable value."""

    name: str
    """Of a requirement its id, of an interest `PARTY/ID`."""
    requirement: Requirement
    procedure: Procedure
    measure: Measure
    given: Given
    is_interest: bool = False

    @property
    def unit(self) -> str:
        """The unit in which its values and margins are told."""
        return self.measure.unit


@dataclass(frozen=True)
class Rows:
    """Designs as they were judged: a row each, a column for each variable, requirement or interest.

    `found` and `margins` are in the unit of the requirement; NaN where there is no number, which a requirement that cannot be
    reached at all has not either. `outcomes` says of a design what kept it from being judged, and nothing of the others.
    """

    values: NDArray[np.float64]
    found: NDArray[np.float64]
    margins: NDArray[np.float64]
    verdicts: NDArray[np.str_]
    interests: NDArray[np.float64]
    outcomes: tuple[str, ...]

    @property
    def met(self) -> NDArray[np.bool_]:
        """Which requirements each design meets."""
        return self.verdicts == "met"

    @classmethod
    def lost(cls, values: NDArray[np.float64], requirements: int, interests: int, why: Sequence[str]) -> Rows:
        """Designs of which nothing is known, and why."""
        count = len(values)
        nothing = np.full((count, requirements), np.nan)
        words = np.full((count, requirements), LOST, dtype="U12")
        return cls(values, nothing, nothing.copy(), words, np.full((count, interests), np.nan), tuple(why))

    @classmethod
    def together(cls, parts: Sequence[Rows]) -> Rows:
        """Rows one below the other."""

        def column(of: Callable[[Rows], NDArray[Any]]) -> NDArray[Any]:
            return np.concatenate([of(one) for one in parts])

        return cls(
            column(lambda one: one.values),
            column(lambda one: one.found),
            column(lambda one: one.margins),
            column(lambda one: one.verdicts),
            column(lambda one: one.interests),
            tuple(said for one in parts for said in one.outcomes),
        )


def asked_of(
    programme: Programme, only: Collection[str] | None = None
) -> tuple[tuple[Asked, ...], tuple[Asked, ...], dict[str, Phrase]]:
    """The requirements and the interests that can be asked of any design, and why others are left out.

    Args:
        programme: as its reader may see it.
        only: names of requirements, and of interests alone or as `PARTY/ID`, and measures as `PROCEDURE.MEASURE`, which are
            wanted as interests are; every requirement and interest where it is None.
    """
    left_out: dict[str, Phrase] = {}
    asked: list[Asked] = []
    for one in programme.requirements.values():
        if only is not None and one.id not in only:
            continue
        if one.id in programme.hidden:
            left_out[one.id] = text("hidden: it is {party}'s own", party=one.party)
        elif one.verify.method == "document":
            left_out[one.id] = text("shown by a document, whatever the design")
        else:
            procedure, measure = find_measure(one.procedure, one.measure, "")
            asked.append(Asked(one.id, one, procedure, measure, given_under(one, programme.scenarios)))
    wanted: list[Asked] = []
    for one in programme.interests.values():
        name = f"{one.party}/{one.id}"
        if only is None or not {one.id, name}.isdisjoint(only):
            procedure, measure = find_measure(one.procedure, one.measure, "")
            wish = wish_of(one)
            wanted.append(Asked(name, wish, procedure, measure, given_under(wish, {}), is_interest=True))
    wanted += [_bare(one) for one in sorted(only or ()) if "." in one]
    return tuple(asked), tuple(wanted), left_out


def _bare(name: str) -> Asked:
    """A measure that is asked for by itself, under the conditions that its procedure prescribes."""
    recipe, _, number = name.partition(".")
    procedure, measure = find_measure(recipe, number, "")
    nothing = 0.0 if measure.si_unit == "1" else f"0 {measure.si_unit}"
    stated = {"id": MEASURE, "party": MEASURE, "title": name, "kind": "wish", "at_least": nothing}
    wish = Requirement.model_validate(stated | {"procedure": procedure.id, "measure": measure.id})
    return Asked(f"{MEASURE}/{name}", wish, procedure, measure, Given(), is_interest=True)


@final
class Evaluation:
    """Holds designs of a space against what a programme asks of them; it can be asked for any values, as often as is wanted.

    Only what is computed counts: no number is moved by its uncertainty. Nothing is kept of a design but its row. A row is the
    same whichever designs are beside it. Parts that are not covolt's are what their datasheets declare.
    """

    def __init__(
        self,
        programme: Programme,
        space: DesignSpace,
        *,
        only: Collection[str] | None = None,
        answer: Answering | None = None,
        threads: int = 1,
    ) -> None:
        self.space = space
        self.requirements, self.interests, self.left_out = asked_of(programme, only)
        self._setting = Setting.of(programme)
        self._answer = answer or Batched(ManyRunner(threads))
        courses: dict[tuple[str, Given], tuple[Procedure, list[tuple[int, Asked]]]] = {}
        for at, one in enumerate((*self.requirements, *self.interests)):
            courses.setdefault((one.procedure.id, one.given), (one.procedure, []))[1].append((at, one))
        self._courses = [(procedure, given, asked) for (_, given), (procedure, asked) in courses.items()]

    @in_64_bits
    def evaluate(
        self,
        values: NDArray[np.float64],
        *,
        watch: Watch | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Rows:
        """Rows of designs, given as rows of values in the units of the space's variables.

        Args:
            watch: told after each procedure how many are done.
            cancelled: asked before every round of drives.

        Raises:
            Cancelled: where `cancelled` says so.
        """
        values = np.atleast_2d(np.asarray(values, dtype=np.float64))
        subjects, outcomes = self._subjects(values)
        alive = [at for at, one in enumerate(subjects) if one is not None]
        verdicts: list[dict[int, Verdict]] = [{} for _ in values]
        opened: set[tuple[int, int]] = set()
        for done, (procedure, given, asked) in enumerate(self._courses, start=1):
            records = self._records(procedure, given, [subjects[at] for at in alive], cancelled)
            for at, record in zip(alive, records, strict=True):
                for column, one in asked:
                    verdicts[at][column] = nominal_verdict(one.requirement, one.measure, record)
                    if one.measure.id in record.open:
                        opened.add((at, column))
            if watch is not None:
                watch(done)
        return self._rows(values, verdicts, opened, outcomes)

    def _subjects(self, values: NDArray[np.float64]) -> tuple[list[Subject | None], list[str]]:
        """The vehicle of each design; None where none can be joined of it, and why."""
        found = subjects_in(self.space, self._setting, values)
        return (
            [None if isinstance(one, CovoltError) else one for one in found],
            [str(_told(one)) if isinstance(one, CovoltError) else "" for one in found],
        )

    def _records(
        self,
        procedure: Procedure,
        given: Given,
        subjects: Sequence[Subject | None],
        cancelled: Callable[[], bool] | None,
    ) -> list[Record]:
        """The record of each vehicle; of levels, which ask nothing of it, one for all."""
        these = subjects[:1] if procedure.reads_levels else subjects
        askings = [procedure.asking(one, given, protocol=False, unsure=False) for one in these if one is not None]
        found = side_by_side(askings, answer=self._answer, cancelled=cancelled)
        records = [
            Record(procedure.id, {}, unanswered=_told(one)) if isinstance(one, CovoltError) else one for one in found
        ]
        return records * len(subjects) if procedure.reads_levels else records

    def _rows(
        self,
        values: NDArray[np.float64],
        verdicts: Sequence[dict[int, Verdict]],
        opened: set[tuple[int, int]],
        outcomes: Sequence[str],
    ) -> Rows:
        count = len(self.requirements)
        rows = Rows.lost(values, count, len(self.interests), outcomes)
        for at, found in enumerate(verdicts):
            for column, one in found.items():
                value = np.nan if one.value is None else one.value
                if column >= count:
                    rows.interests[at, column - count] = value
                    continue
                rows.found[at, column] = value
                rows.margins[at, column] = np.nan if one.margin is None else one.margin
                rows.verdicts[at, column] = _word(one, open_measure=(at, column) in opened)
        return rows


def _word(one: Verdict, *, open_measure: bool) -> Word:
    if one.verdict in {"met", "not met"}:
        return "met" if one.verdict == "met" else "not met"
    return "open" if open_measure or one.verdict == "within uncertainty" else "not verified"


def _told(error: CovoltError) -> Phrase:
    return joined([one.what for one in error.problems], "; ")
