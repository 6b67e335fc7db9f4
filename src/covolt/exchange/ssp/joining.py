"""A flat SSP as a system of the master: parts with their parameters, connections as numbers, and what the root system shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast, final

import numpy as np

from covolt.errors import Problem
from covolt.exchange.base_units import Conversion, difference, joins
from covolt.exchange.component import Unit, Value, Variable
from covolt.exchange.master import Connection, Course, Part, Port, Run, System
from covolt.exchange.ssp.conversion import Step
from covolt.exchange.ssp.document import Findings
from covolt.exchange.ssp.flat import Flat, FlatComponent, Joint
from covolt.exchange.ssp.tracing import elements_of, indexed
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["Given", "Shown", "choices_of", "shown_of", "stepped", "system_of"]

_NUMBERS = frozenset({"real", "integer", "boolean", "enumeration"})
_WIDEST = 10_000
"""Whole numbers between the bounds of a variable that are listed one by one."""
_USUAL = 1024

Begun = Callable[[str, Sequence[str]], Mapping[str, Value]]
"""Values that a component has once it is initialised, by its name and theirs."""


@final
@dataclass(frozen=True)
class Shown:
    """A connector of the root system over time."""

    name: str
    unit: Unit | None
    values: np.ndarray
    """(n,) in that unit."""


@final
@dataclass(frozen=True)
class Given:
    """What comes from outside: a connector of the root system over time, in its own unit, else in that connector's."""

    name: str
    time_s: np.ndarray
    """(n,)"""
    values: np.ndarray
    """(n,)"""
    unit: Unit | None = None


def system_of(flat: Flat, begun: Begun, given: Sequence[Given] = ()) -> System:
    """The system that the master joins.

    What a component calculates once, and another takes as a parameter or an input, is asked of `begun` before.

    Raises:
        InputError: with every connection that no exchange of numbers at the ends of steps can serve, and everything given to
            connectors that are none.
    """
    return _Joining(flat, begun, given).system()


@final
class _Joining:
    def __init__(self, flat: Flat, begun: Begun, given: Sequence[Given]) -> None:
        self.flat = flat
        self.given = {one.name: one for one in given}
        self.begun = begun
        self.findings = Findings()
        self.components = {one.name: one for one in flat.components}
        self.variables: dict[str, Mapping[str, Variable]] = {
            one.name: {variable.name: variable for variable in one.description.variables} if one.description else {}
            for one in flat.components
        }
        self.parameters: dict[str, dict[str, Value]] = {}
        self.inputs: dict[Port, float] = {}

    def variable(self, port: tuple[str, str]) -> Variable | None:
        known = self.variables.get(port[0], {})
        return known.get(port[1]) or known.get(port[1].rpartition("[")[0])

    def system(self) -> System:
        for component in self.flat.components:
            self._begin(component)
        connections: list[Connection] = []
        for joint in self.flat.joints:
            if joint.source[0]:
                connections += self._connection(joint)
        courses = self._courses()
        self.findings.demand_none()
        parts = tuple(Part(one.name, self.parameters[one.name]) for one in self.flat.components)
        name = self.flat.structure.name
        return System(name, parts, tuple(connections), inputs=self.inputs, courses=courses)

    def _courses(self) -> tuple[Course, ...]:
        """Inputs that follow what is given from outside; reals go straight from row to row, everything else is held."""
        found: list[Course] = []
        used: set[str] = set()
        for joint in self.flat.joints:
            one = self.given.get(joint.source[1]) if not joint.source[0] else None
            target = self.variable(joint.target)
            if one is None or target is None:
                continue
            used.add(one.name)
            values = stepped(self._in_unit(one, joint, target), joint.way.steps)
            rows = tuple(one.time_s.tolist()), tuple(values.tolist())
            found.append(Course(Port(*joint.target), *rows, held=target.kind != "real"))
        for name in self.given:
            if name not in used:
                what = text("no connector '{name}' of the system goes to an input", name=name)
                self.findings.problem(what, "--input", self._meant(name))
        return tuple(found)

    def _meant(self, name: str) -> str | Phrase:
        """What to write for a name that is no connector of the system: the one that leads to a port within, or a close one."""
        leads = {".".join(joint.target): joint.source[1] for joint in self.flat.joints if not joint.source[0]}
        within = [one for one in leads if one == name or one.endswith(f".{name}")]
        if len(within) == 1:
            return text(
                "'{connector}' of the system leads to {port}: name that", connector=leads[within[0]], port=within[0]
            )
        return named(name, sorted(set(leads.values())), "covolt ssp check FILE")

    def _in_unit(self, one: Given, joint: Joint, target: Variable) -> np.ndarray:
        """What is given, in the unit of its connector; of one that states none, in that of the input that it goes to."""
        connector = self.flat.structure.system.connectors.get(joint.source[1])
        stated = None if connector is None or connector.type is None else connector.type.unit
        if stated is not None and target.unit is not None and target.unit.relative:
            stated = difference(stated)
        conversion = joins(one.unit, stated or (None if joint.way.steps else target.unit))
        if isinstance(conversion, Conversion):
            return np.asarray(conversion.of(one.values))
        hint = text("write the connector's unit in brackets behind its name, or one that converts")
        self.findings.problem(conversion, f"--input, {one.name}", hint)
        return one.values

    def _begin(self, component: FlatComponent) -> None:
        """Values that numbers of inputs begin with are the master's; everything else is the component's own to set."""
        into = self.parameters.setdefault(component.name, {})
        for name, value in component.parameters.items():
            variable = self.variables[component.name].get(name)
            if variable is None or variable.causality != "input" or not _crosses(variable):
                into[name] = value
                continue
            for indices, one in zip(elements_of(variable.shape), np.asarray(value).reshape(-1).tolist(), strict=True):
                self.inputs[Port(component.name, indexed(name, indices))] = float(one)

    def _connection(self, joint: Joint) -> list[Connection]:
        source, target = self.variable(joint.source), self.variable(joint.target)
        if source is None or target is None:
            return []
        if (
            target.causality != "input"
            or source.causality == "calculated parameter"
            or source.variability == "constant"
        ):
            self._once(joint, target)
            return []
        where = f"{'.'.join(joint.source)} to {'.'.join(joint.target)}"
        if not (_crosses(source) and _crosses(target)):
            what = text("values of kind {kind} do not cross at the steps of a run", kind=source.kind)
            self.findings.problem(what, where, text("set them as parameters, or join numbers"))
            return []
        if source.causality != "output":
            what = text(
                "'{variable}' is of causality '{causality}', and no output",
                variable=source.name,
                causality=source.causality,
            )
            self.findings.problem(what, where, text("export the model with this variable as an output"))
            return []
        ends = Port(*joint.source), Port(*joint.target)
        steps = joint.way.steps
        affine = steps[0] if len(steps) == 1 and isinstance(steps[0], Conversion) else None
        if not steps or affine is not None:
            affine = affine or Conversion()
            return [Connection(*ends, affine.factor, affine.offset, converts_units=False)]
        return [Connection(*ends, choices=choices_of(steps, source, joint), converts_units=False)]

    def _once(self, joint: Joint, target: Variable) -> None:
        """A value that is settled by the initialisation of its component sets another component before that begins."""
        source, name = joint.source
        given = self.begun(source, [name])[name]
        value = stepped(np.asarray(given, dtype=np.float64), joint.way.steps).item() if joint.way.steps else given
        if target.causality == "input" and _crosses(target):
            self.inputs[Port(*joint.target)] = float(cast("float", value))
            return
        into = self.parameters[joint.target[0]]
        if joint.target[1] == target.name:
            into[target.name] = value if target.kind != "integer" else int(cast("float", value))
            return
        before = into.get(target.name, target.start)
        array = np.array(before if isinstance(before, np.ndarray) else np.zeros(target.shape))
        steps = joint.target[1].rpartition("[")[2].removesuffix("]").split(",")
        array[tuple(int(one) - 1 for one in steps)] = value
        into[target.name] = array


def _crosses(variable: Variable) -> bool:
    """Whether its values cross at a step, as numbers that a float64 holds."""
    return variable.kind in _NUMBERS and not variable.wide


def stepped(values: np.ndarray, steps: Sequence[Step]) -> np.ndarray:
    """Values, any shape, after the steps of a way."""
    for step in steps:
        if isinstance(step, Conversion):
            values = step.of(values)
        else:
            flat = [step.get(one, one) for one in values.reshape(-1).tolist()]
            values = np.array(flat, dtype=np.float64).reshape(values.shape)
    return values


def choices_of(steps: Sequence[Step], source: Variable, joint: Joint) -> tuple[tuple[float, float], ...]:
    """A way through tables, value by value: for both truths, every item, or the whole numbers that the source can have.

    Of an integer without bounds those to ±1024 are listed and all that a table names; the master refuses others by name, and does
    not pass them on otherwise than the table says.
    """
    domain = {one for step in steps if not isinstance(step, Conversion) for one in step}
    if source.kind == "boolean":
        domain = {0.0, 1.0}
    elif source.kind == "enumeration" and joint.way.enumeration is not None and source.minimum is None:
        domain |= {float(one) for one in range(-_USUAL, _USUAL + 1)}
    else:
        low, high = source.minimum, source.maximum
        bounded = low is not None and high is not None and high - low <= _WIDEST
        numbers = range(int(low), int(high) + 1) if bounded and low is not None and high is not None else None
        domain |= {float(one) for one in numbers or range(-_USUAL, _USUAL + 1)}
    order = sorted(domain)
    turned = stepped(np.array(order), steps)
    return tuple(zip(order, turned.tolist(), strict=True))


def shown_of(flat: Flat, run: Run) -> tuple[tuple[Shown, ...], tuple[Problem, ...]]:
    """What the root system's connectors show over a run, and which cannot be shown."""
    at = {(port.part, port.variable): column for column, port in enumerate(run.ports)}
    shown: list[Shown] = []
    missing: list[Problem] = []
    for outlet in flat.outlets:
        if outlet.source in at:
            values = stepped(run.values[:, at[outlet.source]], outlet.way.steps)
            shown.append(Shown(outlet.name, outlet.unit, values))
        else:
            what = text(
                "'{name}' shows nothing that crosses at steps: {source}",
                name=outlet.name,
                source=".".join(outlet.source),
            )
            missing.append(Problem(what, outlet.name))
    return tuple(shown), tuple(missing)
