"""A component with the ports of the interface `battery@1` as the battery of a vehicle: wired, converted, begun, asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, final

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.base_units import Conversion, joins, of_covolt
from covolt.exchange.component import Component, Value, Variable
from covolt.suggestion import named
from covolt.vehicle.foreign import BatteryAnswer, BatteryAsked, BatteryBegin, HowRun
from covolt.words import Phrase, text

__all__ = ["ComponentBattery"]

ASKED = ("power", "current")
"""Of these a part takes one; where it takes both, the power."""
SURROUNDINGS = ("ambient_temperature", "coolant_temperature")
ANSWERED = ("discharge_power_limit", "charge_power_limit", "voltage", "temperature", "state_of_charge")
"""Outputs without which there is no battery, in the order of `BatteryAnswer`."""
AGEING = ("ageing_capacity_ratio", "ageing_resistance_ratio")
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
    "voltage": "V",
    "temperature": "K",
    "state_of_charge": "1",
    "loss": "W",
    "state_of_charge_start": "1",
    "temperature_start": "K",
}
"""SI units of the ports; a flow is positive into the battery."""


class _Wire(NamedTuple):
    """A port and the variable that carries it: how a number here becomes one there."""

    port: str
    variable: str
    there: Conversion
    sign_ratio: float

    def given(self, values: np.ndarray) -> np.ndarray:
        """Numbers of covolt's as the part takes them."""
        return self.there.of(self.sign_ratio * values)

    def answered(self, values: np.ndarray) -> np.ndarray:
        """Numbers of the part as covolt takes them."""
        return self.sign_ratio * (values - self.there.offset) / self.there.factor


@final
class ComponentBattery:
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
        self._component = component
        self._runs: HowRun = runs
        self._parameters = dict(parameters or {})
        self._ports = dict(ports or {})
        self._known = {one.name: one for one in component.description.variables}
        self._problems: list[Problem] = self._strange()
        asked = self._one_of(ASKED, "input")
        around = self._one_of(SURROUNDINGS, "input")
        more = [self._wire(port, "input") for port in ("heating", "next_step") if self._has(port, "input")]
        self._in = [one for one in (asked, *more, around) if one is not None]
        outputs = [self._wire(port, "output") for port in ANSWERED]
        also = [self._wire(port, "output") for port in ("current", "loss") if self._has(port, "output")]
        self._out = [one for one in (*outputs, *also) if one is not None]
        self._starts = [one for port in STARTS if (one := self._wire(port, "parameter")) is not None]
        if self._problems:
            raise InputError(self._problems)
        component.wire([one.variable for one in self._in], [one.variable for one in self._out])

    @property
    def name(self) -> str:
        """That of the component."""
        return self._component.description.name

    @property
    def runs(self) -> HowRun:
        """Where the component runs."""
        return self._runs

    @property
    def digest(self) -> str:
        """That of what runs."""
        return self._component.description.digest

    @property
    def serves(self) -> frozenset[str]:
        """A component can begin anew, and be stepped."""
        saves = {"save"} if self._component.description.capabilities.saves else set[str]()
        return frozenset({"whole mission", "stepwise", *saves})

    def aged(self, capacity_ratio: float, resistance_ratio: float) -> ComponentBattery | None:
        """The same component, begun with other values of its parameters of ageing; None where it lacks one of them."""
        ratios = dict(zip(AGEING, (capacity_ratio, resistance_ratio), strict=True))
        known = self._component.description.of("parameter")
        if not set(AGEING) <= {one.name for one in known}:
            return None
        return ComponentBattery(self._component, self._runs, self._ports, {**self._parameters, **ratios})

    @property
    def takes(self) -> str:
        """What it is asked for: "power" or "current"."""
        return self._in[0].port

    def whole(self, begin: BatteryBegin, asked: BatteryAsked, dt_s: float) -> BatteryAnswer:
        """Begin anew, and answer a whole mission, one vehicle after the other."""
        found = [self._one(begin, asked, row, dt_s) for row in range(len(begin.state_of_charge))]
        return BatteryAnswer(*(np.stack(values) for values in zip(*found, strict=True)))

    def start(self, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
        """The answers at the start of one vehicle."""
        none = np.empty((1, 0))
        first = self._begun(begin, 0, dt_s, float(begin.temperature_K[0]))
        return BatteryAnswer(*(one[None, :] for one in self._answer(first[None, :], BatteryAsked(*[none] * 5), 0)))

    def step(self, index: int, asked: BatteryAsked, dt_s: float) -> BatteryAnswer:
        """One step more."""
        given = self._given(asked, 0, dt_s)[0]
        after = self._component.step(index * dt_s, dt_s, given)
        return BatteryAnswer(*(one[None, :] for one in self._answer(np.stack([after, after]), asked, 0)))

    def _one(self, begin: BatteryBegin, asked: BatteryAsked, row: int, dt_s: float) -> tuple[np.ndarray, ...]:
        count = asked.power_W.shape[1]
        first = self._begun(begin, row, dt_s, float(asked.ambient_temperature_K[row, 0]))
        after = self._component.window(0.0, np.full(count, dt_s), self._given(asked, row, dt_s))
        return self._answer(np.concatenate([first[None, :], after]), asked, row)

    def _begun(self, begin: BatteryBegin, row: int, dt_s: float, ambient_K: float) -> np.ndarray:
        """Begin one vehicle's battery at rest; its outputs."""
        values = {"next_step": dt_s, "ambient_temperature": ambient_K, "coolant_temperature": ambient_K}
        inputs = np.array([float(one.given(np.array(values.get(one.port, 0.0)))) for one in self._in])
        own: dict[str, float] = dict(zip(STARTS, (begin.state_of_charge[row], begin.temperature_K[row]), strict=True))
        starts = {one.variable: float(one.given(np.asarray(own[one.port]))) for one in self._starts}
        return self._component.start({**self._parameters, **starts}, inputs)

    def _given(self, asked: BatteryAsked, row: int, dt_s: float) -> np.ndarray:
        """Inputs (n, k) of one vehicle."""
        power_W = asked.power_W[row]
        values = {
            "power": power_W,
            "current": power_W / np.maximum(asked.voltage_V[row], 1.0),
            "heating": asked.heating_W[row] - asked.cooling_W[row],
            "next_step": np.full(len(power_W), dt_s),
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
        return (*(found[port] for port in ANSWERED), current_A, loss_W)

    def _strange(self) -> list[Problem]:
        """Ports of the mapping that no battery has."""
        return [
            Problem(
                text("a battery has no port '{port}'", port=port), self._component.description.name, named(port, UNITS)
            )
            for port in self._ports
            if port not in UNITS
        ]

    def _variable(self, port: str) -> tuple[str, float]:
        written = self._ports.get(port, port)
        return (written[1:], -1.0) if written.startswith("-") else (written, 1.0)

    def _has(self, port: str, causality: str) -> bool:
        found = self._known.get(self._variable(port)[0])
        return port in self._ports or (found is not None and found.causality == causality)

    def _one_of(self, ports: tuple[str, ...], causality: str) -> _Wire | None:
        """The first of these ports that something carries."""
        chosen = next((port for port in ports if self._has(port, causality)), None)
        if chosen is not None:
            return self._wire(chosen, causality)
        inputs = [one.name for one in self._component.description.of("input")]
        what = text("no input carries {ports}", ports=" or ".join(ports))
        hint = text("name one of its inputs in model.ports: {names}", names=", ".join(inputs))
        self._problems.append(Problem(what, self._component.description.name, hint))
        return None

    def _wire(self, port: str, causality: str) -> _Wire | None:
        name, sign = self._variable(port)
        variable, where = self._known.get(name), self._component.description.name
        if variable is None or variable.causality != causality:
            names = [one.name for one in self._component.description.variables if one.causality == causality]
            what: Phrase = text("no {causality} carries {port}", causality=causality, port=port)
            hint = text("name one of these in model.ports: {names}", names=", ".join(names))
            self._problems.append(Problem(what, where, hint))
            return None
        conversion = _conversion(port, variable)
        if isinstance(conversion, Phrase):
            hint = text("give {port} in a unit such as {unit}", port=port, unit=UNITS[port])
            self._problems.append(Problem(conversion, f"{where} ({name})", hint))
            return None
        return _Wire(port, name, conversion, sign)


def _conversion(port: str, variable: Variable) -> Conversion | Phrase:
    return joins(of_covolt(UNITS[port]), variable.unit)
