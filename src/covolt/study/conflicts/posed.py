"""From a study of a programme to the designs of which conflicts are asked: margins, what may move, and further designs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
import numpy.typing as npt

from covolt import units
from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.study.conflicts.agreed import Agreed
from covolt.study.conflicts.search import Axis
from covolt.study.conflicts.table import Asked, Designs, Numbers, nominal_of
from covolt.study.designs.evaluation import Evaluation
from covolt.study.designs.space import DesignSpace, Variable
from covolt.study.designs.study_table import StudyTable

__all__ = ["Posed", "Said", "asked_of", "axes_of", "bound_in", "margins_of", "may_move", "posed", "unit_of_bound"]

Said = npt.NDArray[np.str_]
"""Verdicts, shape (designs, requirements), as a study words them."""


@final
@dataclass(frozen=True)
class Posed:
    """The designs of a study of which anything is known, with the requirements of which anything is known at any of them.

    `units` are those of margins by requirement; `today` is the row of today's vehicle; `wishes` are the values of the interests
    by design, which further designs add to. Designs that leave a contract of `agreed` meet nothing; `leaving` of the study do.
    """

    designs: Designs
    units: dict[str, str]
    interests: dict[str, str]
    """Units of the interests, by `PARTY/ID`."""
    today: int | None
    lost: int
    """Designs of which nothing is known."""
    unknown: tuple[str, ...]
    """Requirements of which nothing is known at any design."""
    agreed: Agreed
    leaving: int = 0
    wishes: dict[bytes, Numbers] = field(default_factory=dict[bytes, Numbers])

    def wished(self, values: Numbers) -> dict[str, float]:
        """The values of the interests of one design."""
        found = self.wishes.get(values.tobytes(), np.full(len(self.interests), np.nan))
        return dict(zip(self.interests, map(float, found), strict=True))

    def judged(self, evaluation: Evaluation, values: Numbers, names: Sequence[str]) -> Numbers:
        """Margins of further designs (designs, requirements); their interests are kept where they are judged by them too."""
        rows = evaluation.evaluate(values)
        at = {one.name: where for where, one in enumerate(evaluation.requirements)}
        wish_at = {one.name: where for where, one in enumerate(evaluation.interests)}
        if wish_at:
            wishes = rows.interests[:, [wish_at[name] for name in self.interests]]
            self.wishes.update(zip((row.tobytes() for row in values), wishes, strict=True))
        margins = margins_of(rows.verdicts, rows.margins)[:, [at[name] for name in names]]
        return self.agreed.kept(values, names, margins)


def posed(programme: Programme, space: DesignSpace, table: StudyTable, hidden: Collection[str] = frozenset()) -> Posed:
    """What a study says of conflicts but of `hidden` requirements; `programme` is as whoever ran the study sees it."""
    margins = margins_of(table.verdicts, table.margins)
    values = table.values_in(space)
    known = (table.verdicts == "met") | (table.verdicts == "not met")
    known &= ~np.isin(table.requirements, sorted(hidden))
    rows, columns = known.any(axis=1), np.flatnonzero(known.any(axis=0))
    names = [table.requirements[at] for at in columns]
    in_units = {table.requirements[at]: table.units[at] for at in columns}
    asked = tuple(
        asked_of(programme.requirements[name], in_units[name], margins[:, table.requirements.index(name)])
        for name in names
    )
    agreed = Agreed.over(programme, space)
    designs = Designs(values[rows], asked, agreed.kept(values[rows], names, margins[rows][:, columns]))
    [today] = np.flatnonzero(table.design[rows] == 0)[:1].tolist() or [None]
    return Posed(
        designs,
        in_units,
        dict(zip(table.interests, table.interest_units, strict=True)),
        today,
        int((~rows).sum()),
        tuple(name for name in table.requirements if name not in in_units and name not in hidden),
        agreed,
        int((agreed.margins(values) < 0.0).any(axis=1).sum()),
        dict(zip((row.tobytes() for row in designs.values), table.interest_values[rows], strict=True)),
    )


def margins_of(verdicts: Said, margins: Numbers) -> Numbers:
    """Margins by which a requirement is surely met or missed, without end where nobody can say by how much; NaN is open.

    What could not be verified at a design is not met there. The verdict counts: a margin that says otherwise is that of another
    side of a step, and says nothing.
    """
    sure = np.select([verdicts == "met", verdicts == "open"], [np.inf, np.nan], -np.inf)
    known = ((verdicts == "met") & (margins >= 0.0)) | ((verdicts == "not met") & (margins < 0.0))
    return np.where(known, margins, sure)


def axes_of(space: DesignSpace) -> list[Axis]:
    """The variables of a space as a search moves them."""
    return [_axis(one) for one in space.variables]


def _axis(one: Variable) -> Axis:
    if one.count is None:
        return Axis(one.lowest, one.highest)
    step = 1.0 if one.choices else one.step
    return Axis(one.lowest, one.lowest + (one.count - 1) * step, one.count - 1)


def bound_in(requirement: Requirement, unit: str) -> float:
    """The bound in a unit of its dimension."""
    return units.unit(unit).from_si(requirement.bound_si[0]) if unit in units.UNITS else requirement.bound_si[0]


def unit_of_bound(requirement: Requirement) -> str:
    """The unit in which a bound is written; that in SI where no unit is told apart by a space."""
    name = f"{requirement.bound}".partition(" ")[2].strip()
    return name if name in units.UNITS else requirement.bound_si[1]


def may_move(requirement: Requirement) -> bool:
    """Whether its owner may be asked to move its bound."""
    return requirement.kind != "law" and requirement.firmness == "negotiable"


def asked_of(requirement: Requirement, unit: str, margins: Numbers) -> Asked:
    """A requirement as conflicts are asked of it, whose margins at some designs are these in a unit."""
    return Asked(requirement.id, nominal_of(bound_in(requirement, unit), margins), may_move(requirement))
