"""Search on the city car, each kind against the plain one by how many designs it judges; writes build/bench-search.json.

pareto     range, price of the parts and 0 to 100 km/h over eight variables: hypervolume against a Sobol sample of five times the
           designs, both over the same reference point (the worst of all that either has looked at)
gradient   price of the parts over ten variables under six requirements: designs that differential evolution judges until it is
           within 0.1 % of the price that sizing by gradients ends at, against those of sizing, and how far its end is beside that
`--quick` is a tenth of it. Goals: a larger hypervolume; at least 50 times fewer designs, and prices that differ by at most 0.1 %.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from covolt.programme.reading import read_programme
from covolt.simulation.precision import prepare_process
from covolt.study.conflicts.relaxation import undominated
from covolt.study.designs.evaluation import Evaluation
from covolt.study.designs.sampling import sample
from covolt.study.designs.space import DesignSpace
from covolt.study.search import SearchProblem, pareto, sized
from covolt.study.search.judged import Judged
from covolt.study.search.objectives import aims_of

ROOT = Path(__file__).resolve().parent.parent

QUICK = "--quick" in sys.argv
EIGHT = {
    "ROLLING": ("integrator", "tyre", "rolling_resistance_coefficient", "0.007", "0.0095", '"-9000000 RUB"'),
    "LOSSES": ("drive-works", "drive_unit", "loss_ratio", "0.85", "1.1", '"-2000 BYN"'),
    "MESH": ("drive-works", "gearbox", "efficiency", "0.975", "0.99", '"12000 BYN"'),
}
"""Further variables beside those that ship: party, slot, number, ends, and what it costs more by 1. All made up."""
TEN = EIGHT | {
    "LOADS": ("institute", "auxiliary", "power_driving", '"200 W"', '"300 W"', '"-2 BYN/W"'),
    "AREA": ("integrator", "body", "frontal_area", '"2.05 m2"', '"2.25 m2"', '"-100000 RUB/m2"'),
}
AIMS = ("I-RANGE", "I-PARTS", "iso-8715.time_0_100:min")
MEET = ("I-ACCELERATION", "I-OVERTAKING", "I-START", "I-MASS", "D-TORQUE", "A-R85")
POPULATION, GENERATIONS, TIMES = 36, 3 if QUICK else 20, 5
SEED = 1


def asked(folder: Path, variables: dict[str, tuple[str, ...]], aims: Sequence[str], meet: Sequence[str]) -> Judged:
    """A copy of the city car in which more moves, all of it freely, and what is asked of its designs."""
    root = Path(shutil.copytree(ROOT / "examples" / "city-car", folder / "city-car"))
    for path in root.glob("*/designs/*.toml"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(one for one in lines if not one.startswith("step =")), encoding="utf-8")
    for name, (party, slot, number, low, high, price) in variables.items():
        text = f'schema = "design-space/1"\nid = "{name}"\nparty = "{party}"\nslot = "{slot}"\ntitle = "{name}"\n'
        text += f'number = "{number}"\nlowest = {low}\nhighest = {high}\n[[coupled]]\nnumber = "price"\nper = {price}\n'
        (root / party / "designs").mkdir(exist_ok=True)
        (root / party / "designs" / f"{name}.toml").write_text(text, encoding="utf-8")
    programme = read_programme(root)
    found = aims_of(programme, aims, "objective")
    evaluation = Evaluation(programme, DesignSpace.of(programme), only={*(one.asked for one in found), *meet})
    output = folder / "study"
    output.mkdir()
    return Judged(programme, evaluation, found, meet, output, lambda count: print(f"\r{count} designs", end=""))


def pareto_row(folder: Path) -> dict[str, Any]:
    """Hypervolume of a search over that of a Sobol sample of five times its designs."""
    from moocore import hypervolume  # pyright: ignore[reportMissingTypeStubs]

    judged = asked(folder, EIGHT, AIMS, ())
    problem = judged.problem()
    front = pareto(problem, population=POPULATION, generations=GENERATIONS, seed=SEED)
    ours = problem.least(front.of_all)
    values = sample(judged.space, "sobol", count=TIMES * front.evaluations, seed=SEED)[1:]
    theirs = np.concatenate([problem.least(problem.evaluate(part)) for part in np.array_split(values, 20)])
    ours, theirs = (one[np.isfinite(one).all(axis=1)] for one in (ours, theirs))
    every = np.concatenate([ours, theirs])
    least, worst = every.min(axis=0), every.max(axis=0)
    volumes = [hypervolume((one - least) / (worst - least), ref=np.ones(3)) for one in (ours, theirs)]
    sizes = [len(undominated(one)) for one in (ours, theirs)]
    print(f"\nhypervolume {volumes[0]:.4f} ({sizes[0]} on the front) against {volumes[1]:.4f} ({sizes[1]})")
    return row("pareto_vs_sobol_of_5_times", volumes[0] / volumes[1], 1.0, "times", front.evaluations)


def evolved(problem: SearchProblem, near: float) -> tuple[float, int, int]:
    """The least objective that differential evolution ends at, how many designs it judges, and how many to one that is near."""
    from scipy.optimize import differential_evolution

    counted = reached = 0

    def cost(rows: np.ndarray) -> np.ndarray:
        nonlocal counted, reached
        counted += rows.shape[1]
        found = problem.evaluate(rows.T)
        missed = np.clip(-found.margins / np.array(problem.scales), 0.0, None).max(axis=1)
        costs = problem.least(found)[:, 0] * (1.0 + 10.0 * missed)
        if not reached and costs.min() <= near:
            reached = counted
        return costs

    ended = differential_evolution(
        cost,
        [(one.lowest, one.highest) for one in problem.moving],
        popsize=10,
        maxiter=3 if QUICK else 250,
        tol=1e-4,
        rng=SEED,
        polish=False,
        updating="deferred",
        vectorized=True,
    )
    return float(ended.fun), counted, reached or counted


def gradient_rows(folder: Path) -> list[dict[str, Any]]:
    """Designs of differential evolution over those of gradients, and how far their optima are apart."""
    judged = asked(folder, TEN, ("I-PARTS",), MEET)
    problem = judged.problem()
    ours = sized(problem, judged.space.at_locked)
    print(f"\ngradients: {ours.found.objectives[0, 0]:.3f} kRUB, kept {ours.kept}, {ours.evaluations} designs")
    for name, margin in zip(problem.demands, ours.found.margins[0], strict=True):
        print(f"  margin of {name}: {margin:.3g}")
    best, counted, reached = evolved(problem, 1.001 * float(ours.found.objectives[0, 0]))
    print(f"\nevolution: {best:.3f} kRUB, {counted} designs, {reached} until within 0.1 % of gradients or to its end")
    worse = ours.found.objectives[0, 0] / best - 1.0 if ours.kept else np.inf
    return [
        row("evolution_designs_per_gradient_design", reached / ours.evaluations, 50.0, "times", counted),
        row("gradient_optimum_above_evolution", 100.0 * worse, 0.1, "%", counted, better="lower"),
    ]


def row(name: str, measured: float, goal: float, unit: str, cases: int, *, better: str = "higher") -> dict[str, Any]:
    """One figure as the other benchmarks write it."""
    return {
        "name": name,
        "measured": measured,
        "goal": goal,
        "unit": unit,
        "better": better,
        "peer": "the same vehicles, sampled or evolved",
        "cases": cases,
        "command": "make bench",
    }


def main() -> int:
    """Run both; the exit code says whether they could be run, not whether goals are reached."""
    prepare_process()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        if "--gradient" not in sys.argv:
            rows.append(pareto_row(Path(first)))
        if "--pareto" not in sys.argv:
            rows += gradient_rows(Path(second))
    for one in rows:
        print(f"{one['name']}: {one['measured']:.4g} {one['unit']} (goal {one['goal']:g}, {one['better']} is better)")
    target = ROOT / "build" / "bench-search.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
