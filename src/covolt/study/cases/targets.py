"""The use cases of `targets`: parties size parts by models that each keeps to itself, and agree on what they share."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic.dataclasses import dataclass

from covolt.errors import ComponentFailed, Conflict, InputError, NotFound, Problem, system_said
from covolt.study.cases.options import Findings
from covolt.study.result import RESULT, Number
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.targets import Target

Model = Callable[[Mapping[str, Any]], Mapping[str, float]]
__all__ = ["CascadeDocument", "IterationOfCascade", "ResidualOfCascade", "answer", "new", "show"]


@dataclass(frozen=True, config=RESULT, kw_only=True)
class ResidualOfCascade:
    """How far a shared number is from its end in one iteration, in its unit: by how much responses differ, the target moved."""

    name: str
    unit: str
    target: Number
    primal: Number
    dual: Number
    settled: bool


@dataclass(frozen=True, config=RESULT, kw_only=True)
class IterationOfCascade:
    """Residuals of an iteration that every party has answered."""

    iteration: int
    residuals: tuple[ResidualOfCascade, ...]


@dataclass(frozen=True, config=RESULT, kw_only=True)
class CascadeDocument:
    """How far parties have come who agree on shared numbers by targets and responses."""

    coordination: str
    parties: tuple[str, ...]
    iteration: int
    """The last of which there are targets; 0 before the first."""
    waiting: tuple[str, ...]
    """Who has not answered it yet."""
    settled: bool
    """Whether both residuals of every number are within its tolerance in the last that all have answered."""
    iterations: tuple[IterationOfCascade, ...]
    schema: Literal["cascade/1"] = "cascade/1"


def show(folder: Path) -> CascadeDocument:
    """Residuals of every iteration, and who has not answered the last.

    Raises:
        NotFound: nothing is coordinated here.
        Conflict: a response is stale, or targets were changed since they were written.
    """
    from covolt.study.negotiation.cascading import residuals
    from covolt.study.negotiation.rounds import demand_following, latest, read_coordination, read_round

    asked = read_coordination(folder)
    last = latest(folder, asked)
    rounds = [read_round(folder, asked, one) for one in range(1, last + 1)]
    demand_following(folder, rounds)
    answered = [
        IterationOfCascade(
            iteration=one.iteration,
            residuals=tuple(
                ResidualOfCascade(
                    name=each.name,
                    unit=each.unit,
                    target=each.target,
                    primal=each.primal,
                    dual=each.dual,
                    settled=each.settled,
                )
                for each in residuals(asked, one.targets, one.responses)
            ),
        )
        for one in rounds
        if not one.waiting
    ]
    return CascadeDocument(
        coordination=asked.id,
        parties=asked.parties,
        iteration=last,
        waiting=rounds[-1].waiting if rounds else (),
        settled=bool(answered) and all(one.settled for one in answered[-1].residuals),
        iterations=tuple(answered),
    )


def new(folder: Path) -> Mapping[str, Path]:
    """Write the next targets of every party; none where all have settled. Returns the files by party.

    Raises:
        NotFound: nothing is coordinated here, or parties have not answered yet, all of whom are named.
        Conflict: a response is stale, or targets were changed since they were written.
        InputError: the next targets would be too far from 0.
    """
    from covolt.study.negotiation.cascading import first_targets, next_targets, residuals
    from covolt.study.negotiation.rounds import demand_following, latest, read_coordination, read_round, write_targets

    asked = read_coordination(folder)
    last = latest(folder, asked)
    if not last:
        return write_targets(folder, first_targets(asked))
    rounds = [read_round(folder, asked, one) for one in range(1, last + 1)]
    demand_following(folder, rounds)
    found = rounds[-1]
    if found.waiting:
        hint = text("send {target} and take the response of its party", target=f"target-{last:04d}.toml")
        what = text("no response to iteration {iteration} yet", iteration=last)
        raise NotFound([Problem(what, str(folder / party), hint) for party in found.waiting])
    if all(one.settled for one in residuals(asked, found.targets, found.responses)):
        return {}
    following = next_targets(asked, found.targets, found.responses)
    _demand_within(folder, following)
    return write_targets(folder, following)


def _demand_within(folder: Path, following: Mapping[str, Target]) -> None:
    """Refuse targets that no party could read: weights that change by much make them out of large multipliers.

    Raises:
        InputError: each number.
    """
    from covolt.programme.text import too_far
    from covolt.study.negotiation.rounds import COORDINATION

    hint = text("put the weight back as it was in the iteration before")
    problems = [
        Problem(
            text("the next target of '{name}' would be too far from 0", name=name), str(folder / COORDINATION), hint
        )
        for name in sorted(
            {
                one.name
                for target in following.values()
                for one in target.shared
                if too_far(one.target) is not None or not isfinite(one.multiplier)
            }
        )
    ]
    if problems:
        raise InputError(problems)


def answer(file: Path, program: Sequence[str] | Model, *, findings: Findings | None = None) -> Path:
    """Answer targets by the party's own program, in a process of its own; returns the file of the response, beside them.

    From Python, a function may answer in its place, which is given what the program reads and gives back what it prints.

    The program reads JSON from its input: `coordination`, `party`, `iteration`, and under `shared` by name `unit`, `target`,
    `multiplier` and `weight`. The last line that it prints is a JSON object: the response by name, in that unit.

    Raises:
        Conflict: the targets are stale.
        ComponentFailed: the program ends with an error.
        InputError: it answers something else than what is asked.
    """
    from covolt.contract.document import dumps, loads, read_unlinked
    from covolt.files import write_whole
    from covolt.programme.targets import Responded, Response, Target, digest_of_exchanged
    from covolt.study.negotiation.rounds import response_beside, stale

    findings = findings or Findings()
    target = findings.take(lambda: loads(read_unlinked(file), Target, str(file)))
    if not program:
        what = text("no program is named that answers")
        findings.add(Problem(what, findings.called("program"), text("name your sizing model, such as model.py")))
    if target is not None and (why := stale(file, target)) is not None:
        findings.add(why, Conflict)
    findings.demand_none()
    if target is None:
        raise RuntimeError("there are no targets, and no problem says why")
    found = _numbers(*_said(program, _asked(target)), [one.name for one in target.shared])
    said = Response(
        coordination=target.coordination,
        party=target.party,
        iteration=target.iteration,
        answers=digest_of_exchanged(target),
        shared=tuple(Responded(name=one.name, unit=one.unit, response=found[one.name]) for one in target.shared),
    )
    path = response_beside(file, target.iteration)
    write_whole(path, dumps(said))
    return path


def _asked(target: Target) -> dict[str, Any]:
    """What a model is asked, as it reads it."""
    shared = {one.name: one.model_dump(include={"unit", "target", "multiplier", "weight"}) for one in target.shared}
    return {
        "coordination": target.coordination,
        "party": target.party,
        "iteration": target.iteration,
        "shared": shared,
    }


def _said(program: Sequence[str] | Model, asked: dict[str, Any]) -> tuple[object, str]:
    """What a model answers, None where it is no answer, and what it is called."""
    if callable(program):
        return program(asked), getattr(program, "__name__", "")
    command = [sys.executable, *program] if program[0].endswith(".py") else list(program)
    where = " ".join(program)
    try:
        ended = subprocess.run(command, input=json.dumps(asked).encode(), stdout=subprocess.PIPE, check=False)
    except OSError as error:
        raise NotFound(Problem(system_said(error), where, text("check the path and its permissions"))) from error
    if ended.returncode:
        what = text("it ended with {code} and gave no answer", code=ended.returncode)
        raise ComponentFailed(Problem(what, where, text("look at what it said above")))
    lines = ended.stdout.strip().splitlines()
    try:
        return json.loads(lines[-1] if lines else b""), where
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or brackets without end
        return None, where


def _numbers(said: object, where: str, names: Sequence[str]) -> dict[str, float]:
    """The numbers of an answer, each a finite one of a name that was asked."""
    from covolt.programme.text import LARGEST

    hint = text("let its last line be a JSON object with a number for each of: {names}", names=", ".join(names))
    if not isinstance(said, Mapping):
        raise InputError(Problem(text("the last line that it printed is no JSON object"), where, hint))
    given = cast("Mapping[str, Any]", said)
    problems = [
        Problem(text("it answers '{name}', which was not asked", name=one), where, hint)
        for one in given
        if one not in names
    ]
    for name in names:
        value = given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(value, float) and isnan(value)):
            problems.append(Problem(text("it gives no finite number for '{name}'", name=name), where, hint))
        elif abs(value) > LARGEST:
            what = text("what it gives for '{name}' is too far from 0", name=name)
            near = text("give a number from -{most} to {most}, or choose another unit", most=f"{LARGEST:g}")
            problems.append(Problem(what, where, near))
    if problems:
        raise InputError(problems)
    return {name: float(given[name]) for name in names}
