"""Structures of the generic set, fitted on the EPA's list and compared by leaving whole families out.

The energy of a car is linear in the losses of its drive (`linear_within`), so one batch for each number makes a design matrix
and every fit after that is linear algebra. Fits weigh families alike, are robust (Huber) and non-negative.

    python benchmarks/epa_fit.py FOLDER         prints the structures, the one chosen, its numbers and how surely they are known
    python benchmarks/epa_fit.py FOLDER FILE    writes how each family was met by the others: src/covolt/library/left_out.csv
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from epa_list import CYCLES, Tested, epa_list, plug_Wh_per_km
from scipy.optimize import nnls

from covolt.library.build import motors_of
from covolt.library.generic import GENERIC, UNCERTAIN, DriveOfCar, correlation, drive_losses

HUBER = 0.06
"""Relative residual from which a test weighs less: three times the scatter of repeated tests of one car."""
STEPS = {
    "base_loss_W": 200.0,
    "torque_loss_W_per_Nm": 2.0,
    "silicon_torque_loss_W_per_Nm": 2.0,
    "spin_loss_W_s": 0.4,
    "mesh_efficiency": -0.01,
    "drive_loss_ratio": 0.1,
    "charger_efficiency": -0.01,
}
"""Numbers of the set whose slopes make the design matrix, and the step of each."""


@dataclass(frozen=True)
class Structure:
    """Which terms the losses have; `exponent` is that of the machines' power, and one or all induction machines turn."""

    terms: tuple[str, ...]
    exponent: float = 0.5
    one_induction: bool = True

    @property
    def name(self) -> str:
        """As it stands in the documentation."""
        rule = "" if self.one_induction else ", every induction axle turns"
        return f"{' + '.join(self.terms)}, a = {self.exponent:g}{rule}"


_KINDS = ("base", "magnets", "excited", "induction", "induction spin")
"""Forced by physics: with one induction family left out, the other alone would not show a choice what such machines lose."""
FORMS: tuple[tuple[str, ...], ...] = (
    ("base",),
    ("base", "mass"),
    ("base", "mass to the sixth"),
    ("base", "any machine"),
    _KINDS,
    (*_KINDS, "torque"),
    (*_KINDS, "silicon torque"),
    (*_KINDS, "silicon torque", "spin"),
    (*_KINDS, "silicon torque", "spin", "traffic"),
    (*_KINDS, "silicon torque", "spin", "mass"),
)
STRUCTURES = tuple(
    Structure(terms, one_induction=one) for terms in FORMS for one in ((True, False) if "magnets" in terms else (True,))
)
"""What the nested choice chooses from; the exponent of power is fixed by physics, between stack length (1) and none (0)."""
MORE = tuple(
    Structure(terms, exponent)
    for terms in (
        (*_KINDS, "silicon torque", "spin"),
        (*_KINDS, "silicon traffic"),
        (*_KINDS, "silicon traffic", "spin"),
    )
    for exponent in (0.0, 0.3, 0.5, 0.7, 1.0)
)
"""Printed beside them and not chosen from: other exponents, and silicon as a share of traffic, which the measured map of the
VW ID.3's drive unit contradicts (its efficiency reaches 0.966)."""
CHOSEN = Structure((*_KINDS, "silicon torque", "spin"))
"""The structure of the shipped set."""
NUMBERS = {
    "base": "base_loss_W",
    "magnets": "permanent_magnet_loss_W",
    "excited": "externally_excited_loss_W",
    "induction": "induction_loss_W",
    "silicon torque": "silicon_torque_loss_W_per_Nm",
    "spin": "spin_loss_W_s",
    "induction spin": "induction_spin_loss_W_s",
}
"""Numbers of the generic set by the terms of its structure."""


@dataclass(frozen=True)
class Tests:
    """All tests of a list, each a row: its car, cycle and measured energy, and the slopes of the computed one."""

    cars: tuple[Tested, ...]
    car_index: np.ndarray
    cycle_index: np.ndarray
    measured_Wh_per_km: np.ndarray
    computed_Wh_per_km: np.ndarray
    slopes: dict[str, np.ndarray]

    @cached_property
    def family(self) -> np.ndarray:
        """Family of each test."""
        return np.array([self.cars[i].family for i in self.car_index], dtype=object)

    @cached_property
    def in_series(self) -> np.ndarray:
        """Whether each test is of a family built in series."""
        return np.array([self.cars[i].in_series for i in self.car_index])

    @cached_property
    def drives(self) -> list[tuple[DriveOfCar, ...]]:
        """Machines and inverters of each car."""
        return [motors_of(tested.figures) for tested in self.cars]

    def by_car(self, of: Callable[[int], float]) -> np.ndarray:
        """A number of each car, for each of its tests."""
        return np.array([of(i) for i in range(len(self.cars))])[self.car_index]

    def turning(self, kind: str, exponent: float, *, one_induction: bool) -> np.ndarray:
        """Sum over the machines of a kind that turn of (P / 150 kW)^a."""

        def of(i: int) -> float:
            drives = self.drives[i]
            sizes = [(one.power_W / GENERIC.reference_power_W) ** exponent for one in drives if one.motor_kind == kind]
            if kind == "induction":
                if len({one.motor_kind for one in drives}) > 1:
                    return 0.0
                return max(sizes, default=0.0) if one_induction else sum(sizes)
            return sum(sizes)

        return self.by_car(of)

    def term(self, name: str, structure: Structure) -> np.ndarray:
        """Energy over measured energy for one unit of a term."""
        a, one = structure.exponent, structure.one_induction
        watt, spin = self.slopes["base_loss_W"], self.slopes["spin_loss_W_s"]
        traffic = -self.slopes["mesh_efficiency"]
        mass_ratio = self.by_car(lambda i: self.cars[i].figures.test_mass / 2000.0)
        kinds = {"magnets": "permanent-magnet", "excited": "externally-excited", "induction": "induction"}
        if name in kinds:
            found = watt * self.turning(kinds[name], a, one_induction=one)
        else:
            found = {
                "base": lambda: watt,
                "mass": lambda: watt * mass_ratio,
                "mass to the sixth": lambda: watt * np.minimum(mass_ratio, 1.25) ** 6,
                "any machine": lambda: watt * sum(self.turning(kind, a, one_induction=one) for kind in kinds.values()),
                "torque": lambda: self.slopes["torque_loss_W_per_Nm"],
                "silicon torque": lambda: self.slopes["silicon_torque_loss_W_per_Nm"],
                "silicon traffic": lambda: traffic * self.silicon,
                "spin": lambda: spin,
                "induction spin": lambda: spin * self.turning("induction", a, one_induction=one),
                "traffic": lambda: traffic,
            }[name]()
        return found / self.measured_Wh_per_km

    @cached_property
    def silicon(self) -> np.ndarray:
        """Part of the power that inverters of silicon switch."""
        share = {"silicon": 1.0, "silicon-carbide": 0.0, None: GENERIC.silicon_fraction}

        def of(i: int) -> float:
            drives = self.drives[i]
            return sum(share[one.inverter_kind] * one.power_W for one in drives) / sum(one.power_W for one in drives)

        return self.by_car(of)

    @cached_property
    def bare(self) -> np.ndarray:
        """Energy over measured energy without any loss that is fitted."""
        lost = self.slopes["silicon_torque_loss_W_per_Nm"] * GENERIC.silicon_torque_loss_W_per_Nm
        constant_W = self.by_car(lambda i: sum(one.constant_W for one in drive_losses(self.drives[i])))
        spin_W_s = self.by_car(lambda i: sum(one.speed_W_s for one in drive_losses(self.drives[i])))
        lost = lost + self.slopes["base_loss_W"] * constant_W + self.slopes["spin_loss_W_s"] * spin_W_s
        return (self.computed_Wh_per_km - lost) / self.measured_Wh_per_km

    def design(self, structure: Structure) -> np.ndarray:
        """One column for each term."""
        return np.stack([self.term(name, structure) for name in structure.terms], axis=1)

    def weights(self, chosen: np.ndarray) -> np.ndarray:
        """Such that every family weighs alike in each cycle."""
        out = np.zeros(len(self.measured_Wh_per_km))
        for name in set(self.family[chosen]):
            for cycle in range(len(CYCLES)):
                rows = chosen & (self.family == name) & (self.cycle_index == cycle)
                out[rows] = 1.0 / max(int(rows.sum()), 1)
        return out


def tests_of(cars: Sequence[Tested]) -> Tests:
    """The tests of these cars with the slopes of their energies in the numbers of the shipped set."""
    rows = [
        (i, cycle, value)
        for i, tested in enumerate(cars)
        for cycle, name in enumerate(CYCLES)
        for value in tested.measured.get(name, ())
    ]
    car_index, cycle_index = (np.array([row[k] for row in rows], dtype=int) for k in (0, 1))
    table = plug_Wh_per_km(cars)
    slopes = {
        name: (plug_Wh_per_km(cars, replace(GENERIC, **{name: getattr(GENERIC, name) + step})) - table) / step
        for name, step in STEPS.items()
    }
    return Tests(
        tuple(cars),
        car_index,
        cycle_index,
        np.array([row[2] for row in rows]),
        table[car_index, cycle_index],
        {name: slope[car_index, cycle_index] for name, slope in slopes.items()},
    )


def fit(design: np.ndarray, wanted: np.ndarray, weight: np.ndarray, rounds: int = 12) -> np.ndarray:
    """Non-negative coefficients that bring design times them nearest to `wanted`, by weighted Huber loss."""
    used = weight.copy()
    solution = np.zeros(design.shape[1])
    for _ in range(rounds):
        root = np.sqrt(used)
        solution, _ = nnls(design * root[:, None], wanted * root)
        residual = np.abs(design @ solution - wanted)
        now = weight * np.minimum(1.0, HUBER / np.maximum(residual, 1e-9))
        if np.max(np.abs(now - used)) < 1e-3 * np.max(weight):
            break
        used = now
    return solution


def error_without(
    tests: Tests, design: np.ndarray, bare: np.ndarray, scope: np.ndarray, out: Sequence[str]
) -> np.ndarray:
    """Relative error of every test by a set fitted on the scope without some families."""
    rows = scope & ~np.isin(tests.family, out)
    weight = tests.weights(rows)
    return design @ fit(design[rows], 1.0 - bare[rows], weight[rows]) + bare - 1.0


def score(tests: Tests, error: np.ndarray) -> float:
    """What a structure is chosen by on inner folds: mean absolute error, families and both cycles alike, in %."""
    known = np.isfinite(error)
    weight = tests.weights(known)
    return 100.0 * float(np.sum(weight[known] * np.abs(error[known])) / np.sum(weight))


def left_out(tests: Tests, structure: Structure, scope: np.ndarray) -> np.ndarray:
    """Relative error of every test of the scope by a set fitted without its family."""
    design = tests.design(structure)
    out = np.full(len(scope), np.nan)
    for name in sorted(set(tests.family[scope])):
        own = tests.family == name
        out[own] = error_without(tests, design, tests.bare, scope, [name])[own]
    return out


@dataclass(frozen=True)
class Nested:
    """Outer errors of a nested choice, what was chosen for each family, and the inner errors of that choice."""

    error: np.ndarray
    chosen: dict[str, Structure]
    inner: dict[str, np.ndarray]
    """For each family, errors of all others, each left out of a fit together with it."""


def nested(tests: Tests, scope: np.ndarray, structures: Sequence[Structure] = STRUCTURES) -> Nested:
    """Each family by the structure that is best on the others, chosen and fitted without it.

    The inner folds leave two families out; each pair serves both of its families.
    """
    names = sorted(set(tests.family[scope]))
    inner = {(structure, name): np.full(len(scope), np.nan) for structure in structures for name in names}
    outer = {structure: left_out(tests, structure, scope) for structure in structures}
    rows = {name: tests.family == name for name in names}
    for structure in structures:
        design = tests.design(structure)
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                error = error_without(tests, design, tests.bare, scope, [first, second])
                inner[structure, first][rows[second]] = error[rows[second]]
                inner[structure, second][rows[first]] = error[rows[first]]
    chosen = {name: min(structures, key=lambda one: score(tests, inner[one, name])) for name in names}
    error = np.full(len(scope), np.nan)
    for name in names:
        error[rows[name]] = outer[chosen[name]][rows[name]]
    return Nested(error, chosen, {name: inner[chosen[name], name] for name in names})


def three_numbers(tests: Tests, scope: np.ndarray) -> np.ndarray:
    """Relative error of every test of the scope by three plain numbers fitted without its family.

    E = (E_pos / eta - r E_neg + P t / d) / 0.89, with the wheel's energies forwards and back, 1.5 % of rotating mass included.
    """
    wheel = np.array([wheel_Wh_per_km(tested) for tested in tests.cars])[tests.car_index, tests.cycle_index]
    hours_per_km = np.array([_h_per_km(name) for name in CYCLES])[tests.cycle_index]
    columns = np.stack([wheel[:, 0], -wheel[:, 1], hours_per_km], axis=1) / 0.89 / tests.measured_Wh_per_km[:, None]
    columns[:, 1] *= -1.0
    # What is recuperated counts down from all of it, so that every coefficient is positive: E_neg - (1 - r) E_neg.
    full = -wheel[:, 1] / 0.89 / tests.measured_Wh_per_km
    out = np.full(len(scope), np.nan)
    for name in sorted(set(tests.family[scope])):
        own = tests.family == name
        out[own] = error_without(tests, columns, full, scope, [name])[own]
    return out


def _speed(name: str) -> np.ndarray:
    from covolt.simulation import cycles

    return np.asarray(cycles.standard(name.lower()).speed_m_per_s, dtype=float)


def _h_per_km(name: str) -> float:
    speed = _speed(name)
    return (len(speed) - 1) / 3.6 / float(np.sum(0.5 * (speed[1:] + speed[:-1])))


def wheel_Wh_per_km(tested: Tested) -> list[tuple[float, float]]:
    """Energy at the wheels forwards and back over each cycle, from the coast-down and 1.015 times the mass."""
    load = tested.figures.coast_down
    if load is None:
        raise ValueError(tested.family)
    out: list[tuple[float, float]] = []
    for name in CYCLES:
        speed = _speed(name)
        mean, a = 0.5 * (speed[1:] + speed[:-1]), np.diff(speed)
        force = load.constant + load.linear * mean + load.quadratic * mean**2 + 1.015 * tested.figures.test_mass * a
        power = np.where(mean > 0.0, force, 0.0) * mean
        km = float(np.sum(mean)) / 1000.0
        out.append((float(np.sum(power[power > 0.0])) / 3600.0 / km, -float(np.sum(power[power < 0.0])) / 3600.0 / km))
    return out


NORMAL_90 = 1.645
"""Standard uncertainties that 90 % of a normal error lie within."""


def moves(tests: Tests, uncertainty: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Relative energy by which each number, moved by its standard uncertainty, moves each test; and their correlations."""
    watt, spin = tests.slopes["base_loss_W"], tests.slopes["spin_loss_W_s"]
    kinds = {
        "permanent_magnet_loss_W": "permanent-magnet",
        "externally_excited_loss_W": "externally-excited",
        "induction_loss_W": "induction",
    }
    slopes = dict(tests.slopes) | {
        name: watt * tests.turning(kind, GENERIC.power_exponent, one_induction=True) for name, kind in kinds.items()
    }
    slopes["induction_spin_loss_W_s"] = spin * tests.turning("induction", GENERIC.power_exponent, one_induction=True)
    names = [name for name in slopes if name in uncertainty]
    moved = np.stack([slopes[name] * uncertainty[name] for name in names]) / tests.measured_Wh_per_km
    return moved, np.array([[correlation(one, other) for other in names] for one in names])


def deviation(tests: Tests, uncertainty: Mapping[str, float]) -> np.ndarray:
    """Relative standard uncertainty of each test's energy by those of the set's numbers, with their correlations."""
    moved, matrix = moves(tests, uncertainty)
    return np.sqrt(np.einsum("it,ij,jt->t", moved, matrix, moved))


SHIPPED = {number.name: number.standard_uncertainty for number in UNCERTAIN}


FEW_FAMILIES_RATIO = 1.25
"""Families are few and unlike in number of tests: what covers 90 % of some thirty covers less of the next, so a quarter more."""


def drive_scatter(tests: Tests, error: np.ndarray) -> dict[str, float]:
    """Standard uncertainties of the drive's losses and of its drag, a quarter above those that hold 90 % of the errors.

    The scale of all losses is found over UDDS and the drag over HWFET, in turn; errors are counted by tests and with families
    alike, half each. The drag's uncertainty ends at its value, since a drag is not negative.
    """
    found = dict(SHIPPED)
    for _ in range(3):
        for cycle, name, most in ((0, "drive_loss_ratio", 2.0), (1, "spin_loss_W_s", GENERIC.spin_loss_W_s)):
            known = np.isfinite(error) & (tests.cycle_index == cycle)
            alike = tests.weights(known)
            weight = alike / np.sum(alike) + known / np.sum(known)
            low, high = 0.0, most
            for _ in range(20):
                middle = 0.5 * (low + high)
                inside = known & (np.abs(error) <= NORMAL_90 * deviation(tests, found | {name: middle}))
                low, high = (low, middle) if float(np.sum(weight[inside])) >= 1.8 else (middle, high)
            found[name] = high
    drag_W_s = min(FEW_FAMILIES_RATIO * found["spin_loss_W_s"], GENERIC.spin_loss_W_s)
    return {"drive_loss_ratio": FEW_FAMILIES_RATIO * found["drive_loss_ratio"], "spin_loss_W_s": drag_W_s}


def told(tests: Tests, error: np.ndarray) -> str:
    """Mean, 90 % and by families of the absolute errors over both cycles, in %."""
    parts: list[str] = []
    for cycle in range(len(CYCLES)):
        rows = np.isfinite(error) & (tests.cycle_index == cycle)
        size = 100.0 * np.abs(error[rows])
        families = [float(np.mean(size[tests.family[rows] == name])) for name in set(tests.family[rows])]
        parts.append(f"{np.mean(size):5.2f} {np.percentile(size, 90):5.1f} {np.mean(families):5.2f}")
    return " | ".join(parts)


def write_left_out(tests: Tests, path: Path) -> None:
    """The file that ships with the set: how each family was met by the others, and within what interval."""
    error = left_out(tests, CHOSEN, tests.in_series)
    half = NORMAL_90 * deviation(tests, SHIPPED)
    lines = ["family,cycle,tests,error_percent,mean_absolute_error_percent,halfwidth_90_percent,inside_fraction"]
    for name in sorted(set(tests.family[tests.in_series])):
        for cycle, title in enumerate(CYCLES):
            rows = (tests.family == name) & (tests.cycle_index == cycle)
            if rows.any():
                size = np.abs(error[rows])
                values = (np.mean(error[rows]), np.mean(size), np.mean(half[rows]))
                numbers = ",".join(f"{100.0 * value:.2f}" for value in values)
                lines.append(f"{name},{title},{rows.sum()},{numbers},{np.mean(size <= half[rows]):.3f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(folder: Path) -> None:
    """Print what a person needs to choose and to write the set."""
    tests = tests_of(epa_list(folder).cars)
    for scope_name, scope in (("series", tests.in_series), ("all", np.ones(len(tests.car_index), dtype=bool))):
        print(scope_name, "UDDS | HWFET: mean, 90 %, families alike", file=sys.stdout)
        print("three numbers".ljust(100), told(tests, three_numbers(tests, scope)))
        for structure in (*STRUCTURES, *MORE):
            print(structure.name.ljust(100), told(tests, left_out(tests, structure, scope)))
        found = nested(tests, scope)
        print("NESTED".ljust(100), told(tests, found.error))
        for structure in STRUCTURES:
            count = sum(one == structure for one in found.chosen.values())
            if count:
                print("  chosen", count, structure.name)
    scope, design = tests.in_series, tests.design(CHOSEN)
    names = sorted(set(tests.family[scope]))
    whole = fit(design[scope], 1.0 - tests.bare[scope], tests.weights(scope)[scope])
    folds = np.array(
        [
            fit(design[rows], 1.0 - tests.bare[rows], tests.weights(rows)[rows])
            for rows in (scope & (tests.family != name) for name in names)
        ]
    )
    jackknife = np.cov(folds.T, bias=True) * (len(names) - 1)
    for i, term in enumerate(CHOSEN.terms):
        print(f"{term:16s} {whole[i]:9.3f} +- {jackknife[i, i] ** 0.5:.3f}")
    print("standard uncertainties", drive_scatter(tests, left_out(tests, CHOSEN, scope)))
    root = np.sqrt(np.diag(jackknife))
    print(np.round(jackknife / np.outer(root, root), 2))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        write_left_out(tests_of(epa_list(Path(sys.argv[1])).cars), Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]))
