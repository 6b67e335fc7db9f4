"""A component with the ports of the interface `drive_unit@1` as the drive unit of a vehicle: wired, converted, begun, asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np

from covolt.errors import Problem
from covolt.exchange.component import Component, Value
from covolt.library.component_wires import AbstractComponentLink
from covolt.vehicle.foreign import AnsweredInPart, HowRun
from covolt.vehicle.foreign_drive_unit import DriveUnitAnswer, DriveUnitAsked, DriveUnitBegin
from covolt.words import text

__all__ = ["ComponentDriveUnit"]

ASKED = ("torque_request", "speed")
"""Inputs without which there is no drive unit."""
AROUND = ("voltage", "coolant_temperature")
"""Inputs that a unit may do without."""
ELECTRIC = ("power", "current", "loss")
"""Of these one tells the electrical power: itself, with the voltage that the unit was given, or with its torque and speed."""
SHAFT = "torque"
WINDING = "winding_temperature"
START = "temperature_start"
UNITS = {
    "torque_request": "Nm",
    "speed": "rad/s",
    "voltage": "V",
    "coolant_temperature": "K",
    "power": "W",
    "current": "A",
    "loss": "W",
    SHAFT: "Nm",
    WINDING: "K",
    START: "K",
}
"""SI units of the ports; a flow is positive into the unit, so that a positive `torque` at the shaft brakes it."""


@final
class ComponentDriveUnit(AbstractComponentLink):
    """A component as a `DriveUnitLink`.

        P = power,  or U I of its current,  or T w + L of its loss;  T at the shaft is what it says, else what it is asked for

    Args:
        component: what is asked, wherever it runs.
        runs: where that is.
        ports: by port of the interface the variable that carries it, "-NAME" where its sign is the other way round; what is not
            named is carried by a variable of its own name.
        parameters: what the part is given when it begins, besides its temperature.

    Raises:
        InputError: with every port that nothing carries, and every unit that does not convert.
    """

    def __init__(
        self,
        component: Component,
        runs: HowRun = "in process",
        ports: Mapping[str, str] | None = None,
        parameters: Mapping[str, Value] | None = None,
    ) -> None:
        super().__init__(component, runs, UNITS, ports, parameters)
        wires = self._wires
        strange = [text("a drive unit has no port '{port}'", port=port) for port in wires.strange]
        self._in = [*wires.all_of(ASKED, "input"), *wires.there(AROUND, "input")]
        electric = wires.one_of(ELECTRIC, "output")
        self._out = [] if electric is None else [electric]
        self._out += wires.there((SHAFT, WINDING), "output")
        self._starts = wires.there((START,), "parameter")
        wires.demand_whole(strange)
        component.wire([one.variable for one in self._in], [one.variable for one in self._out])

    @property
    def begun_by(self) -> tuple[str, ...]:
        """Parameters that whoever drives it sets: its temperature."""
        return tuple(one.variable for one in self._starts)

    @property
    def tells(self) -> str:
        """By which of its answers its electrical power is known: "power", "current" or "loss"."""
        return self._out[0].port

    def whole(self, begin: DriveUnitBegin, asked: DriveUnitAsked, steps_s: np.ndarray) -> DriveUnitAnswer:
        """Begin anew, and answer a whole mission, one vehicle after the other."""
        outputs: list[np.ndarray] = []
        problems: list[Problem] = []
        for row in range(len(begin.temperature_K)):
            given = self._given(asked, row)
            _, after, failure = self._mission(self._first(begin, row), given[0], steps_s, given, len(self._out))
            outputs.append(after)
            problems += [] if failure is None else failure.problems
        answer = self._answer(np.stack(outputs), asked)
        if problems:
            raise AnsweredInPart(problems, answer)
        return answer

    def start(self, begin: DriveUnitBegin, asked: DriveUnitAsked, dt_s: float) -> None:
        """Begin the unit of one vehicle."""
        with self._lock:
            self._component.start(self._first(begin, 0), self._given(asked, 0)[0])

    def step(self, index: int, asked: DriveUnitAsked, dt_s: float) -> DriveUnitAnswer:
        """One step more."""
        with self._lock:
            after = self._component.step(index * dt_s, dt_s, self._given(asked, 0)[0])
        return self._answer(after[None, None, :], asked)

    def _first(self, begin: DriveUnitBegin, row: int) -> dict[str, Value]:
        """Parameters with which one vehicle's unit begins."""
        starts = {one.variable: float(one.given(np.asarray(begin.temperature_K[row]))) for one in self._starts}
        return {**self._parameters, **starts}

    def _given(self, asked: DriveUnitAsked, row: int) -> np.ndarray:
        """Inputs (n, k) of one vehicle."""
        values = {
            "torque_request": asked.torque_Nm[row],
            "speed": asked.speed_rad_per_s[row],
            "voltage": asked.voltage_V[row],
            "coolant_temperature": asked.coolant_temperature_K[row],
        }
        return np.stack([one.given(values[one.port]) for one in self._in], axis=1)

    def _answer(self, outputs: np.ndarray, asked: DriveUnitAsked) -> DriveUnitAnswer:
        """Outputs (vehicles, n, m) as what drive units answer."""
        found = {one.port: one.answered(outputs[:, :, place]) for place, one in enumerate(self._out)}
        torque_Nm = -found[SHAFT] if SHAFT in found else None
        told = found[self.tells]
        if self.tells == "current":
            told = asked.voltage_V * told
        elif self.tells == "loss":
            told = told + (asked.torque_Nm if torque_Nm is None else torque_Nm) * asked.speed_rad_per_s
        return DriveUnitAnswer(told, torque_Nm, found.get(WINDING))
