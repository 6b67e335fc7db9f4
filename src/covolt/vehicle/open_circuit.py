"""The open-circuit voltage of a cell: its slow discharge laid over the voltages at rest before the pulses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from covolt.errors import Problem
from covolt.vehicle.cell import CHORD_START, REFERENCE_TEMPERATURE_K
from covolt.vehicle.part import ZERO_CELSIUS_K
from covolt.vehicle.pulse_data import Pulse
from covolt.vehicle.slow_discharge import SlowDischarge
from covolt.words import Phrase, joined, text

__all__ = [
    "MOST_STRETCH_RATIO",
    "RestCurve",
    "contradicting_places",
    "doubtful",
    "drawn_C",
    "open_circuit",
    "rests_off",
    "strangers",
]

LISTED = 5
"""Places told of one fault."""

MOST_SHIFT_RATIO, MOST_STRETCH_RATIO, MOST_REST_DEVIATION_V = 0.03, 0.12, 0.03
"""Of the slow discharge laid over the rests: beyond, it began away from full, counts otherwise, or is of another cell."""
LEAST_RAISED_V, MOST_RAISED_V = -0.05, 0.5
"""By which the slow discharge may be raised to meet the rests: a discharge lies below them, thin leads of a tester included
(0.27 V at C/15 in ORNL's record of a Leaf cell); cells of another chemistry or another unit lie further off (estimate)."""
SAID_RAISED_V, POLARISED_RATIO = 0.02, 4.0
"""Beyond this much more than the pulses' largest resistance, taken that often, lets the slow current drop: said (estimate)."""
SAID_REST_V, MOST_REST_V, COUNTED_RATIO = 0.05, 0.2, 0.03
"""Of a single rest off the curve, wherever the curve is within this much charge of its place: said, and refused. Rests of half
an hour at -20 degC lie up to 0.06 V off (Panasonic 18650PF, Kollmeyer 2018); else a rest of any temperature is one curve's."""


@dataclass(frozen=True)
class RestCurve:
    """The open-circuit voltage and how the slow discharge had to be laid over the rests."""

    capacity_C: float
    state_of_charge: np.ndarray
    curve_V: np.ndarray
    stretch_ratio: float
    polarisation_V: float
    rms_V: float
    begins_at_ratio: float
    """Charge drawn, over the whole, when the slow discharge began."""

    def voltage_V(self, state_of_charge: np.ndarray) -> np.ndarray:
        """The curve, straight on below its first point."""
        at, voltage = self.state_of_charge, self.curve_V
        below = (voltage[1] - voltage[0]) / (at[1] - at[0])
        return np.interp(state_of_charge, at, voltage) + np.minimum(state_of_charge - at[0], 0.0) * below

    @property
    def slope_V(self) -> float:
        """Mean slope over state of charge."""
        low, high = self.voltage_V(np.array([0.1, 0.9]))
        return float(high - low) / 0.8

    def below_chord_V(self, state_of_charge: np.ndarray) -> np.ndarray:
        """How far the curve lies below its chord near the empty end, as in `EquivalentCircuitCell`."""
        start = float(self.voltage_V(np.array(CHORD_START)))
        below = self.voltage_V(state_of_charge) - start - (state_of_charge - CHORD_START) * self.slope_V
        return np.where(state_of_charge < CHORD_START, np.minimum(below, 0.0), 0.0)


def drawn_C(pulse: Pulse, full_C: float) -> float:
    """Charge drawn since full before a pulse; of a table in percent, by the whole charge."""
    return pulse.charge_drawn_C if pulse.charge_drawn_C is not None else (1.0 - (pulse.state_of_charge or 0.0)) * full_C


def open_circuit(pulses: Sequence[Pulse], slow: SlowDischarge) -> RestCurve:
    """Lay the slow discharge over the rests: U(q) = V_slow(a + s q) + d, with d the polarisation at the slow current."""
    nearest = min(abs(p.temperature_K - REFERENCE_TEMPERATURE_K) for p in pulses)
    rests = [p for p in pulses if abs(p.temperature_K - REFERENCE_TEMPERATURE_K) <= nearest + 1.0]
    total_C = float(slow.charge_C[-1])
    by_charge = rests[0].charge_drawn_C is not None
    drawn = np.array([drawn_C(p, total_C) for p in rests])
    voltage = np.array([p.rest_voltage_V for p in rests])

    def misfit(x: np.ndarray) -> np.ndarray:
        return np.interp(x[0] * total_C + x[1] * drawn, slow.charge_C, slow.voltage_V) + x[2] - voltage

    raised = float(np.median(-misfit(np.array([0.0, 1.0, 0.0]))))
    fit = least_squares(lambda x: misfit(x) / 0.005, [0.0, 1.0, raised], loss="soft_l1")
    shift, stretch, polarisation = (float(v) for v in fit.x)
    usable_C = total_C * (1.0 - max(shift, 0.0))
    grid = np.linspace(0.0, 1.0, 201)
    curve = np.interp(total_C - usable_C * grid, slow.charge_C, slow.voltage_V) + polarisation
    # A strong current stops before the slow one does, but a counted charge may pass either end a little: go on straight.
    grid = np.concatenate([[-0.05], grid, [1.02]])
    below, above = 10.0 * (curve[0] - curve[1]), 4.0 * (curve[-1] - curve[-2])
    curve = np.concatenate([[curve[0] + below], curve, [curve[-1] + above]])
    # The tester's charge axis is that of the pulses where they count charge; a table in percent has none of its own.
    capacity_C = usable_C / stretch if by_charge else usable_C
    return RestCurve(
        capacity_C, grid, curve, stretch, polarisation, float(np.sqrt(np.mean(misfit(fit.x) ** 2))), -shift
    )


def rests_off(pulses: Sequence[Pulse], rest: RestCurve, full_C: float) -> list[tuple[str, float]]:
    """The place of each rest away from the curve, and by how much: below zero where it lies under it."""
    found: dict[str, float] = {}
    for pulse in pulses:
        drawn = drawn_C(pulse, full_C)
        z = 1.0 - drawn / rest.capacity_C
        low_V, high_V = rest.voltage_V(np.array([z - COUNTED_RATIO, z + COUNTED_RATIO]))
        off_V = min(pulse.rest_voltage_V - low_V, 0.0) + max(pulse.rest_voltage_V - high_V, 0.0)
        if abs(off_V) > SAID_REST_V:
            celsius = pulse.temperature_K - ZERO_CELSIUS_K
            found[f"{pulse.rest_voltage_V:g} V at {celsius:.3g} degC, {drawn / 3600.0:.3g} Ah drawn"] = float(off_V)
    return list(found.items())


def _raised_too_far(pulses: Sequence[Pulse], slow: SlowDischarge, rest: RestCurve) -> bool:
    """Whether the slow discharge lies further from the rests than its current and the resistance of the pulses explain."""
    most_Ohm = max(max(pulse.resistance_Ohm.values()) for pulse in pulses)
    explained_V = POLARISED_RATIO * most_Ohm * abs(slow.current_A)
    return not -SAID_RAISED_V <= rest.polarisation_V <= explained_V + SAID_RAISED_V


def contradicting_places(pulses: Sequence[Pulse], whole_C: float) -> list[Problem]:
    """Pulses whose charge drawn and state of charge, both given, are not of one place."""
    apart: list[Phrase] = []
    for pulse in pulses:
        drawn, z = pulse.charge_drawn_C, pulse.state_of_charge
        if drawn is not None and z is not None and abs(1.0 - drawn / whole_C - z) > MOST_STRETCH_RATIO:
            apart.append(
                text(
                    "{drawn:.3g} Ah drawn of {whole:.3g} Ah is not {charge:.3g} % charge",
                    drawn=drawn / 3600.0,
                    whole=whole_C / 3600.0,
                    charge=100.0 * z,
                )
            )
    if not apart:
        return []
    what = joined(dict.fromkeys(apart[:LISTED]))
    return [Problem(what, "pulses", text("mend discharged_Ah_before or soc_pct, or leave one of the columns out"))]


def strangers(rest: RestCurve, off: Sequence[tuple[str, float]] = ()) -> list[Problem]:
    """What shows, in how the slow discharge had to be laid over the rests, that both are not of one cell from full to empty."""
    problems: list[Problem] = []
    place = "slow discharge"
    if abs(rest.begins_at_ratio) > MOST_SHIFT_RATIO:
        what = text(
            "laid over the rests before the pulses, it begins {value:.1f} % of the charge after full",
            value=100.0 * rest.begins_at_ratio,
        )
        problems.append(Problem(what, place, text("begin it at the full cell, as the pulses are counted from")))
    if abs(rest.stretch_ratio - 1.0) > MOST_STRETCH_RATIO:
        what = text(
            "its charge must be stretched by {stretch_ratio:.3f} to meet the rests before the pulses",
            stretch_ratio=rest.stretch_ratio,
        )
        problems.append(Problem(what, place, text("check the capacity, and that both files are of one cell")))
    if rest.rms_V > MOST_REST_DEVIATION_V:
        what = text("its voltages lie {value:.0f} mV (rms) off the rests before the pulses", value=1e3 * rest.rms_V)
        problems.append(
            Problem(what, place, text("check rest_voltage_V and the charge or state of charge of the pulses"))
        )
    if not LEAST_RAISED_V <= rest.polarisation_V <= MOST_RAISED_V:
        side = "below" if rest.polarisation_V > 0.0 else "above"
        what = text(
            "it lies {polarisation:.2g} V {side} the rests before the pulses",
            polarisation=abs(rest.polarisation_V),
            side=side,
        )
        problems.append(
            Problem(what, place, text("check rest_voltage_V and voltage_V, and that both files are of one cell"))
        )
    far = [f"{where} ({off_V:+.2g} V)" for where, off_V in off if abs(off_V) > MOST_REST_V]
    if far and not problems:
        more = text("{number} more", number=len(far) - LISTED) if len(far) > LISTED else ""
        what = text(
            "rests lie off the open-circuit voltage of the slow discharge: {far}", far=joined((*far[:LISTED], more))
        )
        problems.append(Problem(what, "pulses", text("mend rest_voltage_V or the place of these pulses")))
    return problems


def doubtful(
    pulses: Sequence[Pulse], slow: SlowDischarge, rest: RestCurve, off: Sequence[tuple[str, float]]
) -> list[str]:
    """Where the measurements do not quite agree with each other."""
    told = [
        f"the rest of {where} lies {1e3 * off_V:+.0f} mV off the open-circuit voltage" for where, off_V in off[:LISTED]
    ]
    if len(off) > LISTED:
        told.append(f"{len(off) - LISTED} more rests lie off it")
    if _raised_too_far(pulses, slow, rest):
        told.append(
            f"the slow discharge is raised by {1e3 * rest.polarisation_V:.0f} mV to meet the rests,"
            " which its current and the resistance of the pulses do not explain"
        )
    return told
