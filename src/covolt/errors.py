"""Every error that covolt raises on purpose.

    CovoltError                 carries all problems found, each with what, where and a hint
    ├── InputError              a file, an option or a value is wrong: raised at the door, before any computation
    │   ├── UnitError           a unit is missing, unknown or of another dimension
    │   └── CycleError          a speed trace cannot be driven as given
    ├── ContractError           a part does not keep what its interface demands
    ├── AssemblyError           the parts do not make a vehicle
    └── DriveFailed             a drive could not be completed and the caller asked to be told so

A drive that cannot be completed is otherwise a value (`trace.outcome`); a bug of ours is Python's own exception,
undressed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what, where a person finds it, and one imperative line that mends it."""

    what: str
    where: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{place}{self.what}{hint}"


class CovoltError(Exception):
    """An error with all its problems, never only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(CovoltError):
    """A file, an option or a value is wrong."""


class UnitError(InputError):
    """A unit is missing, unknown, or of another dimension than the field."""


class CycleError(InputError):
    """A speed trace cannot be driven as given."""


class ContractError(CovoltError):
    """A part does not keep what its interface demands."""


class AssemblyError(CovoltError):
    """The parts do not make a vehicle."""


class DriveFailed(CovoltError):
    """A drive could not be completed and the caller asked to be told so."""
