"""A component with the ports of the interface `battery@1` as the battery of a vehicle: wired, converted, begun, asked."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import final

import numpy as np

from covolt.errors import ComponentFailed
from covolt.exchange.component import Component, Value
from covolt.library.component_wires import AbstractComponentLink
from covolt.vehicle.foreign import AnsweredInPart, BatteryAnswer, BatteryAsked, BatteryBegin, HowRun
from covolt.words import text

__all__ = ["ComponentBattery"]

ASKED = ("power", "current")
"""Of these a part takes one; where it takes both, the power."""
SURROUNDINGS = ("ambient_temperature", "coolant_temperature")
ANSWERED = ("discharge_power_limit", "charge_power_limit", "voltage", "temperature", "state_of_charge")
"""Outputs without which there is no battery, in the order of `BatteryAnswer`."""
LASTING = "sustained_charge_power_limit"
"""What may be taken for as long as one likes, as in charging; where a part does not say, what it declares does."""
MOST_ROUNDS = 50
ROUNDING_RATIO = 1e-13
"""Change of the voltage below which I = P / U holds."""
AGEING = ("ageing_capacity_ratio", "ageing_resistance_ratio")
"""Parameters by which a part can be aged, capacity and resistance of the pack over those when new."""
STARTS = ("state_of_charge_start", "temperature_start")
UNITS = {
    "power": "W",
    "current": "A",
    "heating": "W",
    "ambient_temperature": "K",
    "coolant_temperature": "K",
    "next_step": "s",
    "discharge_power_limit": "W",
    "charge_power_limit": "W",
    LASTING: "W",
    "voltage": "V",
    "temperature": "K",
    "state_of_charge": "1",
    "loss": "W",
    "state_of_charge_start": "1",
    "temperature_start": "K",
    **dict.fromkeys(AGEING, "1"),
}
"""SI units of the ports; a flow is positive into the battery."""


@final
class ComponentBattery(AbstractComponentLink):
    """A component as a `BatteryLink`.

    Args:
        component: what is asked, wherever it runs.
        runs: where that is.
        ports: by port of the interface the variable that carries it, "-NAME" where its sign is the other way round; what is not
            named is carried by a variable of its own name.
        parameters: what the part is given when it begins, besides charge and temperature.

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
        strange = [text("a battery has no port '{port}'", port=port) for port in wires.strange]
        asked = wires.one_of(ASKED, "input")
        around = wires.one_of(SURROUNDINGS, "input")
        more = wires.there(("heating", "next_step"), "input")
        self._in = [one for one in (asked, *more, around) if one is not None]
        self._out = [*wires.all_of(ANSWERED, "output"), *wires.there((LASTING, "current", "loss"), "output")]
        self._starts = wires.all_of(STARTS, "parameter")
        wires.demand_whole(strange)
        component.wire([one.variable for one in self._in], [one.variable for one in self._out])

    @property
    def begun_by(self) -> tuple[str, ...]:
        """Parameters that whoever drives it sets: charge, temperature and age."""
        return (*(one.variable for one in self._starts), *(self._wires.variable(port)[0] for port in AGEING))

    @property
    def takes(self) -> str:
        """What it is asked for: "power" or "current"."""
        return self._in[0].port

    def aged(self, capacity_ratio: float, resistance_ratio: float) -> ComponentBattery | None:
        """The same component, begun with these shares; None where it has no parameters for them."""
        names = [self._wires.variable(port)[0] for port in AGEING]
        if not all(self._wires.is_there(name, "parameter") for name in names):
            return None
        shares = dict(zip(names, (capacity_ratio, resistance_ratio), strict=True))
        older = copy(self)
        older._parameters = {**self._parameters, **shares}
        return older

    def whole(self, begin: BatteryBegin, asked: BatteryAsked, steps_s: np.ndarray) -> BatteryAnswer:
        """Begin anew, and answer a whole mission, one vehicle after the other."""
        found = [self._one(begin, asked, row, steps_s) for row in range(len(begin.state_of_charge))]
        answer = BatteryAnswer(*(np.stack(values) for values in zip(*(one for one, _ in found), strict=True)))
        failed = [problem for _, error in found if error is not None for problem in error.problems]
        if failed:
            raise AnsweredInPart(failed, answer)
        return answer

    def start(self, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
        """The answers at the start of one vehicle."""
        none = np.empty((1, 0))
        with self._lock:
            first = self._component.start(*self._first(begin, 0, dt_s, float(begin.temperature_K[0])))
        return BatteryAnswer(*(one[None, :] for one in self._answer(first[None, :], BatteryAsked(*[none] * 5), 0)))

    def step(self, index: int, asked: BatteryAsked, dt_s: float) -> BatteryAnswer:
        """One step more; of a part that takes a current and can save, again until I = P / U holds."""
        again = self.takes == "current" and "save" in self.serves
        with self._lock:
            rounds = 0
            while True:
                saved = self._component.save() if again else None
                given = self._given(asked, 0, np.array([dt_s]))[0]
                after = self._component.step(index * dt_s, dt_s, given)
                found = BatteryAnswer(*(one[None, :] for one in self._answer(np.stack([after, after]), asked, 0)))
                if saved is None:
                    break
                settled = abs(found.voltage_V[0, 1] - asked.voltage_V[0, 0]) <= ROUNDING_RATIO * found.voltage_V[0, 1]
                rounds += 1
                ends = settled or rounds == MOST_ROUNDS
                if not ends:
                    self._component.restore(saved)
                self._component.forget(saved)
                if ends:
                    break
                asked = asked._replace(voltage_V=found.voltage_V[:, 1:])
            return found

    def _one(
        self, begin: BatteryBegin, asked: BatteryAsked, row: int, steps_s: np.ndarray
    ) -> tuple[tuple[np.ndarray, ...], ComponentFailed | None]:
        """The answer of one vehicle's battery, and with what error it ended."""
        parameters, inputs = self._first(begin, row, float(steps_s[0]), float(asked.ambient_temperature_K[row, 0]))
        # Limits at the end of a step are those of the next one.
        following_s = np.append(steps_s[1:], steps_s[-1])
        given = self._given(asked, row, following_s)
        first, after, failure = self._mission(parameters, inputs, steps_s, given, len(self._out))
        return self._answer(np.concatenate([first[None, :], after]), asked, row), failure

    def _first(
        self, begin: BatteryBegin, row: int, dt_s: float, ambient_K: float
    ) -> tuple[dict[str, Value], np.ndarray]:
        """Parameters and inputs with which one vehicle's battery begins, at rest."""
        values = {"next_step": dt_s, "ambient_temperature": ambient_K, "coolant_temperature": ambient_K}
        inputs = np.array([float(one.given(np.array(values.get(one.port, 0.0)))) for one in self._in])
        own: dict[str, float] = dict(zip(STARTS, (begin.state_of_charge[row], begin.temperature_K[row]), strict=True))
        starts = {one.variable: float(one.given(np.asarray(own[one.port]))) for one in self._starts}
        return {**self._parameters, **starts}, inputs

    def _given(self, asked: BatteryAsked, row: int, next_s: np.ndarray) -> np.ndarray:
        """Inputs (n, k) of one vehicle."""
        power_W = asked.power_W[row]
        values = {
            "power": power_W,
            "current": power_W / np.maximum(asked.voltage_V[row], 1.0),
            "heating": asked.heating_W[row] - asked.cooling_W[row],
            "next_step": next_s,
            "ambient_temperature": asked.ambient_temperature_K[row],
            "coolant_temperature": asked.ambient_temperature_K[row],
        }
        return np.stack([one.given(values[one.port]) for one in self._in], axis=1)

    def _answer(self, outputs: np.ndarray, asked: BatteryAsked, row: int) -> tuple[np.ndarray, ...]:
        """Outputs (n + 1, m) of one vehicle in the order of `BatteryAnswer`."""
        found = {one.port: one.answered(outputs[:, place]) for place, one in enumerate(self._out)}
        power_W = asked.power_W[row]
        if self.takes == "current":
            current_A = power_W / np.maximum(asked.voltage_V[row], 1.0)
        else:
            current_A = found["current"][1:] if "current" in found else power_W / found["voltage"][1:]
        loss_W = found["loss"][1:] if "loss" in found else np.full(len(power_W), np.nan)
        lasting_W = found.get(LASTING, np.full(len(outputs), np.nan))
        limits = (found["discharge_power_limit"], found["charge_power_limit"], lasting_W)
        return (*limits, *(found[port] for port in ANSWERED[2:]), current_A, loss_W)
