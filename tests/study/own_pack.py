"""A pack as its party would write it: a voltage over charge behind a resistance, in a class that runs in the sandbox alone."""

import numpy as np
from pack_numbers import EMPTY_V, FULL_V

from covolt.exchange.component import Capabilities, Description, Unit, Variable

WATT, VOLT, KELVIN, ONE = (
    Unit("W", (1, 2, -3, 0, 0, 0, 0, 0)),
    Unit("V", (1, 2, -3, -1, 0, 0, 0, 0)),
    Unit("K", (0, 0, 0, 0, 1, 0, 0, 0)),
    Unit("1"),
)
INPUTS = {"power": WATT, "ambient_temperature": KELVIN}
OUTPUTS = {
    "discharge_power_limit": WATT,
    "charge_power_limit": WATT,
    "voltage": VOLT,
    "temperature": KELVIN,
    "state_of_charge": ONE,
}
PARAMETERS = {"state_of_charge_start": ONE, "temperature_start": KELVIN, "ohm": Unit("Ohm", (1, 2, -3, -2, 0, 0, 0, 0))}


class Pack:
    """U = U_0(s) + R I, P = U I, s' = I / Q; limits that a city car never meets."""

    description = Description(
        "own pack",
        "Python",
        "",
        tuple(
            Variable(name, causality, unit=unit)
            for causality, group in (("input", INPUTS), ("output", OUTPUTS), ("parameter", PARAMETERS))
            for name, unit in group.items()
        ),
        Capabilities(),
    )

    def wire(self, inputs, outputs):
        self.inputs, self.outputs = list(inputs), list(outputs)

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        self.charge = parameters["state_of_charge_start"]
        self.ohm, self.temperature_K = parameters.get("ohm", 0.05), parameters["temperature_start"]
        self.volt = self.rest_V()
        return self.answer()

    def rest_V(self):
        return EMPTY_V + (FULL_V - EMPTY_V) * self.charge

    def answer(self):
        known = {
            "discharge_power_limit": 95e3,
            "charge_power_limit": 66e3,
            "voltage": self.volt,
            "temperature": self.temperature_K,
            "state_of_charge": self.charge,
        }
        return np.array([known[one] for one in self.outputs])

    def step(self, time_s, step_s, inputs):
        watt, rest_V = inputs[self.inputs.index("power")], self.rest_V()
        ampere = (-rest_V + (rest_V**2 + 4.0 * self.ohm * watt) ** 0.5) / (2.0 * self.ohm)
        self.volt = rest_V + self.ohm * ampere
        self.charge = min(1.0, max(0.0, self.charge + ampere * step_s / (30.5 * 3.6e6 / 360.0)))
        return self.answer()

    def window(self, start_s, steps_s, inputs):
        return np.array([self.step(0.0, dt, row) for dt, row in zip(steps_s, inputs, strict=True)])

    def set_values(self, values):
        raise NotImplementedError

    def get_values(self, names):
        raise NotImplementedError

    def close(self):
        pass
