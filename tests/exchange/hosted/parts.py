"""Small parts with closed forms, that can be made to fail, and a process that serves one: started as `python parts.py SETUP`."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.component import Capabilities, Description, Variable

SECRET = "grain boundary recipe 7731"


class Lag:
    """y' = (gain u - y) / T, exactly over a step; `fault` at a time does what a sick party would."""

    def __init__(self, name="lag", fault="", fault_at_s=math.inf, saves=True, folder=None):
        self.recipe, self.recipe_number = SECRET, 77.31773177317731
        self.fault, self.fault_at_s, self.folder = fault, fault_at_s, folder
        self.description = Description(
            name=name,
            form="lag",
            digest="00" * 32,
            variables=(
                Variable("gain", "parameter", start=1.0),
                Variable("input", "input", start=0.0),
                Variable("output", "output", minimum=-1e6, maximum=1e6),
                Variable("slope", "output"),
                Variable(SECRET, "local"),
            ),
            capabilities=Capabilities(saves=saves, serialises=saves),
        )
        self.known = {"output": 0.0, "slope": 0.0}
        self.kept = {}
        self.gain, self.wired = 1.0, (("input",), ("output",))

    def wire(self, inputs, outputs):
        wrong = [one for one in (*inputs, *outputs) if one not in {"input", "output", "slope"}]
        if wrong:
            raise InputError([Problem(f"{SECRET}: no {one}") for one in wrong])
        self.wired = (tuple(inputs), tuple(outputs))

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        if not 0.0 <= parameters.get("gain", 1.0) <= 10.0:
            raise InputError(Problem(f"{SECRET}: gain"))
        self.gain = parameters.get("gain", 1.0)
        self.known = {"output": 0.0, "slope": self.gain * inputs[0]}
        return self.outputs()

    def outputs(self):
        return np.array([self.known[one] for one in self.wired[1]])

    def step(self, time_s, step_s, inputs):
        self._fail(time_s)
        target = self.gain * float(inputs[0])
        after = target + (self.known["output"] - target) * math.exp(-step_s / 7.3)
        self.known = {"output": after, "slope": (target - after) / 7.3}
        if self.fault == "nan" and time_s >= self.fault_at_s and self._once():
            return np.full(len(self.wired[1]), math.nan)
        if self.fault == "wild" and time_s >= self.fault_at_s and self._once():
            return np.full(len(self.wired[1]), 2e6)
        if self.fault == "short" and time_s >= self.fault_at_s and self._once():
            return np.zeros(len(self.wired[1]) + 1)
        return self.outputs()

    def _once(self):
        """A party that comes back is healthy."""
        mark = Path(self.folder) / "failed"
        if mark.exists():
            return False
        mark.touch()
        return True

    def _fail(self, time_s):
        if time_s < self.fault_at_s or self.fault not in {"killed", "frozen", "slow", "raises"} or not self._once():
            return
        if self.fault == "killed":
            os.kill(os.getpid(), 9)
        if self.fault == "frozen":
            os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(0.1)  # the signal stops the other threads a moment later
        if self.fault == "slow":
            time.sleep(3.0)
        if self.fault == "raises":
            raise ArithmeticError(SECRET)

    def window(self, start_s, steps_s, inputs):
        times_s = start_s + np.concatenate(([0.0], np.cumsum(steps_s)[:-1]))
        return np.stack([self.step(t, dt, row) for t, dt, row in zip(times_s, steps_s, inputs, strict=True)])

    def set_values(self, values):
        self.gain = values.get("gain", self.gain)

    def get_values(self, names):
        return {one: {"gain": self.gain, **self.known}[one] for one in names}

    def save(self):
        self.kept[len(self.kept) + 1] = (dict(self.known), self.gain)
        return len(self.kept)

    def restore(self, state):
        if state not in self.kept:
            raise InputError(Problem("no such state"))
        known, self.gain = self.kept[state]
        self.known = dict(known)

    def forget(self, state):
        pass

    def serialise(self, state):
        return json.dumps([*self.kept[state], SECRET]).encode()

    def deserialise(self, state):
        known, gain, _ = json.loads(state)
        self.kept[len(self.kept) + 1] = (known, gain)
        return len(self.kept)

    def close(self):
        self.kept.clear()


def served(setup):
    if setup["kind"] == "battery":
        from covolt.exchange.own_battery import own_battery
        from covolt.simulation.precision import prepare_process
        from covolt.vehicle.battery import generic_pack

        prepare_process()
        return own_battery(generic_pack(setup["energy_J"]), setup.get("name", "battery"), "power")
    options = {one: setup[one] for one in ("name", "fault", "fault_at_s", "saves", "folder") if one in setup}
    return Lag(**options)


def main(setup):
    from covolt.exchange.hosted import Identity, Served, dial

    identity = Identity(*(Path(setup[one]).read_bytes() for one in ("key", "certificate", "authorities")))
    folder = Path(setup["folder"]) if setup.get("keeps", True) else None
    one = Served(served(setup), folder=folder, replayed=setup.get("replayed", False))
    while True:
        link = dial(setup["address"], identity, one)
        code, details = link.wait()
        sys.stdout.write(json.dumps([code, details]) + "\n")
        sys.stdout.flush()
        link.close()
        if code in {"UNAUTHENTICATED", "INVALID_ARGUMENT"} or setup.get("once"):
            return
        time.sleep(0.05)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
