"""Designs that were evaluated, and how far each requirement is met or missed there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

__all__ = ["Asked", "Designs", "nominal_of"]

Numbers = npt.NDArray[np.float64]


@final
@dataclass(frozen=True)
class Asked:
    """A requirement as a study of conflicts knows it.

    `nominal` is what misses and moves of its bound are shares of, in its unit; `may_move` whether it may be moved at all: no
    law's, and none that is fixed.
    """

    name: str
    nominal: float
    may_move: bool


def nominal_of(bound: float, margins: Numbers) -> float:
    """What margins about a bound are measured by: the bound, where it is 0 the widest margin, else 1."""
    finite = margins[np.isfinite(margins)]
    return abs(bound) or float(np.max(np.abs(finite), initial=0.0)) or 1.0


@final
@dataclass(frozen=True)
class Designs:
    """Designs, values (designs, variables), and margins (designs, requirements): below 0 is missed, NaN is open.

    What is open counts for nothing: a conflict is claimed only where every design misses something for sure, a relaxation only
    at a design that meets the rest for sure. What is surely missed, but nobody can say by how much, is missed by infinity.
    """

    values: Numbers
    asked: tuple[Asked, ...]
    margins: Numbers

    @property
    def names(self) -> tuple[str, ...]:
        """The requirements, as the columns stand."""
        return tuple(one.name for one in self.asked)

    @property
    def not_missed(self) -> npt.NDArray[np.bool_]:
        """Which design meets which requirement, or leaves it open: (designs, requirements)."""
        return ~np.asarray(self.margins < 0.0)

    def columns(self, names: Iterable[str]) -> list[int]:
        """Where these requirements stand."""
        where = {name: at for at, name in enumerate(self.names)}
        return [where[name] for name in names]

    def missed(self, names: Sequence[str], *, surely_met: bool = False) -> Numbers:
        """By how much each design misses the worst of these requirements, as shares of their nominals; not above 0 is met.

        What is open is passed over; with `surely_met` it is missed by more than anything that is known.
        """
        at = self.columns(names)
        shares = -self.margins[:, at] / np.array([self.asked[one].nominal for one in at])
        return np.nan_to_num(shares, nan=np.inf if surely_met else -np.inf, posinf=np.inf, neginf=-np.inf).max(
            axis=1, initial=-np.inf
        )

    def meet(self, names: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which designs meet all of these requirements for sure."""
        return np.asarray((self.margins[:, self.columns(names)] >= 0.0).all(axis=1))

    def may_meet(self, names: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which designs miss none of these requirements for sure."""
        return np.asarray(self.not_missed[:, self.columns(names)].all(axis=1))

    def of(self, names: Sequence[str]) -> Designs:
        """The same by these requirements alone."""
        at = self.columns(names)
        return Designs(self.values, tuple(self.asked[one] for one in at), self.margins[:, at])

    def and_also(self, values: Numbers, margins: Numbers) -> Designs:
        """These designs and further ones."""
        return Designs(np.concatenate([self.values, values]), self.asked, np.concatenate([self.margins, margins]))
