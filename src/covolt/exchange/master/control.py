"""Steps as long as the energy that bonds make or lose allows (ECCO): a PI controller on the residual of every power bond.

Residual of a bond over a step h that ended at t + h, inputs as they had been foreseen for its end (held: as at its beginning):

    dE = h (P_first(t + h) - P_second(t + h))
    e = sqrt(mean over bonds of (dE / (tolerance * E_scale))^2)
    h_next = h * clamp(s * e^-(kP + kI) * e_before^kP, least, largest)

E_scale is fixed by the contract of the port: measured by what crosses just now, a bond at rest would ask for the smallest steps.
The first step, and the first after a jump from outside, is the smallest, since nothing is known of what follows it.
Sources: Sadjina, Kyllingstad, Skjong, Pedersen 2017; Kyllingstad, Sadjina, Skjong 2025, section 3 (PI step size controller).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from covolt.exchange.master.bonds import JoinedBond

__all__ = ["Controller", "StepControl"]


@final
@dataclass(frozen=True)
class StepControl:
    """How long steps may be, and what error of energy is borne."""

    smallest_step_s: float
    largest_step_s: float
    tolerance_ratio: float = 1e-3
    """Energy that a bond may make or lose in one step, as share of its scale."""
    safety_ratio: float = 0.8
    proportional_exponent: float = 0.2
    integral_exponent: float = 0.15
    least_change_ratio: float = 0.2
    largest_change_ratio: float = 1.5
    """Between one step and the next."""
    measure: Callable[[np.ndarray], float] | None = None
    """Another error than e above, of the residuals of one step: energies (bonds,) in J."""


@final
class Controller:
    """Proposes the length of each step from the residuals of the one before."""

    def __init__(self, control: StepControl, bonds: Sequence[JoinedBond]) -> None:
        self._control: Final = control
        self._bonds: Final = tuple(bonds)
        self._allowed_J: Final = np.array(
            [control.tolerance_ratio * (bond.bond.energy_scale_J or math.nan) for bond in bonds]
        )
        self._before = 0.0
        self.step_s = control.smallest_step_s

    def begin(self) -> None:
        """Nothing is known of what follows."""
        self._before = 0.0
        self.step_s = self._control.smallest_step_s

    def advance(self, step_s: float, outputs: np.ndarray, inputs: np.ndarray) -> None:
        """After a step: outputs (m,) at its end, inputs (k,) as they had been foreseen for it."""
        residual_J = np.empty(len(self._bonds))
        for place, bond in enumerate(self._bonds):
            first, second = bond.powers_W(outputs, inputs)
            residual_J[place] = step_s * (first - second)
        if self._control.measure is not None:
            error = self._control.measure(residual_J)
        else:
            error = float(np.sqrt(np.mean((residual_J / self._allowed_J) ** 2)))
        self.step_s = self._next_s(step_s, error)
        self._before = error

    def _next_s(self, step_s: float, value: float) -> float:
        """The next step after an error of this value."""
        control = self._control
        if value <= 0.0:
            change = control.largest_change_ratio
        elif self._before <= 0.0:
            change = control.safety_ratio * value ** -(control.proportional_exponent + control.integral_exponent)
        else:
            change = (
                control.safety_ratio
                * value ** -(control.proportional_exponent + control.integral_exponent)
                * self._before**control.proportional_exponent
            )
        change = min(max(change, control.least_change_ratio), control.largest_change_ratio)
        return min(max(change * step_s, control.smallest_step_s), control.largest_step_s)
