"""What a run of a joined system leaves: values over time, steps, energy of every bond, who was waited for, and notes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from covolt.errors import Problem
from covolt.exchange.master.bonds import BondEnergy, Ledger
from covolt.exchange.master.joining import Joined
from covolt.exchange.master.method import Method
from covolt.exchange.master.system import Port
from covolt.words import Phrase

__all__ = ["Recorder", "Run", "Waiting"]

ROWS: Final = 4096
"""Steps between two additions to the ledger."""


@final
@dataclass(frozen=True)
class Waiting:
    """How much was asked of a part, and how long was waited for it."""

    calls: int
    waited_s: float
    longest_s: float
    resumed: int = 0
    """How often it failed, was brought to where it was, and asked again."""


@final
@dataclass(frozen=True)
class Run:
    """A run of a joined system."""

    system: str
    method: Method
    ports: tuple[Port, ...]
    """All outputs of all parts."""
    time_s: np.ndarray
    """(n,) of the exchanges that were kept, the beginning first."""
    values: np.ndarray
    """(n, m) outputs then, each in the unit of its component."""
    step_count: int
    passes: int
    """Of the fixed point by which it began."""
    smallest_step_s: float
    largest_step_s: float
    bonds: tuple[BondEnergy, ...]
    waiting: Mapping[str, Waiting]
    repeated: int
    """How often parts went back over a step, in all."""
    loops: tuple[tuple[Port, ...], ...]
    notes: tuple[Phrase, ...]
    failure: tuple[Problem, ...] = ()
    """Why it ended before its end, where it did."""

    def of(self, part: str, variable: str) -> np.ndarray:
        """One output over time, (n,)."""
        return self.values[:, self.ports.index(Port(part, variable))]

    @property
    def digest(self) -> str:
        """SHA-256 of times and values, which equal runs share to the bit wherever their parts run."""
        told = hashlib.sha256("\n".join(str(port) for port in self.ports).encode())
        told.update(np.ascontiguousarray(self.time_s).tobytes())
        told.update(np.ascontiguousarray(self.values).tobytes())
        return told.hexdigest()


@final
class Recorder:
    """Takes rows as they come, in arrays that are there already; whenever they are full, the ledger is brought up to date."""

    def __init__(self, joined: Joined, keep_every: int) -> None:
        self._keep_every: Final = keep_every
        self._ledger: Final = Ledger(joined.bonds)
        self._has_bonds: Final = bool(joined.bonds)
        self._times = np.empty(ROWS + 1)
        self._steps = np.empty(ROWS)
        self._outputs = np.empty((ROWS + 1, len(joined.outputs)))
        self._inputs = np.empty((ROWS, len(joined.inputs)))
        self._row = 0
        self._kept: list[tuple[np.ndarray, np.ndarray]] = []
        self._count = 0
        self.smallest_step_s = float("inf")
        self.largest_step_s = 0.0

    @property
    def step_count(self) -> int:
        """Steps so far."""
        return self._count + self._row

    def begin(self, time_s: float, outputs: np.ndarray) -> None:
        """The first row (m,)."""
        self._times[0] = time_s
        self._outputs[0] = outputs

    def add(self, time_s: float, step_s: float, inputs: np.ndarray, outputs: np.ndarray) -> None:
        """A step that ended at a time: inputs (k,) held over it, outputs (m,) after it."""
        row = self._row
        self._steps[row] = step_s
        self._inputs[row] = inputs
        self._times[row + 1] = time_s
        self._outputs[row + 1] = outputs
        self._row = row + 1
        if self._row == ROWS:
            self._settle()

    @property
    def room(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of inputs (n, k) and outputs (n, m) that are free, for who writes many at once; then `filled`."""
        return self._inputs[self._row :], self._outputs[self._row + 1 :]

    def filled(self, times_s: np.ndarray, step_s: float) -> None:
        """That so many rows were written, of steps of one length that ended at these times (n,)."""
        last = self._row + len(times_s)
        self._steps[self._row : last] = step_s
        self._times[self._row + 1 : last + 1] = times_s
        self._row = last
        if last == ROWS:
            self._settle()

    def _settle(self) -> None:
        rows = self._row
        if rows == 0:
            return
        self.smallest_step_s = min(self.smallest_step_s, float(self._steps[:rows].min()))
        self.largest_step_s = max(self.largest_step_s, float(self._steps[:rows].max()))
        if self._has_bonds:
            self._ledger.add(self._steps[:rows], self._outputs[: rows + 1], self._inputs[:rows])
        first = -self._count % self._keep_every
        self._kept.append(
            (self._times[first : rows : self._keep_every].copy(), self._outputs[first : rows : self._keep_every].copy())
        )
        self._times[0] = self._times[rows]
        self._outputs[0] = self._outputs[rows]
        self._count += rows
        self._row = 0

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Times and outputs that were kept, the last always."""
        self._settle()
        times = [*(one for one, _ in self._kept), self._times[:1]]
        values = [*(one for _, one in self._kept), self._outputs[:1]]
        return np.concatenate(times), np.concatenate(values)

    def energies(self) -> tuple[BondEnergy, ...]:
        """Of every bond, up to the last step."""
        self._settle()
        return self._ledger.energies()
