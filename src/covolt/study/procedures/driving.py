"""The one way in which a study drives: what recipes ask for, answered for one recipe, or for many side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Generic, Protocol, TypeVar, final

import numpy as np

from covolt.errors import Cancelled, CovoltError, Problem, Unavailable
from covolt.simulation.charging import charge
from covolt.simulation.mission import Mission
from covolt.simulation.precision import in_64_bits
from covolt.simulation.run import BatchRunner, simulate
from covolt.simulation.trace import Outcome, Result, Trace
from covolt.study.procedures.asking import EVERY_SIGNAL, Answer, Ask, Asking, ChargingAsk
from covolt.study.procedures.foreign_use import Uses
from covolt.vehicle.assembly import Vehicle
from covolt.words import text

__all__ = ["Answering", "Batched", "Drive", "Single", "carry_out", "side_by_side"]

T = TypeVar("T")


class Drive(Protocol):
    """What drives one vehicle over one mission."""

    def __call__(self, vehicle: Vehicle, mission: Mission) -> Trace:
        """Drive, and keep every signal."""
        ...


class Answering(Protocol):
    """What answers the asks of a round: to each its answer, or the error that it met."""

    def __call__(self, asks: Sequence[Ask | ChargingAsk]) -> Sequence[Answer | CovoltError]:
        """Answer all."""
        ...


@final
class Single:
    """Answers one ask after another, drives by the runner whose bits are decided by vehicle and mission alone."""

    def __init__(self, drive: Drive = simulate, uses: Uses | None = None) -> None:
        self._drive = drive
        self._uses = uses or Uses()

    def __call__(self, asks: Sequence[Ask | ChargingAsk]) -> Sequence[Answer | CovoltError]:
        """One answer to each."""
        return [self._answer(one) for one in asks]

    def _answer(self, one: Ask | ChargingAsk) -> Answer | CovoltError:
        try:
            if isinstance(one, ChargingAsk):
                session = charge(one.vehicle, one.mission)
                self._uses.asked(session.coupling)
                _demand_coupled(session.outcome)
                return session
            trace = self._drive(one.vehicle, one.mission)
            self._uses.asked(trace.result.coupling)
            _demand_coupled(trace.result.outcome)
            return _reduced(trace, one.signals)
        except CovoltError as error:
            return error


def _demand_coupled(outcome: Outcome) -> None:
    """Raise where a drive with foreign parts is no result: no recipe may read a number of it, whatever else it asks.

    Raises:
        Unavailable: with what the drive tells of the part.
    """
    if outcome.limit == "coupling":
        hint = text("verify without this model, or let its party mend it")
        raise Unavailable(Problem(outcome.said, "--model", hint))


@final
class Batched:
    """Answers asks that name no signal by the batch runner, all vehicles of one mission together, and the others singly.

    The batch runner's code rounds otherwise than that of a single drive: sums agree to 1e-10 (tests/simulation). Where the bits
    of one recipe shall not depend on how many others are beside it, a batch holds one vehicle too: `fewest` = 1.
    """

    def __init__(self, runner: BatchRunner | None = None, *, fewest: int = 2) -> None:
        self._runner = runner or BatchRunner()
        self._fewest = fewest
        self._single = Single()
        self.batches: list[int] = []
        """How many drives each batch held."""

    def __call__(self, asks: Sequence[Ask | ChargingAsk]) -> Sequence[Answer | CovoltError]:
        """One answer to each."""
        together: dict[tuple[object, ...], list[int]] = {}
        for index, one in enumerate(asks):
            if isinstance(one, Ask) and not one.signals:
                together.setdefault(_likeness(one.mission), []).append(index)
        summed: dict[int, Trace] = {}
        for members in together.values():
            if len(members) >= self._fewest:
                vehicles, mission = [asks[index].vehicle for index in members], asks[members[0]].mission
                summed |= zip(members, self._drive(vehicles, mission), strict=False)
        return [summed[index] if index in summed else self._single([one])[0] for index, one in enumerate(asks)]

    def _drive(self, vehicles: Sequence[Vehicle], mission: Mission | object) -> Sequence[Trace]:
        """Their sums; none where one of them ends in an error, so that each is driven and told alone."""
        if not isinstance(mission, Mission):
            return []
        try:
            results = [row[0] for row in self._runner.run(vehicles, [mission])]
        except CovoltError:
            return []
        if any(one.outcome.limit == "coupling" for one in results):
            return []
        self.batches.append(len(results))
        return [_sums(one) for one in results]


def _likeness(mission: Mission) -> tuple[object, ...]:
    """What two missions that are driven alike share; arrays by their bytes."""
    plain = (getattr(mission, one.name) for one in fields(mission) if one.name != "profile")
    return (*plain, *((name, values.tobytes()) for name, values in sorted(mission.profile.items())))


def _sums(result: Result) -> Trace:
    """A trace of a drive of which no signal was kept."""
    return Trace(result, result.mission.end_time_s, (), np.empty((result.mission.count, 0)))


def _reduced(trace: Trace, signals: tuple[str, ...]) -> Trace:
    """The trace with the named signals and no other."""
    if signals == EVERY_SIGNAL:
        return trace
    names = tuple(dict.fromkeys(signals))
    columns = [trace[name] for name in names]
    values = np.stack(columns, axis=1) if columns else np.empty((len(trace.time_s), 0))
    return Trace(trace.result, trace.time_s, names, values, trace.executor)


@dataclass
class _Course(Generic[T]):
    """One recipe under way: what it asks for now, or how it ended."""

    asking: Asking[T]
    asks: tuple[Ask | ChargingAsk, ...] = ()
    ended: bool = False
    outcome: T | CovoltError | None = None

    def advance(self, step: Callable[[], tuple[Ask | ChargingAsk, ...]]) -> None:
        """Let it go on to what it asks for next, or to its end."""
        try:
            self.asks = step()
        except StopIteration as end:
            self.asks, self.ended, self.outcome = (), True, end.value
        except CovoltError as error:
            self.asks, self.ended, self.outcome = (), True, error

    def take(self, answers: Sequence[Answer | CovoltError]) -> None:
        """Hand it its answers; where one is an error, that error, as if it had driven itself."""
        error = next((one for one in answers if isinstance(one, CovoltError)), None)
        if error is not None:
            self.advance(lambda: self.asking.throw(error))
        else:
            told = tuple(one for one in answers if not isinstance(one, CovoltError))
            self.advance(lambda: self.asking.send(told))


@in_64_bits
def side_by_side(
    askings: Sequence[Asking[T]],
    *,
    answer: Answering | None = None,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[T | CovoltError]:
    """Carry many recipes out in rounds: in each, all that they ask for is answered together.

    Args:
        answer: what answers a round; drives one by one where none is given, which yields the same bits as each recipe alone.
        progress: told after every round how many drives and sessions are done.
        cancelled: asked before every round.

    Returns:
        What each returned, or the error in which it ended: one vehicle that cannot be driven stops no other.

    Raises:
        Cancelled: where `cancelled` says so; the recipes are closed.
    """
    answer = answer or Single()
    courses = [_Course(one) for one in askings]
    done = 0
    try:
        for one in courses:
            one.advance(lambda one=one: next(one.asking))
        while under_way := [one for one in courses if not one.ended]:
            if cancelled is not None and cancelled():
                raise Cancelled
            answers = list(answer([ask for one in under_way for ask in one.asks]))
            done += len(answers)
            for one in under_way:
                own, answers = answers[: len(one.asks)], answers[len(one.asks) :]
                one.take(own)
            if progress is not None:
                progress(done)
    finally:
        for one in courses:
            one.asking.close()
    return [one.outcome for one in courses]  # pyright: ignore[reportReturnType]  # each has ended


def carry_out(
    asking: Asking[T],
    *,
    drive: Drive = simulate,
    uses: Uses | None = None,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> T:
    """Carry one recipe out, drive after drive; `uses` collects what foreign parts do.

    Raises:
        CovoltError: what a drive raised, where the recipe does not know better.
        Cancelled: where `cancelled` says so before a drive.
    """
    (outcome,) = side_by_side([asking], answer=Single(drive, uses), progress=progress, cancelled=cancelled)
    if isinstance(outcome, CovoltError):
        raise outcome
    return outcome
