"""An FMU as a component, of FMI 2.0 or 3.0, co-simulation or model exchange; it runs where it is made: in the worker."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, final

import numpy as np

from covolt.errors import ComponentFailed, InputError, NotFound, Problem, kind_of
from covolt.exchange.component import Description, Value
from covolt.exchange.fmu.calls import AbstractInstance
from covolt.exchange.fmu.clocks import Clocks
from covolt.exchange.fmu.documents import Form, ModelDescription
from covolt.exchange.fmu.instances import form_said, instance_of
from covolt.exchange.fmu.known import Known
from covolt.exchange.fmu.log import Line
from covolt.exchange.fmu.offering import offered, refused
from covolt.exchange.fmu.runs import AbstractRun, Continuous, Stepping
from covolt.exchange.fmu.values import get_value, set_value
from covolt.exchange.fmu.wiring import Gate, Port, Track, gates, ports
from covolt.exchange.master.offered import Call, Functions
from covolt.exchange.wasm import Bounds
from covolt.words import text

__all__ = ["FmuComponent", "TOLERANCE_ratio"]

TOLERANCE_ratio = 1e-6
"""Of a model exchange whose maker asks for no closer one."""
_ROUNDING_ratio = 1e-6
"""Of a step: what a sum of steps may lie behind the end of a run."""
_MOST_STATES = 10_000
_STATE_MARK = b"covolt fmu state 1"


@final
class FmuComponent:
    """A `Component` of an unpacked FMU.

    Args:
        folder: where it was unpacked.
        binary: its shared library, or its WebAssembly component.
        bounds: of a WebAssembly component, besides those of the worker.
        form: co-simulation or model exchange.
        tolerance_ratio: relative, of the solver; else that of its default experiment, `TOLERANCE_ratio` at the loosest.
        called: how messages name it; else as its model.
    """

    def __init__(
        self,
        model: ModelDescription,
        form: Form,
        binary: Path,
        folder: Path,
        *,
        tolerance_ratio: float | None = None,
        bounds: Bounds | None = None,
        called: str = "",
    ) -> None:
        self.model = model
        self._called = called or model.name
        self._stepping = form == "co-simulation"
        self._form: Form = form
        stated = model.experiment.tolerance_ratio
        self._asked_ratio = tolerance_ratio
        self._tolerance_ratio = tolerance_ratio or min(stated or TOLERANCE_ratio, TOLERANCE_ratio)
        self._form_said = form_said(model, form, binary)
        self._make = lambda: instance_of(model, form, binary, folder, bounds)
        self._instance: AbstractInstance = self._make()
        self._known = Known(model, called)
        self._wired: tuple[list[Port], list[Port]] = ([], [])
        self._gates: tuple[list[Gate], list[Gate]] = ([], [])
        self._run: AbstractRun | None = None
        self._states: dict[int, tuple[ctypes.c_void_p, dict[str, Any]]] = {}
        self._numbers = 0
        self._outputs = np.zeros(0)
        self._stop_s: float | None = None

    @property
    def description(self) -> Description:
        described = self.model.described(self._form)
        now = tuple(replace(one.variable, shape=self._known.shapes[one.reference]) for one in self.model.variables)
        return replace(described, form=self._form_said, variables=now)

    @property
    def log(self) -> tuple[Line, ...]:
        """What it said last."""
        return tuple(self._instance.log.lines)

    def wire(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        problems: list[Problem] = []
        kinds: set[type[InputError]] = set()
        found: list[list[Port]] = []
        for names, causality in ((inputs, "input"), (outputs, "output")):
            try:
                found.append(ports(names, self._known.by_name, causality, self._called))
            except InputError as error:
                problems += error.problems
                kinds.add(type(error))
        if problems:
            raise kind_of(kinds)(problems)
        self._wired = (found[0], found[1])

    def start(
        self, parameters: Mapping[str, Value], inputs: np.ndarray, start_s: float = 0.0, stop_s: float | None = None
    ) -> np.ndarray:
        given = self._known.settable(parameters)
        self._renew()
        instance = self._instance
        instance.time_s = start_s
        self._stop_s = stop_s
        self._configure(given)
        coming, going = (gates(instance, wired, self._known.shapes, self.model.name) for wired in self._wired)
        self._gates = (coming, going)
        self._put({name: value for name, value in given.items() if not self._known.is_structural(name)})
        tolerance_ratio = self._asked_ratio or self.model.experiment.tolerance_ratio
        instance.enter_initialisation(start_s, stop_s, tolerance_ratio)
        inputs = np.ascontiguousarray(inputs, dtype=np.float64)
        for gate in self._gates[0]:
            gate.fill()
            gate.give(inputs)
        instance.exit_initialisation()
        clocks = Clocks(self.model)
        self._run = (
            Stepping(instance, clocks) if self._stepping else Continuous(instance, clocks, self._tolerance_ratio)
        )
        self._run.begin(start_s)
        self._run.inputs = inputs.copy()
        self._outputs = np.zeros(len(self._wired[1]))
        return self._taken()

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        if self._run is None:
            raise self._not_started("step")
        self._run.demand_running()
        self._run.advance(time_s, self._within(time_s, step_s), inputs, self._gates[0])
        return self._taken()

    def _within(self, time_s: float, step_s: float) -> float:
        """A step that by rounding alone would end behind the end of the run, ends there; many FMUs refuse it else."""
        stop_s = self._stop_s
        beyond_s = 0.0 if stop_s is None else time_s + step_s - stop_s
        return step_s - beyond_s if stop_s is not None and 0.0 < beyond_s <= _ROUNDING_ratio * step_s else step_s

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        if self._run is None:
            raise self._not_started("window")
        run, advance, given = self._run, self._run.advance, self._gates[0]
        count = len(self._wired[0])
        made = np.empty((len(steps_s), len(self._wired[1])))
        time_s = start_s
        for row, (step_s, now) in enumerate(zip(steps_s.tolist(), inputs, strict=True)):
            if run.ended_s is not None:
                run.demand_running()
            within_s = self._within(time_s, step_s)
            path = Track.of(now, count, time_s, within_s)
            advance(time_s, within_s, now[:count], given, path)
            for gate in self._gates[1]:
                gate.take(made[row])
            time_s += step_s
        return made

    def _taken(self) -> np.ndarray:
        outputs = self._outputs.copy()
        for gate in self._gates[1]:
            gate.take(outputs)
        return outputs

    def functions(self) -> Functions | None:
        """Addresses for whoever steps it without Python in between; None where a step is more than set, step and get of reals."""
        plain = isinstance(self._run, Stepping) and self._run.plain_flag
        return offered(self._instance, *self._wired) if plain else None

    def refused(self, call: Call, status: int, time_s: float) -> ComponentFailed:
        """What it means that one of its functions gave this status at a time."""
        return refused(self._instance, call, status, time_s)

    def caught_up(self, time_s: float) -> None:
        """Its functions brought it to this time."""
        self._instance.time_s = time_s

    def set_values(self, values: Mapping[str, Value]) -> None:
        given = self._known.settable(values)
        if self._run is None:
            raise self._not_started("set_values")
        structural = [name for name in given if self._known.is_structural(name)]
        if structural:
            hint = text("give it to the start, which makes the arrays anew")
            raise InputError(
                [
                    Problem(text("a structural parameter is set at the start alone"), self._known.at(name), hint)
                    for name in structural
                ]
            )
        clocks = [
            self._known.by_name[name].reference
            for name, flat in given.items()
            if self._known.by_name[name].type == "Clock" and flat.any()
        ]
        plain = {name: flat for name, flat in given.items() if self._known.by_name[name].type != "Clock"}

        def change() -> None:
            self._put(plain)
            cast(AbstractRun, self._run).clocks.tick(self._instance, clocks, self._instance.time_s)

        self._run.clocks.ticked.clear()
        self._run.event(change)

    def get_values(self, names: Sequence[str]) -> dict[str, Value]:
        unknown = [name for name in names if name not in self._known.by_name]
        if unknown:
            raise NotFound([self._known.unknown(name) for name in unknown])
        found: dict[str, Value] = {}
        for name in names:
            variable = self._known.by_name[name]
            if variable.type == "Clock":
                found[name] = self._run is not None and variable.reference in self._run.clocks.ticked
            elif variable.variable.causality == "independent":
                found[name] = self._instance.time_s
            else:
                found[name] = get_value(self._instance, variable, self._known.shapes[variable.reference])
        return found

    def save(self) -> int:
        run = self._saving("save")
        if len(self._states) >= _MOST_STATES:
            what = text("{count} states are kept", count=_MOST_STATES)
            raise self._instance.failure("save", what, text("forget some of them"))
        kept = ctypes.c_void_p()
        self._instance.state("get", ctypes.byref(kept))
        # Whoever goes on from here and whoever comes back to here begin alike, to the bit.
        run.restart(self._instance.time_s)
        return self._keep(kept, self._beside(run))

    def _beside(self, run: AbstractRun) -> dict[str, Any]:
        """What belongs to a state and lies outside the FMU."""
        return {
            "time_s": self._instance.time_s,
            "inputs": run.inputs.tolist(),
            "next_event_s": run.next_event_s,
            "clocks": run.clocks.kept(),
            "digest": self.model.digest,
        }

    def _keep(self, state: ctypes.c_void_p, beside: dict[str, Any]) -> int:
        self._numbers += 1
        self._states[self._numbers] = (state, beside)
        return self._numbers

    def restore(self, state: int) -> None:
        run = self._saving("restore")
        kept, beside = self._kept(state)
        self._instance.state("set", kept)
        run.inputs = np.array(beside["inputs"], dtype=np.float64)
        run.next_event_s = beside["next_event_s"]
        run.clocks.back(beside["clocks"])
        run.restart(beside["time_s"])

    def forget(self, state: int) -> None:
        kept, _ = self._kept(state)
        del self._states[state]
        self._instance.state("free", ctypes.byref(kept))

    def serialise(self, state: int) -> bytes:
        self._saving("serialise", serialised=True)
        kept, beside = self._kept(state)
        size = ctypes.c_size_t(0)
        self._instance.state("size", kept, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(max(1, size.value))
        self._instance.state("serialise", kept, buffer, size.value)
        return _STATE_MARK + b"\n" + json.dumps(beside).encode() + b"\n" + buffer.raw[: size.value]

    def deserialise(self, state: bytes) -> int:
        self._saving("deserialise", serialised=True)
        try:
            mark, _, rest = state.partition(b"\n")
            head, _, body = rest.partition(b"\n")
            beside = cast("dict[str, Any]", json.loads(head if mark == _STATE_MARK else b""))
            whose = beside["digest"]
            Clocks(self.model).back(beside["clocks"])
            np.array(beside["inputs"], dtype=np.float64)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            what = text("these bytes are no state of an FMU")
            raise InputError(Problem(what, self.model.name, text("give what `serialise` gave"))) from error
        if whose != self.model.digest:
            what = text("this is a state of another FMU")
            raise InputError(Problem(what, self.model.name, text("give one of the same file")))
        kept = ctypes.c_void_p()
        self._instance.state("deserialise", bytes(body), len(body), ctypes.byref(kept))
        return self._keep(kept, beside)

    def close(self) -> None:
        self._end()
        self._instance.log.close()

    def _renew(self) -> None:
        """A fresh instance; of one that may be made once in a process, the same as it was at first."""
        instance = self._instance
        if instance.handle and instance.interface.once_per_process and not instance.dead_flag:
            self._forget_all()
            instance.reset()
            return
        self._end()
        self._instance = self._make() if instance.handle is None and instance.dead_flag else instance
        self._known.as_described()
        self._instance.instantiate(stepping=self._stepping)

    def _end(self) -> None:
        self._forget_all()
        self._instance.free()

    def _forget_all(self) -> None:
        if self._run is not None:
            self._run.close()
            self._run = None
        if not self._instance.dead_flag:
            for kept, _ in self._states.values():
                self._instance.state("free", ctypes.byref(kept))
        self._states.clear()

    def _configure(self, given: Mapping[str, np.ndarray]) -> None:
        """Set structural parameters, and with them the sizes of arrays."""
        structural = {name: flat for name, flat in given.items() if self._known.is_structural(name)}
        if not structural:
            return
        self._instance.configure(begin=True)
        for name, flat in structural.items():
            set_value(self._instance, self._known.by_name[name], flat)
        self._instance.configure(begin=False)
        self._known.resize({name: int(flat[0]) for name, flat in structural.items()})

    def _put(self, given: Mapping[str, np.ndarray]) -> None:
        for name, flat in given.items():
            set_value(self._instance, self._known.by_name[name], flat)

    def _kept(self, state: int) -> tuple[ctypes.c_void_p, dict[str, Any]]:
        found = self._states.get(state)
        if found is None:
            what = text("no state {number} is kept", number=str(state))
            raise InputError(Problem(what, self.model.name, text("restore one that `save` gave and nobody forgot")))
        return found

    def _saving(self, call: str, *, serialised: bool = False) -> AbstractRun:
        interface = self.model.interfaces[self._form]
        if not (interface.serialises if serialised else interface.saves):
            raise self._instance.failure(
                call, text("it cannot do this"), text("ask its capabilities: covolt fmu inspect FILE")
            )
        if self._run is None:
            raise self._not_started(call)
        return self._run

    def _not_started(self, call: str) -> Exception:
        return self._instance.failure(call, text("it was not started"), text("start it first"))
