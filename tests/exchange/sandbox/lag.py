"""A first-order lag as a component: T y' = u - y, solved exactly over a step; what the tests of the sandbox run."""

import math

import numpy as np

from covolt.exchange.component import Capabilities, Description, Variable


class Lag:
    def __init__(self, time_constant_s=2.0):
        self.time_constant_s = time_constant_s
        self.value = 0.0
        self.kept = {}
        self.inputs, self.outputs = ["u"], ["y"]

    @property
    def description(self):
        return Description(
            name="lag",
            form="a test's own",
            digest="0" * 64,
            variables=(
                Variable("u", "input", variability="continuous", start=0.0),
                Variable("y", "output", variability="continuous"),
                Variable("time_constant", "parameter", variability="fixed", start=self.time_constant_s, minimum=0.0),
                Variable("count", "local", "integer", start=2**63 + 1),
                Variable("label", "local", "string", start="a b"),
                Variable("table", "local", start=np.arange(6.0).reshape(2, 3), shape=(2, 3)),
            ),
            capabilities=Capabilities(saves=True, serialises=True),
            feedthrough={"y": ()},
        )

    def wire(self, inputs, outputs):
        self.inputs, self.outputs = list(inputs), list(outputs)

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        self.time_constant_s = parameters.get("time_constant", self.time_constant_s)
        self.value = 0.0
        return np.full(len(self.outputs), self.value)

    def step(self, time_s, step_s, inputs):
        u = inputs[0] if len(inputs) else 1.0
        self.value = u + (self.value - u) * math.exp(-step_s / self.time_constant_s)
        return np.full(len(self.outputs), self.value)

    def window(self, start_s, steps_s, inputs):
        time_s, rows = start_s, []
        for step_s, row in zip(steps_s, inputs, strict=True):
            rows.append(self.step(time_s, step_s, row))
            time_s += step_s
        return np.array(rows)

    def set_values(self, values):
        self.value = values["y"]

    def get_values(self, names):
        known = {"y": self.value, "count": 2**63 + 1, "label": "a b", "table": np.arange(6.0).reshape(2, 3)}
        known |= {"raw": b"\x00\x01", "whole": np.array([-1, 2**62]), "named": np.array(["a", "bc"], dtype=object)}
        return {name: known[name] for name in names}

    def save(self):
        self.kept[len(self.kept) + 1] = self.value
        return len(self.kept)

    def restore(self, state):
        self.value = self.kept[state]

    def forget(self, state):
        del self.kept[state]

    def serialise(self, state):
        return float(self.kept[state]).hex().encode()

    def deserialise(self, state):
        self.kept[len(self.kept) + 1] = float.fromhex(state.decode())
        return len(self.kept)

    def close(self):
        pass
