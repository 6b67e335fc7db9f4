"""Target cascading by an augmented Lagrangian: parties size by themselves, and only targets and responses go between them.

Party p minimises over what is its own f_p + sum_j v_pj d + (w_pj d)^2 with d = t_j - r_pj, where r_pj is its response to the
target t_j of shared number j. Then the targets and multipliers follow, of all p that share j:

    t_j <- sum_p (2 w_pj^2 r_pj - v_pj) / sum_p 2 w_pj^2,     v_pj <- v_pj + 2 w_pj^2 (t_j - r_pj)

Without a term of its own the target has a closed form, so that one answer of each party makes an iteration (alternating
directions). Both residuals must vanish: the primal one, by how much responses differ, alone also vanishes where targets still
move, and stops at what is not the best.

Sources: Kim, Michelena, Papalambros, Jiang, J. Mech. Des. 125 (2003) 474; Tosserams, Etman, Papalambros, Rooda, Struct.
Multidisc. Optim. 31 (2006) 176. It converges where the models are convex; else to an optimum near the start, or, with weights too
small, not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from covolt.programme.targets import Coordination, Response, Target, Targeted, digest_of_exchanged

__all__ = ["Residual", "first_targets", "next_targets", "residuals"]


@final
@dataclass(frozen=True)
class Residual:
    """Of a shared number in one iteration: by how much responses differ, and the target moved, in its unit; where both are small.

    `target` is that which follows from the responses.
    """

    name: str
    unit: str
    target: float
    primal: float
    dual: float
    settled: bool


def first_targets(asked: Coordination) -> dict[str, Target]:
    """Targets of every party at the start."""
    return {
        party: Target(
            coordination=asked.id,
            party=party,
            iteration=1,
            shared=tuple(
                Targeted(name=one.name, unit=one.unit, target=one.start, multiplier=0.0, weight=one.weight)
                for one in asked.of(party)
            ),
        )
        for party in asked.parties
    }


def _held(
    targets: Mapping[str, Target], responses: Mapping[str, Response], name: str
) -> dict[str, tuple[Targeted, float]]:
    """Of a shared number, the target and the response of every party that has it."""
    answers = {party: {one.name: one.response for one in said.shared} for party, said in responses.items()}
    return {
        party: (one, answers[party][name])
        for party, asked in targets.items()
        for one in asked.shared
        if one.name == name
    }


def _followed(held: Mapping[str, tuple[Targeted, float]]) -> float:
    """The target that follows from responses."""
    squares = {party: 2.0 * one.weight**2 for party, (one, _) in held.items()}
    drawn = sum(squares[party] * response - one.multiplier for party, (one, response) in held.items())
    return drawn / sum(squares.values())


def residuals(
    asked: Coordination, targets: Mapping[str, Target], responses: Mapping[str, Response]
) -> tuple[Residual, ...]:
    """How far an iteration is from its end, by shared number."""
    found: list[Residual] = []
    for one in asked.shared:
        held = _held(targets, responses, one.name)
        answers = [response for _, response in held.values()]
        target, before = _followed(held), next(iter(held.values()))[0].target
        primal, dual = max(answers) - min(answers), abs(target - before)
        settled = max(primal, dual) <= one.tolerance
        found.append(Residual(one.name, one.unit, target, primal, dual, settled))
    return tuple(found)


def next_targets(
    asked: Coordination, targets: Mapping[str, Target], responses: Mapping[str, Response]
) -> dict[str, Target]:
    """Targets of every party that follow from the responses of all; weights are those that the coordination states now."""
    weights = {one.name: one.weight for one in asked.shared}
    held = {one.name: _held(targets, responses, one.name) for one in asked.shared}
    followed = {name: _followed(each) for name, each in held.items()}

    def moved(party: str, one: Targeted) -> Targeted:
        target, response = followed[one.name], held[one.name][party][1]
        multiplier = one.multiplier + 2.0 * one.weight**2 * (target - response)
        update = {"target": target, "multiplier": multiplier, "weight": weights[one.name]}
        return one.model_copy(update=update)

    return {
        party: Target(
            coordination=asked.id,
            party=party,
            iteration=before.iteration + 1,
            answers=digest_of_exchanged(responses[party]),
            shared=tuple(moved(party, one) for one in before.shared),
        )
        for party, before in targets.items()
    }
