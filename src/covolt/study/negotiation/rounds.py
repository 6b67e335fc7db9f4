"""Rounds of target cascading in a folder: a folder for each party, in it its targets and its responses, by their iteration."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import final

from covolt.contract.document import dumps, loads, read_unlinked
from covolt.errors import Conflict, CovoltError, NotFound, Problem, refuse
from covolt.files import write_whole
from covolt.programme.targets import Coordination, Response, Sent, SentTargets, Target, digest_of_exchanged
from covolt.words import text

__all__ = [
    "COORDINATION",
    "Round",
    "demand_following",
    "demand_sent",
    "latest",
    "read_coordination",
    "read_round",
    "response_beside",
    "stale",
    "targets_in",
    "write_targets",
]

COORDINATION = "coordination.toml"
SENT = "sent.toml"
_TARGET = re.compile(r"target-([0-9]{4,9})\.toml")


@final
@dataclass(frozen=True)
class Round:
    """An iteration: the targets of every party, and the responses of those who have answered, each by the party."""

    iteration: int
    targets: Mapping[str, Target]
    responses: Mapping[str, Response]

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who has not answered yet."""
        return tuple(one for one in self.targets if one not in self.responses)


def read_coordination(folder: Path) -> Coordination:
    """What is shared by whom.

    Raises:
        NotFound: the folder says nothing of it.
    """
    path = folder / COORDINATION
    if not path.is_file():
        hint = text("write there which numbers are shared, as covolt schema coordination/1 says")
        raise NotFound(Problem(text("there is no {file}", file=COORDINATION), str(folder), hint))
    return loads(read_unlinked(path), Coordination, str(path))


def targets_in(folder: Path) -> dict[int, Path]:
    """Files of targets in the folder of a party, by iteration."""
    named = ((int(match[1]), one) for one in folder.glob("target-*.toml") if (match := _TARGET.fullmatch(one.name)))
    return {at: one for at, one in named if one.name == _name(at)}


def _name(iteration: int) -> str:
    return f"target-{iteration:04d}.toml"


def response_beside(target: Path, iteration: int) -> Path:
    """The file of a response, beside that of its targets."""
    return target.with_name(f"response-{iteration:04d}.toml")


def latest(folder: Path, asked: Coordination) -> int:
    """The last iteration of which every party has targets; 0 where there is none."""
    return min(max(targets_in(folder / party), default=0) for party in asked.parties)


def write_targets(folder: Path, targets: Mapping[str, Target]) -> dict[str, Path]:
    """Write the targets of every party into its folder; again, where only some were written, they are the same.

    Their digests are kept in the folder of the coordination, before any of them can be answered.

    Raises:
        Forbidden: a link leads out of the folder.
    """
    paths = {party: folder / party / _name(one.iteration) for party, one in targets.items()}
    first = next(iter(targets.values()))
    digests = {party: digest_of_exchanged(one) for party, one in targets.items()}
    before = [one for one in _sent(folder).sent if one.iteration == first.iteration - 1] if first.iteration > 1 else []
    sent = (*before, SentTargets(iteration=first.iteration, digests=digests))
    write_whole(folder / SENT, dumps(Sent(coordination=first.coordination, sent=sent)), within=folder)
    for party, path in paths.items():
        write_whole(path, dumps(targets[party]), within=folder)
    return paths


def _sent(folder: Path) -> Sent:
    """What was sent last.

    Raises:
        NotFound: nothing is kept of it.
    """
    path = folder / SENT
    if not path.is_file():
        hint = text("put it back as it was, or begin in another folder")
        raise NotFound(
            Problem(text("there is no {file}, which says which targets were sent", file=SENT), str(folder), hint)
        )
    return loads(read_unlinked(path), Sent, str(path))


def demand_sent(folder: Path, found: Round) -> None:
    """Refuse targets of the last iteration that are not those that were sent.

    Raises:
        NotFound: nothing is kept of what was sent.
        Conflict: each that was changed.
    """
    sent = _sent(folder)
    hint = text("put it back as it was sent, or remove it and ask for it again: covolt targets new")
    problems = [
        Problem(
            text("these targets were changed since they were written"),
            str(folder / party / _name(found.iteration)),
            hint,
        )
        for party, one in found.targets.items()
        if sent.digest(found.iteration, party) != digest_of_exchanged(one)
    ]
    if problems:
        raise Conflict(problems)


def demand_following(folder: Path, rounds: Sequence[Round]) -> None:
    """Refuse iterations of which one does not follow on the one before: the last is held against what was sent.

    Raises:
        NotFound: nothing is kept of what was sent.
        Conflict: a response was changed, or taken away, after targets followed from it.
    """
    hint = text("put the file back as it was when these targets were written")
    problems = [
        Problem(
            text("it is not the response from which the next targets follow"),
            str(response_beside(folder / party / _name(before.iteration), before.iteration)),
            hint,
        )
        for before, after in pairwise(rounds)
        for party, target in after.targets.items()
        if party not in before.responses or target.answers != digest_of_exchanged(before.responses[party])
    ]
    if problems:
        raise Conflict(problems)
    if rounds:
        demand_sent(folder, rounds[-1])


def read_round(folder: Path, asked: Coordination, iteration: int) -> Round:
    """An iteration as far as it is answered.

    Raises:
        Conflict: a response answers other targets than these: it is stale.
        InputError: every other problem of a file.
    """
    found: dict[type[CovoltError], list[Problem]] = {}
    targets: dict[str, Target] = {}
    responses: dict[str, Response] = {}
    for party in asked.parties:
        path = folder / party / _name(iteration)
        try:
            target = targets[party] = loads(read_unlinked(path, folder), Target, str(path))
            _demand_same(asked, party, target, path)
            answer = response_beside(path, iteration)
            if os.path.lexists(answer):
                said = responses[party] = loads(read_unlinked(answer, folder), Response, str(answer))
                _demand_answer(target, said, answer)
        except CovoltError as error:
            found.setdefault(type(error), []).extend(error.problems)
    refuse(found)
    return Round(iteration, targets, responses)


def _demand_same(asked: Coordination, party: str, target: Target, path: Path) -> None:
    """Refuse targets of other numbers than the coordination now names."""
    now = [(one.name, one.unit) for one in asked.of(party)]
    if (target.coordination, target.party) != (asked.id, party) or [
        (one.name, one.unit) for one in target.shared
    ] != now:
        hint = text("begin in another folder: what is shared stays as it was begun")
        raise Conflict(Problem(text("these targets are not of what {file} shares", file=COORDINATION), str(path), hint))


def _demand_answer(target: Target, said: Response, path: Path) -> None:
    """Refuse a response to other targets, or of other numbers."""
    hint = text("ask {party} to answer {target}", party=target.party, target=_name(target.iteration))
    where = str(path)
    if (said.coordination, said.party) != (target.coordination, target.party):
        what = text("it is a response of {party} in {coordination}", party=said.party, coordination=said.coordination)
        raise Conflict(Problem(what, where, hint))
    if said.iteration == target.iteration and said.answers != digest_of_exchanged(target):
        what = text("it is stale: it answers other targets than these, which were changed or written anew since")
        raise Conflict(Problem(what, where, hint))
    if said.iteration != target.iteration:
        what = text(
            "it is stale: it answers other targets, of iteration {said}, than those of iteration {asked}",
            said=said.iteration,
            asked=target.iteration,
        )
        raise Conflict(Problem(what, where, hint))
    wanted = {(one.name, one.unit) for one in target.shared}
    if {(one.name, one.unit) for one in said.shared} != wanted:
        names = ", ".join(f"{name} [{unit}]" for name, unit in sorted(wanted))
        raise Conflict(Problem(text("it does not answer what is asked: {names}", names=names), where, hint))


def stale(file: Path, target: Target) -> Problem | None:
    """Why targets are no longer to be answered, by what lies beside them; None where they are."""
    last = max(targets_in(file.parent), default=0)
    if last > target.iteration:
        hint = text("answer {target}", target=str(targets_in(file.parent)[last]))
        what = text("these targets are stale: there are those of iteration {last}", last=last)
        return Problem(what, str(file), hint)
    before = response_beside(file, target.iteration - 1)
    if before.is_file():
        said = loads(read_unlinked(before), Response, str(before))
        if target.answers != digest_of_exchanged(said):
            what = text("these targets do not take {file} into account", file=before.name)
            return Problem(what, str(file), text("send that file again, and ask for new targets"))
    return None
