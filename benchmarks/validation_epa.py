"""Truth on the EPA's test-car list: plug energy over UDDS and HWFET, one generic set for all cars, with its intervals.

Families that the shipped set was fitted on, or looked at with, stand apart (`..._seen`); on a folder of enough families the
whole choice is done again, nested, and its outer folds are reported beside three plain numbers fitted in the same folds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from epa_fit import NORMAL_90, SHIPPED, Tests, deviation, drive_scatter, moves, nested, tests_of, three_numbers
from epa_list import CYCLES, EpaList, Tested, epa_list
from scipy.stats import beta

from covolt.library.generic import is_seen

GOALS = {"UDDS": 5.0, "HWFET": 4.0}
FAMILY_GOALS = {"UDDS": 4.5, "HWFET": 3.5}
TAIL_GOALS = {"UDDS": 11.0, "HWFET": 9.0}
HALFWIDTH_GOALS = {"UDDS": 14.0, "HWFET": 10.5}
COVERAGE_GOAL = (85.0, 97.0)
FEWEST_FAMILIES = 8
"""With fewer, what is left when two are out is too little to choose and to fit on."""
Row = dict[str, Any]


def rows(data: Path) -> list[Row]:
    """Figures for the validation table."""
    found = epa_list(data)
    if not found.cars:
        raise FileNotFoundError(data / "epa" / "bev_test_inputs_*.csv")
    tests = tests_of(found.cars)
    seen = np.array([_seen(found.cars[i]) for i in tests.car_index])
    error = tests.computed_Wh_per_km / tests.measured_Wh_per_km - 1.0
    out = _shipped_rows(tests, error, seen, found)
    out += _outer_rows(tests)
    return [*out, *_blind_rows(tests)]


def _seen(tested: Tested) -> bool:
    return is_seen(tested.family)


def _shipped_rows(tests: Tests, error: np.ndarray, seen: np.ndarray, found: EpaList) -> list[Row]:
    """The shipped set on families that chose nothing in it, and apart on those that did."""
    out: list[Row] = []
    half = NORMAL_90 * deviation(tests, SHIPPED)
    left = ", ".join(f"{count} {kind}" for kind, count in sorted(found.left_out.items())) or "none"
    for cycle, name in enumerate(CYCLES):
        own = tests.cycle_index == cycle
        stem = f"epa_{name.lower()}"
        for rows, suffix, goal in ((own & ~seen, "", True), (own & seen, "_seen", False)):
            if rows.any():
                peer = f"EPA measurement at the plug; {len(set(tests.family[rows]))} families; not scored: {left}"
                out += _rows_of(tests, error, rows, stem, suffix, name, peer, goal=goal)
                if not suffix:
                    out += _coverage_rows(tests, error, half, rows, stem, suffix, name, goal=True)
    return out


def _rows_of(
    tests: Tests, error: np.ndarray, rows: np.ndarray, stem: str, suffix: str, cycle: str, peer: str, *, goal: bool
) -> list[Row]:
    """Mean, by families, 90 % and median of the absolute errors."""
    size = 100.0 * np.abs(error[rows])
    families = {
        name: 100.0 * float(np.mean(np.abs(error[rows & (tests.family == name)])))
        for name in sorted(set(tests.family[rows]))
    }
    signed = {name: round(100.0 * float(np.mean(error[rows & (tests.family == name)])), 2) for name in families}
    cases = int(rows.sum())
    return [
        _row(f"{stem}{suffix}_mae", float(np.mean(size)), GOALS[cycle] if goal else None, cases, peer, signed),
        _row(
            f"{stem}{suffix}_family_mae",
            float(np.mean(list(families.values()))),
            FAMILY_GOALS[cycle] if goal else None,
            len(families),
            peer,
            {name: round(value, 2) for name, value in families.items()},
        ),
        _row(f"{stem}{suffix}_p90", float(np.percentile(size, 90.0)), TAIL_GOALS[cycle] if goal else None, cases, peer),
        _row(f"{stem}{suffix}_median", float(np.median(size)), None, cases, peer),
    ]


def _coverage_rows(
    tests: Tests,
    error: np.ndarray,
    half: np.ndarray,
    rows: np.ndarray,
    stem: str,
    suffix: str,
    cycle: str,
    *,
    goal: bool,
) -> list[Row]:
    """Part of the tests inside the 90 % interval, by tests and with families alike, and the interval's half width."""
    inside = np.abs(error[rows]) <= half[rows]
    by_family = {
        name: float(np.mean(np.abs(error[own]) <= half[own]))
        for name in sorted(set(tests.family[rows]))
        for own in (rows & (tests.family == name),)
    }
    low, high = _allowed(float(np.mean(list(by_family.values()))), len(by_family))
    peer = f"90 % interval; {len(by_family)} families allow {low:.0f} to {high:.0f} %"
    shares = {name: round(100.0 * value, 1) for name, value in by_family.items()}
    figures = (
        ("coverage_90", float(np.mean(inside)), int(rows.sum())),
        ("coverage_90_family", float(np.mean(list(by_family.values()))), len(by_family)),
    )
    out = [
        _row(f"{stem}{suffix}_{name}", 100.0 * value, 90.0 if goal else None, cases, peer, shares, better="higher")
        | ({"goal_low": COVERAGE_GOAL[0], "goal_high": COVERAGE_GOAL[1]} if goal else {})
        for name, value, cases in figures
    ]
    width = 100.0 * float(np.median(half[rows]))
    target = HALFWIDTH_GOALS[cycle] if goal else None
    return [*out, _row(f"{stem}{suffix}_halfwidth_90", width, target, int(rows.sum()), "median of the tests")]


def _allowed(share: float, count: int) -> tuple[float, float]:
    """Ends in % of the 90 % interval of a share that so many families show, after Clopper and Pearson."""
    hits = share * count
    low = float(beta.ppf(0.05, hits, count - hits + 1.0)) if hits > 0.0 else 0.0
    high = float(beta.ppf(0.95, hits + 1.0, count - hits)) if hits < count else 1.0
    return 100.0 * low, 100.0 * high


def _outer_rows(tests: Tests) -> list[Row]:
    """Outer folds of the nested choice, of series-built families and of all, beside three plain numbers."""
    out: list[Row] = []
    everything = np.ones(len(tests.car_index), dtype=bool)
    for scope, suffix, goal in ((tests.in_series, "_outer", True), (everything, "_outer_all", False)):
        count = len(set(tests.family[scope]))
        if count < FEWEST_FAMILIES:
            reason = f"skipped: {count} families are too few to choose on {FEWEST_FAMILIES - 2} or more"
            out += [
                _row(f"epa_{name.lower()}{suffix}_mae", None, None, 0, "nested choice") | {"reason": reason}
                for name in CYCLES
            ]
            continue
        if not goal and bool(np.all(tests.in_series)):
            continue
        choice = nested(tests, scope)
        half = np.full(len(scope), np.nan)
        for family, inner in choice.inner.items():
            own = tests.family == family
            own_scatter = drive_scatter(tests, inner)
            half[own] = NORMAL_90 * deviation(tests, SHIPPED | own_scatter)[own]
        plain = three_numbers(tests, scope)
        often = max(set(choice.chosen.values()), key=list(choice.chosen.values()).count)
        times = list(choice.chosen.values()).count(often)
        peer = f"outer folds of a nested choice; {times} of {count} families choose {often.name}"
        for cycle, name in enumerate(CYCLES):
            stem, rows = f"epa_{name.lower()}", scope & (tests.cycle_index == cycle)
            made = _rows_of(tests, choice.error, rows, stem, suffix, name, peer, goal=False)
            three = _rows_of(tests, plain, rows, stem, f"{suffix}_three", name, "three plain numbers", goal=False)[:2]
            ratios = [
                (one["measured"] or 0.0) / (other["measured"] or 1.0) for one, other in zip(made, three, strict=False)
            ]
            wanted = {"UDDS": 0.60, "HWFET": 0.75}[name] if goal else None
            out += [*made, *three]
            out.append(_row(f"{stem}{suffix}_vs_three", ratios[0], wanted, int(rows.sum()), "by tests", unit="1"))
            out.append(_row(f"{stem}{suffix}_vs_three_family", ratios[1], None, count, "families alike", unit="1"))
            out += _coverage_rows(tests, choice.error, half, rows, stem, suffix, name, goal=goal)
    return out


def _blind_rows(tests: Tests) -> list[Row]:
    """HWFET of each car after its UDDS result has set one number of it.

    The number is how good its drive is by what the set says of its own uncertainty, E[e_HWFET | e_UDDS]; beside it a scale of the
    fitted losses and a constant load.
    """
    moved, matrix = moves(tests, SHIPPED)
    lost = tests.computed_Wh_per_km / tests.measured_Wh_per_km - tests.bare
    watt = tests.slopes["base_loss_W"] / tests.measured_Wh_per_km
    errors: dict[str, list[float]] = {"": [], "_losses": [], "_constant": []}
    for i in sorted(set(tests.car_index)):
        rows = [np.flatnonzero((tests.car_index == i) & (tests.cycle_index == cycle)) for cycle in range(len(CYCLES))]
        if not all(row.size for row in rows):
            continue
        city, road = (
            float(np.mean(tests.computed_Wh_per_km[row])) / float(np.mean(tests.measured_Wh_per_km[row])) - 1.0
            for row in rows
        )
        first, second = rows[0][0], rows[1][0]
        shared = moved[:, first] @ matrix
        follows = {
            "": float(shared @ moved[:, second]) / float(shared @ moved[:, first]),
            "_losses": float(lost[second] / max(lost[first], 1e-9)),
            "_constant": float(watt[second] / watt[first]),
        }
        for name, ratio in follows.items():
            errors[name].append(100.0 * abs(road - ratio * city))
    if not errors[""]:
        return []
    peers = {
        "": "each car's drive by its UDDS and the set's own uncertainty",
        "_losses": "the fitted losses of each car scaled to its UDDS",
        "_constant": "a constant load of each car from its UDDS",
    }
    return [
        _row(f"epa_hwfet_blind{name}_mae", float(np.mean(values)), None if name else 2.5, len(values), peers[name])
        for name, values in errors.items()
    ]


def _row(
    name: str,
    measured: float | None,
    goal: float | None,
    cases: int,
    peer: str,
    details: dict[str, float] | None = None,
    *,
    unit: str = "%",
    better: str = "lower",
) -> Row:
    row: Row = {
        "name": name,
        "measured": measured,
        "goal": goal,
        "unit": unit,
        "better": better,
        "peer": peer,
        "cases": cases,
        "command": "make validate",
    }
    if details is not None:
        row |= {"cars": len(details), "details": details}
    return row


if __name__ == "__main__":
    import sys

    for row in rows(Path(sys.argv[1])):
        print({key: value for key, value in row.items() if key not in {"command", "unit", "better"}})
