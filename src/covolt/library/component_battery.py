"""A component with the ports of the interface `battery@1` as the battery of a vehicle: wired, converted, begun, asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import NamedTuple, final

import numpy as np

from covolt.errors import ComponentEnded, ComponentFailed, InputError, Problem
from covolt.exchange.base_units import Conversion, joins, of_covolt
from covolt.exchange.component import Component, Value, Variable
from covolt.suggestion import named
from covolt.vehicle.foreign import AnsweredInPart, BatteryAnswer, BatteryAsked, BatteryBegin, HowRun
from covolt.words import Phrase, text

__all__ = ["ComponentBattery"]

ASKED = ("power", "current")
"""Of these a part takes one; where it takes both, the power."""
SURROUNDINGS = ("ambient_temperature", "coolant_temperature")
ANSWERED = ("discharge_power_limit", "charge_power_limit", "voltage", "temperature", "state_of_charge")
"""Outputs without which there is no battery, in the order of `BatteryAnswer`."""
LASTING = "sustained_charge_power_limit"
"""What may be taken for as long as one likes, as in charging; where a part does not say, what it declares does."""
WINDOW_STEPS = 256
"""Steps asked at once where the one is sought at which a component ends with an error."""
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
        lock: held while the component is asked; that of another battery where both ask one component.

    Raises:
        InputError: with every port that nothing carries, and every unit that does not convert.
    """

    def __init__(
        self,
        component: Component,
        runs: HowRun = "in process",
        ports: Mapping[str, str] | None = None,
        parameters: Mapping[str, Value] | None = None,
        lock: Lock | None = None,
    ) -> None:
        self._component = component
        self._runs: HowRun = runs
        self._lock = lock or Lock()
        self._parameters = dict(parameters or {})
        self._ports = dict(ports or {})
        self._known = {one.name: one for one in component.description.variables}
        self._problems: list[Problem] = self._strange()
        asked = self._one_of(ASKED, "input")
        around = self._one_of(SURROUNDINGS, "input")
        more = [self._wire(port, "input") for port in ("heating", "next_step") if self._has(port, "input")]
        self._in = [one for one in (asked, *more, around) if one is not None]
        outputs = [self._wire(port, "output") for port in ANSWERED]
        also = [self._wire(port, "output") for port in (LASTING, "current", "loss") if self._has(port, "output")]
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

    @property
    def takes(self) -> str:
        """What it is asked for: "power" or "current"."""
        return self._in[0].port

    def aged(self, capacity_ratio: float, resistance_ratio: float) -> ComponentBattery | None:
        """The same component, begun with these shares; None where it has no parameters for them."""
        names = [self._variable(port)[0] for port in AGEING]
        if not all(name in self._known and self._known[name].causality == "parameter" for name in names):
            return None
        shares = dict(zip(names, (capacity_ratio, resistance_ratio), strict=True))
        return ComponentBattery(self._component, self._runs, self._ports, {**self._parameters, **shares}, self._lock)

    def whole(self, begin: BatteryBegin, asked: BatteryAsked, steps_s: np.ndarray) -> BatteryAnswer:
        """Begin anew, and answer a whole mission, one vehicle after the other."""
        with self._lock:
            found = [self._one(begin, asked, row, steps_s) for row in range(len(begin.state_of_charge))]
        answer = BatteryAnswer(*(np.stack(values) for values in zip(*(one for one, _ in found), strict=True)))
        failed = [problem for _, error in found if error is not None for problem in error.problems]
        if failed:
            raise AnsweredInPart(failed, answer)
        return answer

    def start(self, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
        """The answers at the start of one vehicle."""
        none = np.empty((1, 0))
        first = self._begun(begin, 0, dt_s, float(begin.temperature_K[0]))
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
        first = self._begun(begin, row, float(steps_s[0]), float(asked.ambient_temperature_K[row, 0]))
        # Limits at the end of a step are those of the next one.
        following_s = np.append(steps_s[1:], steps_s[-1])
        given, failure = self._given(asked, row, following_s), None
        try:
            after = self._component.window(0.0, steps_s, given)
        except ComponentEnded:
            raise
        except ComponentFailed as error:
            failure = error
            before = self._before(
                lambda: self._begun(begin, row, float(steps_s[0]), float(asked.ambient_temperature_K[row, 0])),
                steps_s,
                given,
            )
            if len(before) == len(steps_s):
                raise  # asked again it answers: what it says depends on more than it is asked
            after = np.full((len(steps_s), len(self._out)), np.nan)
            after[: len(before)] = before
        return self._answer(np.concatenate([first[None, :], after]), asked, row), failure

    def _before(self, begin: Callable[[], object], steps_s: np.ndarray, given: np.ndarray) -> np.ndarray:
        """What a component that ends with an error answers up to there: windows until one fails, then its steps."""
        begins_s = np.concatenate([[0.0], np.cumsum(steps_s)])
        parts = [slice(at, at + WINDOW_STEPS) for at in range(0, len(steps_s), WINDOW_STEPS)]
        found: list[np.ndarray] = []
        begin()
        for part in parts:
            try:
                found.append(self._component.window(float(begins_s[part.start]), steps_s[part], given[part]))
            except ComponentFailed:
                break
        else:
            return np.concatenate(found)
        begin()
        begun = slice(0, part.start)
        if part.start:
            self._component.window(0.0, steps_s[begun], given[begun])
        for at in range(part.start, len(steps_s)):
            try:
                found.append(self._component.step(float(begins_s[at]), float(steps_s[at]), given[at])[None, :])
            except ComponentFailed:
                break
        return np.concatenate([np.empty((0, len(self._out))), *found])

    def _begun(self, begin: BatteryBegin, row: int, dt_s: float, ambient_K: float) -> np.ndarray:
        """Begin one vehicle's battery at rest; its outputs."""
        values = {"next_step": dt_s, "ambient_temperature": ambient_K, "coolant_temperature": ambient_K}
        inputs = np.array([float(one.given(np.array(values.get(one.port, 0.0)))) for one in self._in])
        own: dict[str, float] = dict(zip(STARTS, (begin.state_of_charge[row], begin.temperature_K[row]), strict=True))
        starts = {one.variable: float(one.given(np.asarray(own[one.port]))) for one in self._starts}
        return self._component.start({**self._parameters, **starts}, inputs)

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
