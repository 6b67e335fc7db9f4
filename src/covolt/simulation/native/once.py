"""One step of a traced drive at a time as machine code, for parts that must be asked before the next step begins.

It is the loop "chain" of a traced drive without its start, and the loop "signals", each run over one step: no equation is
written twice, and the states lie in rows as they do there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, final

import numpy as np

from covolt.simulation.kept import MOST_STRUCTURES, Memory
from covolt.simulation.native.batch import POLICIES
from covolt.simulation.native.emit import lane_count, object_code, target_machine
from covolt.simulation.native.loop import loaded, module_text
from covolt.simulation.native.trace import Plan, plan_of, traced_signals
from covolt.simulation.packed import Key

LOOPS = ("begin", "once", "signals")
EIGHT = 8
"""Bytes of a number."""


@final
class NativeStep:
    """Single steps of drives of one structure, over profiles of some columns."""

    def __init__(self, plan: Plan, columns: tuple[str, ...], lanes: int, code: bytes) -> None:
        self.names = plan.names
        self.columns, self.states, self.lanes = columns, plan.states, lanes
        self._module = loaded(code, target_machine(), LOOPS)
        self.begin, self.once, self.signals = (self._module.functions[name] for name in LOOPS)

    def under_way(
        self, vector_si: np.ndarray, tables: list[np.ndarray], setting_si: np.ndarray, profile: Mapping[str, np.ndarray]
    ) -> SteppedDrive:
        """A drive that stands at its start."""
        return SteppedDrive(self, vector_si, tables, setting_si, profile)


@final
class SteppedDrive:
    """A drive under way: rows of columns, states and signals, one place for each step."""

    def __init__(
        self,
        made: NativeStep,
        vector_si: np.ndarray,
        tables: list[np.ndarray],
        setting_si: np.ndarray,
        profile: Mapping[str, np.ndarray],
    ) -> None:
        steps = len(profile[made.columns[0]])
        self._made = made
        self._stride = (-(-steps // made.lanes) + 2) * made.lanes
        self._rooms = np.zeros((len(made.columns) + made.states + len(made.names), self._stride))
        for row, name in zip(self._rooms, made.columns, strict=False):
            row[:steps] = profile.get(name, 0.0)
            row[steps:] = row[steps - 1]
        self._tables = np.array([table.ctypes.data for table in tables] or [0], np.uint64)
        self._held = (vector_si, tables, setting_si, np.empty(64))
        self._place = {name: index for index, name in enumerate(made.columns)}
        self._signal = {name: index - len(made.names) for index, name in enumerate(made.names)}
        self._call(made.begin, 0)

    def give(self, step: int, values: Mapping[str, float]) -> None:
        """Write what foreign parts answer to a step into its columns."""
        for name, value in values.items():
            self._rooms[self._place[name], step] = value

    def advance(self, step: int) -> None:
        """The states after a step, from those before it and from its columns; again where these have changed."""
        self._call(self._made.once, step)

    def signals(self, step: int, names: tuple[str, ...]) -> list[float]:
        """Signals of a step that was advanced."""
        self._call(self._made.signals, step)
        return [float(self._rooms[self._signal[name], step]) for name in names]

    def _call(self, function: Callable[..., Any], step: int) -> None:
        vector, _, setting, results = self._held
        begin, row = self._rooms.ctypes.data + EIGHT * step, self._stride * EIGHT
        states = begin + len(self._place) * row
        signals = states + self._made.states * row
        given = [vector.ctypes.data, setting.ctypes.data, self._tables.ctypes.data, begin, states, 0, signals]
        function(1, self._stride, *given, results.ctypes.data)


_made: Memory[Key, NativeStep] = Memory(MOST_STRUCTURES)


def native_step(key: Key) -> NativeStep:
    """The machine code of single steps of a structure's drive.

    Raises:
        NotImplementedError: where the drive cannot be compiled here.
    """
    if key.policy not in POLICIES:
        raise NotImplementedError(f"policy {key.policy}")
    return _made.made(key, lambda: _compiled(key))


def _compiled(key: Key) -> NativeStep:
    lanes = lane_count("double")
    plan = plan_of(traced_signals(key), lanes)
    chain, signals = plan.loops[:2]
    begin = replace(chain, name="begin")
    once = replace(chain, name="once", first=())
    code = object_code(module_text([begin, once, signals]), target_machine(), key.structure.treedef)
    return NativeStep(plan, key.columns, lanes, code)
