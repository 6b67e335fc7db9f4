"""Wires between the ports of an interface and the variables of a component: by name, unit and sign; and windows to their end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import NamedTuple, Self, final

import numpy as np

from covolt.errors import ComponentEnded, ComponentFailed, InputError, Problem
from covolt.exchange.base_units import Conversion, contradiction, joins, of_covolt
from covolt.exchange.component import Component, Unit, Value
from covolt.exchange.gathering import asked_together
from covolt.exchange.missions import AnswersMissions, AskedMission
from covolt.suggestion import named
from covolt.vehicle.foreign import HowRun
from covolt.words import Phrase, either, plural, text

__all__ = ["AbstractComponentLink", "Wire", "Wires", "window_to_its_end"]

ASKED_AT_ONCE = 4096
"""Steps in one call, so that one that hangs is noticed by the deadline of so many."""
WINDOW_STEPS = 256
"""Steps asked at once where the one is sought at which a component ends with an error."""


class Wire(NamedTuple):
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
class Wires:
    """Finds what carries the ports of a component, and collects what is wrong.

    Args:
        component: what is wired.
        units: SI units of the ports.
        ports: by port the variable that carries it, "-NAME" where its sign is the other way round; what is not named is carried
            by a variable of its own name.
    """

    def __init__(self, component: Component, units: Mapping[str, str], ports: Mapping[str, str]) -> None:
        self._description = component.description
        self._known = {one.name: one for one in component.description.variables}
        self._units, self._ports = units, ports
        self._problems: list[Problem] = []
        self._bare: list[str] = []
        self._odd: dict[str, Unit] = {}
        self.strange = [port for port in ports if port not in units]
        """Ports of the mapping that the interface does not have."""

    def variable(self, port: str) -> tuple[str, float]:
        """Name of the variable that shall carry a port, and its sign."""
        written = self._ports.get(port, port)
        return (written[1:], -1.0) if written.startswith("-") else (written, 1.0)

    def is_there(self, name: str, causality: str) -> bool:
        """Whether there is a variable of this name and causality."""
        found = self._known.get(name)
        return found is not None and found.causality == causality

    def has(self, port: str, causality: str) -> bool:
        """Whether a port is named in the mapping, or carried by a variable of its own name."""
        return port in self._ports or self.is_there(self.variable(port)[0], causality)

    def one_of(self, ports: Sequence[str], causality: str) -> Wire | None:
        """The first of these ports that something carries; that none is carried is noted."""
        chosen = next((port for port in ports if self.has(port, causality)), None)
        if chosen is not None:
            return self.wire(chosen, causality)
        names = [one.name for one in self._description.variables if one.causality == causality]
        what = text("no {causality} carries {port}", causality=causality, port=either(ports))
        hint = text(
            "name one of these in ports, of the model of its datasheet or of --model SLOT=FILE.toml: {names}",
            names=", ".join(names),
        )
        self._problems.append(Problem(what, self._description.name, hint))
        return None

    def all_of(self, ports: Sequence[str], causality: str) -> list[Wire]:
        """All of these ports; what nothing carries is noted."""
        return [one for port in ports if (one := self.wire(port, causality)) is not None]

    def there(self, ports: Sequence[str], causality: str) -> list[Wire]:
        """Those of these ports that something carries."""
        return self.all_of([port for port in ports if self.has(port, causality)], causality)

    def wire(self, port: str, causality: str) -> Wire | None:
        """What carries a port; None, and noted, where nothing does or its unit does not convert."""
        name, sign = self.variable(port)
        variable, where = self._known.get(name), self._description.name
        if variable is None or variable.causality != causality:
            names = [one.name for one in self._description.variables if one.causality == causality]
            what: Phrase = text("no {causality} carries {port}", causality=causality, port=port)
            hint = text(
                "name one of these in ports, of the model of its datasheet or of --model SLOT=FILE.toml: {names}",
                names=", ".join(names),
            )
            self._problems.append(Problem(what, where, hint))
            return None
        if variable.unit is None and self._units[port] != "1":
            self._bare.append(f"{name} [{self._units[port]}]")
        elif variable.unit is not None:
            self._odd[variable.unit.name] = variable.unit
        conversion = joins(of_covolt(self._units[port]), variable.unit)
        if isinstance(conversion, Phrase):
            hint = text("give {port} in a unit such as {unit}", port=port, unit=self._units[port])
            self._problems.append(Problem(conversion, f"{where} ({name})", hint))
            return None
        return Wire(port, name, conversion, sign)

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What is to be told of its units: ports that state none, and units that are not what their names say."""
        where = self._description.name
        hint = text("have it exported anew with its units, or ask who made it whether its numbers are in these")
        told: list[Problem] = []
        if self._bare:
            what = plural(
                "{count} port states no unit and is taken as SI: {ports}",
                "{count} ports state no unit and are taken as SI: {ports}",
                len(self._bare),
                ports=", ".join(self._bare),
            )
            told.append(Problem(what, where, hint))
        odd = (contradiction(unit) for unit in self._odd.values())
        return (*told, *(Problem(what, where, hint) for what in odd if what is not None))

    def demand_whole(self, strange: Sequence[Phrase]) -> None:
        """Raise where anything is wrong: `strange` says it of each port that the interface does not have.

        Raises:
            InputError: with every port that nothing carries, and every unit that does not convert.
        """
        told = zip(self.strange, strange, strict=True)
        problems = [Problem(what, self._description.name, named(port, self._units)) for port, what in told]
        problems += self._problems
        if problems:
            raise InputError(problems)


class AbstractComponentLink:
    """What ways to a component have in common, whichever part of a vehicle it is."""

    def __init__(
        self,
        component: Component,
        runs: HowRun,
        units: Mapping[str, str],
        ports: Mapping[str, str] | None,
        parameters: Mapping[str, Value] | None,
    ) -> None:
        self._component = component
        self._runs: HowRun = runs
        self._ports, self._parameters = dict(ports or {}), dict(parameters or {})
        self._wires = Wires(component, units, self._ports)
        self._lock = RLock()
        """Held while the component is asked by one drive alone."""

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
    def wiring(self) -> str:
        """Its ports and parameters that are named, in one line."""
        both = {**self._ports, **{f"{name}:": repr(value) for name, value in self._parameters.items()}}
        return " ".join(f"{name}={value}" for name, value in sorted(both.items()))

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What is to be told of its units."""
        return self._wires.notices

    @property
    def protections(self) -> tuple[str, ...]:
        """Those of its worker, as they were tried before it was loaded."""
        from covolt.exchange.sandbox import SandboxedComponent

        component = self._component
        return component.protections.active if isinstance(component, SandboxedComponent) else ()

    @property
    def serves(self) -> frozenset[str]:
        """A component can begin anew, and be stepped."""
        saves = {"save"} if self._component.description.capabilities.saves else set[str]()
        many = {"many missions"} if isinstance(self._component, AnswersMissions) else set[str]()
        return frozenset({"whole mission", "stepwise", *saves, *many})

    @contextmanager
    def alone(self) -> Generator[Self]:
        """It, asked by one at a time."""
        with self._lock:
            yield self

    def _mission(
        self, parameters: Mapping[str, Value], start: np.ndarray, steps_s: np.ndarray, inputs: np.ndarray, width: int
    ) -> tuple[np.ndarray, np.ndarray, ComponentFailed | None]:
        """Outputs (m,) at the start and (n, m) after the steps of a component begun anew; none from where it ended, and why.

        Of one that answers many missions it is asked together with what other drives ask.
        """
        if isinstance(self._component, AnswersMissions):
            mission = AskedMission(parameters, start, 0.0, steps_s, inputs)
            try:
                rows = asked_together(self._component, mission, self._lock)
            except ComponentEnded:
                raise
            except ComponentFailed:  # at some step, which is found below
                pass
            else:
                return rows[0], rows[1:], None
        with self._lock:
            begin = partial(self._component.start, parameters, start)
            return begin(), *window_to_its_end(self._component, begin, steps_s, inputs, width)


def window_to_its_end(
    component: Component, begin: Callable[[], object], steps_s: np.ndarray, inputs: np.ndarray, width: int
) -> tuple[np.ndarray, ComponentFailed | None]:
    """Outputs (n, m) of a component that has begun, for inputs (n, k); no numbers from where it ended with an error, and that.

    Args:
        component: what has begun.
        begin: begins it anew, as it has begun now.
        steps_s: shape (n,), float64, s.
        inputs: its inputs.
        width: m.
    """
    begins_s = np.concatenate([[0.0], np.cumsum(steps_s)])
    parts = [slice(at, at + ASKED_AT_ONCE) for at in range(0, len(steps_s), ASKED_AT_ONCE)]
    try:
        found = [component.window(float(begins_s[one.start]), steps_s[one], inputs[one]) for one in parts]
        return np.concatenate([np.empty((0, width)), *found]), None
    except ComponentEnded:
        raise
    except ComponentFailed as error:
        before = _before(component, begin, steps_s, inputs, width)
        if len(before) == len(steps_s):
            raise  # asked again it answers: what it says depends on more than it is asked
        after = np.full((len(steps_s), width), np.nan)
        after[: len(before)] = before
        return after, error


def _before(
    component: Component, begin: Callable[[], object], steps_s: np.ndarray, inputs: np.ndarray, width: int
) -> np.ndarray:
    """What a component that ends with an error answers up to there: windows until one fails, then its steps."""
    begins_s = np.concatenate([[0.0], np.cumsum(steps_s)])
    parts = [slice(at, at + WINDOW_STEPS) for at in range(0, len(steps_s), WINDOW_STEPS)]
    found: list[np.ndarray] = []
    begin()
    for part in parts:
        try:
            found.append(component.window(float(begins_s[part.start]), steps_s[part], inputs[part]))
        except ComponentFailed:
            break
    else:
        return np.concatenate(found)
    begin()
    begun = slice(0, part.start)
    if part.start:
        component.window(0.0, steps_s[begun], inputs[begun])
    for at in range(part.start, len(steps_s)):
        try:
            found.append(component.step(float(begins_s[at]), float(steps_s[at]), inputs[at])[None, :])
        except ComponentFailed:
            break
    return np.concatenate([np.empty((0, width)), *found])
