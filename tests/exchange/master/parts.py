"""Parts with closed forms, as components: linear ones that are integrated exactly over a step with inputs held."""

import numpy as np
from scipy.linalg import expm

from covolt.errors import ComponentFailed, Problem
from covolt.exchange.component import Capabilities, Description, Unit, Variable

NM = Unit("N.m", (1, 2, -2, 0, 0, 0, 0, 0))
RAD_PER_S = Unit("rad/s", (0, 0, -1, 0, 0, 0, 0, 1))
VOLT = Unit("V", (1, 2, -3, -1, 0, 0, 0, 0))
AMPERE = Unit("A", (0, 0, 0, 1, 0, 0, 0, 0))
NEWTON = Unit("N", (1, 1, -2, 0, 0, 0, 0, 0))
METRE = Unit("m", (0, 1, 0, 0, 0, 0, 0, 0))
SPEED = Unit("m/s", (0, 1, -1, 0, 0, 0, 0, 0))
WATT = Unit("W", (1, 2, -3, 0, 0, 0, 0, 0))
KELVIN = Unit("K", (0, 0, 0, 0, 1, 0, 0, 0))


class Linear:
    """x' = A x + B u, y = C x + D u."""

    def __init__(self, name, a, b, c, d=None, *, inputs, outputs, begin=None, feedthrough="own", says=None):
        self.a, self.b, self.c = (np.atleast_2d(np.asarray(one, dtype=float)) for one in (a, b, c))
        self.d = np.zeros((len(self.c), self.b.shape[1])) if d is None else np.atleast_2d(np.asarray(d, dtype=float))
        self.begin = np.zeros(len(self.a)) if begin is None else np.asarray(begin, dtype=float)
        self.all_inputs, self.all_outputs = list(inputs), list(outputs)
        depends = {out: tuple(one for j, one in enumerate(inputs) if self.d[i, j]) for i, out in enumerate(outputs)}
        variables = [Variable(one, "input", unit=unit, start=0.0) for one, unit in inputs.items()]
        variables += [Variable(one, "output", unit=unit) for one, unit in outputs.items()]
        variables += [Variable("begin", "parameter", start=self.begin, shape=(len(self.begin),))]
        self.description = Description(
            name,
            "closed form",
            "0" * 64,
            tuple(variables),
            says or Capabilities(saves=True),
            depends if feedthrough == "own" else feedthrough,
        )
        self.kept, self.starts, self.asked, self.closed = {}, 0, [], False
        self._exact = {}

    def wire(self, inputs, outputs):
        self.columns = [self.all_inputs.index(one) for one in inputs]
        self.rows = [self.all_outputs.index(one) for one in outputs]

    def _of(self, given):
        u = np.zeros(len(self.all_inputs))
        u[self.columns] = given
        return u

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        self.starts += 1
        self.x = np.array(parameters.get("begin", self.begin), dtype=float).reshape(-1)
        return (self.c @ self.x + self.d @ self._of(inputs))[self.rows]

    def step(self, time_s, step_s, inputs):
        self.asked.append((time_s, step_s))
        u = self._of(inputs)
        if step_s not in self._exact:
            self._exact[step_s] = self._over(step_s)
        self.x = self._exact[step_s] @ np.concatenate([self.x, u])
        return (self.c @ self.x + self.d @ u)[self.rows]

    def _over(self, step_s):
        """[exp(A h), its integral times B]."""
        n, k = len(self.a), self.b.shape[1]
        if n == 1:
            rate = self.a[0, 0] * step_s
            mean = np.expm1(rate) / rate if rate else 1.0
            return np.concatenate([[[np.exp(rate)]], mean * step_s * self.b], axis=1)
        whole = np.zeros((n + k, n + k))
        whole[:n, :n], whole[:n, n:] = self.a, self.b
        return expm(whole * step_s)[:n]

    def window(self, start_s, steps_s, inputs):
        found, time_s = [], start_s
        for step_s, row in zip(steps_s, inputs, strict=True):
            found.append(self.step(time_s, step_s, row))
            time_s += step_s
        return np.array(found)

    def save(self):
        self.kept[len(self.kept)] = self.x.copy()
        return len(self.kept) - 1

    def restore(self, state):
        self.x = self.kept[state].copy()

    def forget(self, state):
        self.kept[state] = None

    def close(self):
        self.closed = True


class Gain:
    """y = factor * u + offset, at once."""

    def __init__(self, name, factor, offset=0.0, says=None):
        self.factor, self.offset = factor, offset
        self.description = Description(
            name,
            "closed form",
            "0" * 64,
            (Variable("u", "input", start=0.0), Variable("y", "output")),
            says or Capabilities(),
            {"y": ("u",)},
        )

    def wire(self, inputs, outputs):
        pass

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        return self.factor * inputs + self.offset

    def step(self, time_s, step_s, inputs):
        return self.factor * inputs + self.offset

    def close(self):
        pass


class Says:
    """Gives from a time on whatever it is told to give."""

    def __init__(self, name, given, from_s, usual=1.0):
        self.given, self.from_s, self.usual = given, from_s, usual
        self.description = Description(name, "closed form", "0" * 64, (Variable("y", "output"),), Capabilities(), {})

    def wire(self, inputs, outputs):
        pass

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        return np.array([self.usual])

    def step(self, time_s, step_s, inputs):
        if time_s + step_s < self.from_s - 1e-12:
            return np.array([self.usual])
        if isinstance(self.given, Exception):
            raise self.given
        return self.given

    def close(self):
        pass


MOTOR = {"inductance_H": 1e-3, "resistance_Ohm": 0.05, "constant_Nm_per_A": 0.1, "inertia_kg_m2": 2e-3, "drag": 1e-3}


def electric_half(voltage=12.0, **capabilities):
    """L i' = V - R i - k w, T = k i; takes the speed of its shaft, gives torque and current."""
    inductance, resistance, k = MOTOR["inductance_H"], MOTOR["resistance_Ohm"], MOTOR["constant_Nm_per_A"]
    return Linear(
        "electric half",
        [[-resistance / inductance]],
        [[1 / inductance, -k / inductance]],
        [[k], [1.0]],
        inputs={"voltage": VOLT, "speed": RAD_PER_S},
        outputs={"torque": NM, "current": AMPERE},
        **capabilities,
    )


def mechanical_half(**capabilities):
    """J w' = T - d w; takes the torque at its shaft, gives its speed."""
    inertia, drag = MOTOR["inertia_kg_m2"], MOTOR["drag"]
    return Linear(
        "mechanical half", [[-drag / inertia]], [[1 / inertia]], [[1.0]], inputs={"torque": NM}, outputs={"speed": RAD_PER_S},
        **capabilities,
    )  # fmt: skip


def motor_closed_form(times_s, voltage=12.0):
    """Current and speed of the whole motor from rest under a constant voltage."""
    inductance, resistance, k = MOTOR["inductance_H"], MOTOR["resistance_Ohm"], MOTOR["constant_Nm_per_A"]
    inertia, drag = MOTOR["inertia_kg_m2"], MOTOR["drag"]
    a = np.array([[-resistance / inductance, -k / inductance], [k / inertia, -drag / inertia]])
    steady = np.linalg.solve(-a, [voltage / inductance, 0.0])
    rates, shapes = np.linalg.eig(a)
    parts = np.linalg.solve(shapes, steady.astype(complex))
    return steady - (np.exp(np.outer(times_s, rates)) * parts @ shapes.T).real


def failure():
    return ComponentFailed(Problem("no answer", "", ""))
