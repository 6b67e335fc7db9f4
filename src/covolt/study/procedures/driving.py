"""The one way in which a study drives: what recipes ask for, answered for one recipe, or for many side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields
from itertools import islice
from typing import Generic, Protocol, TypeVar, final

import numpy as np

from covolt import as_loaded
from covolt.errors import Cancelled, CovoltError, Problem, Unavailable
from covolt.exchange.gathering import gathering
from covolt.simulation.charging import charge
from covolt.simulation.many import ManyRunner, Wanted
from covolt.simulation.mission import Mission
from covolt.simulation.outcome import Outcome
from covolt.simulation.precision import in_64_bits
from covolt.simulation.run import simulate
from covolt.simulation.trace import Trace
from covolt.study.procedures.asked_again import AskedAgain
from covolt.study.procedures.asking import EVERY_SIGNAL, Answer, Ask, Asking, ChargingAsk
from covolt.study.procedures.foreign_use import Uses
from covolt.vehicle.assembly import Vehicle
from covolt.words import text

__all__ = ["Answering", "Batched", "Drive", "OnceEach", "Single", "carry_out", "side_by_side"]

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
    """Answers each ask by itself, drives by the runner whose bits are decided by vehicle and mission alone.

    One after another; or, where a `Gathering` lets drives work side by side, all at once.
    """

    def __init__(
        self, drive: Drive = simulate, uses: Uses | None = None, asked_again: AskedAgain | None = None
    ) -> None:
        self._drive = drive
        self._uses = uses or Uses()
        self._asked_again = asked_again

    def __call__(self, asks: Sequence[Ask | ChargingAsk]) -> Sequence[Answer | CovoltError]:
        """One answer to each."""
        beside = gathering()
        return [self._answer(one) for one in asks] if beside is None else beside.each(self._answer, asks)

    @in_64_bits
    def _answer(self, one: Ask | ChargingAsk) -> Answer | CovoltError:
        try:
            with nullcontext() if self._asked_again is None else self._asked_again.around(one.vehicle):
                return self._driven(one)
        except CovoltError as error:
            return error

    def _driven(self, one: Ask | ChargingAsk) -> Answer:
        if isinstance(one, ChargingAsk):
            session = charge(one.vehicle, one.mission)
            self._uses.asked(session.coupling)
            _demand_coupled(session.outcome)
            return session
        trace = self._drive(one.vehicle, one.mission)
        self._uses.asked(trace.result.coupling)
        _demand_coupled(trace.result.outcome)
        return _reduced(trace, one.signals)


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
    """Answers all drives of a round together: vehicles of one structure over one profile, each with the signals that it names.

    The code of such drives rounds otherwise than that of a single one: numbers agree to 1e-10, and are the same to the bit
    however many drives are answered together (tests/simulation/test_many.py). Charging sessions, drives with foreign parts and
    those that ask for every signal are answered singly.
    """

    def __init__(self, runner: ManyRunner | None = None, uses: Uses | None = None) -> None:
        self.runner = runner or ManyRunner()
        self._single = Single(uses=uses)

    def __call__(self, asks: Sequence[Ask | ChargingAsk]) -> Sequence[Answer | CovoltError]:
        """One answer to each."""
        places = [at for at, one in enumerate(asks) if isinstance(one, Ask) and one.signals != EVERY_SIGNAL]
        wanted = [
            Wanted(one.vehicle, one.mission, tuple(dict.fromkeys(one.signals)))
            for one in asks
            if isinstance(one, Ask) and one.signals != EVERY_SIGNAL
        ]
        driven = dict(zip(places, self.runner.run(wanted), strict=True))
        return [driven.get(at) or self._single([one])[0] for at, one in enumerate(asks)]


@final
class OnceEach:
    """Answers what is asked again of the same vehicle as it was answered before: several recipes make some of the same drives.

    Every answer is kept, so this is for some vehicles at a time.
    """

    def __init__(self, answer: Answering) -> None:
        self._answer = answer
        self._known: dict[_Drive | ChargingAsk, Answer | CovoltError] = {}

    def __call__(self, asks: Sequence[Ask | ChargingAsk]) -> Sequence[Answer | CovoltError]:
        """One answer to each."""
        keys = [_Drive(one) if isinstance(one, Ask) else one for one in asks]
        due = {key: one for key, one in zip(keys, asks, strict=True) if key not in self._known}
        self._known.update(zip(due, self._answer(list(due.values())), strict=True))
        return [self._known[key] for key in keys]


_DECIDES = tuple(one.name for one in fields(Mission) if one.name != "profile")


@final
class _Drive:
    """A drive by what decides its answer; two are the same where vehicle, mission and signals are."""

    def __init__(self, asked: Ask) -> None:
        self._asked = asked
        """Kept, as the vehicle goes by its identity."""
        mission = asked.mission
        stated = tuple(getattr(mission, name) for name in _DECIDES)
        self._short = (id(asked.vehicle), asked.signals, stated, tuple(mission.profile), mission.count)

    def __hash__(self) -> int:
        return hash(self._short)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Drive) or self._short != other._short:
            return False
        others = other._asked.mission.profile
        return all(np.array_equal(values, others[name]) for name, values in self._asked.mission.profile.items())


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
    with as_loaded.looked_at_once():
        try:
            for one in courses:
                one.advance(lambda one=one: next(one.asking))
            while under_way := [one for one in courses if not one.ended]:
                if cancelled is not None and cancelled():
                    raise Cancelled
                answers = iter(answer([ask for one in under_way for ask in one.asks]))
                for one in under_way:
                    done += len(one.asks)
                    one.take(list(islice(answers, len(one.asks))))
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
    asked_again: AskedAgain | None = None,
    answer: Answering | None = None,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> T:
    """Carry one recipe out, drive after drive; `uses` collects what foreign parts do, `asked_again` asks them the same again.

    Where it is given, `answer` answers in place of these.

    Raises:
        CovoltError: what a drive raised, where the recipe does not know better.
        Cancelled: where `cancelled` says so before a drive.
    """
    answer = answer or Single(drive, uses, asked_again)
    (outcome,) = side_by_side([asking], answer=answer, progress=progress, cancelled=cancelled)
    if isinstance(outcome, CovoltError):
        raise outcome
    return outcome
