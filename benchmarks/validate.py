"""Truth: every figure that measured data can check, over any folder laid out as docs/how-to/validate.md says.

Each `validation_*.py` beside this file offers `rows(data)`; this program finds them, runs each, prints one table and writes
`build/validation.json` and, case by case, `build/validation_details.csv`.

    rows(data: Path) -> list of {name, measured, goal, unit, better, peer, cases, command}
        and where it applies {goal_low, goal_high, reason, details, cars, fitted, left_out, plain, plain_is, by_car,
        coverage_low, coverage_high, halfwidth_90}

A row without data has `measured` None and a `reason`. `details` is a mapping or a list of mappings, one for each case. `cars`
counts the independent cars, cells or laws behind the cases; `fitted` says what was fitted on them or looked at; `left_out`
names what the folder holds and the row cannot use; `plain` is the same figure by the plainest model, `plain_is` which.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, cast

# Fused small loops make single drives fifteen times faster; it must be set before JAX starts.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=100000000")

import jax

jax.config.update("jax_enable_x64", True)

from rich.console import Console  # noqa: E402
from rich.markup import escape  # noqa: E402
from rich.table import Table  # noqa: E402

Row = dict[str, Any]

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build"
FIELDS = ("name", "measured", "goal", "unit", "better", "peer", "cases", "command")
OPTIONAL = (
    "goal_low", "goal_high", "reason", "cars", "fitted", "left_out", "plain", "plain_is", "by_car", "coverage_low",
    "coverage_high", "halfwidth_90", "halfwidth",
)  # fmt: skip
FAILED = "failed"
NARROWEST = 132
NAMED = 3
"""Of what was left out, so many stand by name on the screen; all of them in the file."""


def modules() -> list[Path]:
    """The files that offer rows, in the order of their names."""
    return sorted(HERE.glob("validation_*.py"))


def load(path: Path) -> ModuleType:
    """A module from its file; its neighbours may be imported by name."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is not a module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def run_module(path: Path, data: Path) -> list[Row]:
    """Rows of one file; a fault in it becomes a row, so that the others still count."""
    try:
        offered = cast(Callable[[Path], list[Row]], load(path).rows)(data)
    except FileNotFoundError as error:
        return [_empty(path, f"skipped: {error.filename or error} is not there")]
    except Exception as error:  # whatever is wrong with one file must not hide what the others measured
        traceback.print_exc()
        return [_empty(path, f"{FAILED}: {type(error).__name__}: {error}")]
    return [
        {"command": "make validate", "cases": 0, "unit": "", "better": "lower", "peer": "", **row} for row in offered
    ]


def _empty(path: Path, reason: str) -> Row:
    return {
        "name": path.stem.removeprefix("validation_"),
        "measured": None,
        "goal": None,
        "unit": "",
        "better": "lower",
        "peer": "",
        "cases": 0,
        "cars": 0,
        "command": "make validate",
        "reason": reason,
    }


def verdict(row: Mapping[str, Any]) -> str:
    """pass, short, by how much it falls short, or why there is nothing to say."""
    measured, goal = row.get("measured"), row.get("goal")
    if measured is None:
        return str(row.get("reason", "no data"))
    if goal is None:
        return ""
    low, high = row.get("goal_low"), row.get("goal_high")
    if low is not None and high is not None:
        return "pass" if low <= measured <= high else f"short by {max(low - measured, measured - high):.3g}"
    short = measured - goal if row.get("better", "lower") == "lower" else goal - measured
    return "pass" if short <= 0.0 else f"short by {short:.3g}"


def table_of(rows: Iterable[Row]) -> Table:
    """What stands on the screen."""
    table = Table(title="Truth against measured data", title_justify="left")
    for heading, justify in (("name", "left"), ("measured", "right"), ("goal", "right"), ("unit", "left")):
        table.add_column(heading, justify=cast(Any, justify), no_wrap=True)
    for heading in ("cases", "cars", "plainest"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    colours = {"pass": "green", "short": "yellow", FAILED: "red", "skipped": "dim"}
    for row in rows:
        said = verdict(row)
        colour = next((style for start, style in colours.items() if said.startswith(start)), "default")
        table.add_row(
            str(row["name"]), _number(row["measured"]), _goal(row), str(row["unit"]), str(row["cases"]),
            str(row.get("cars", "")), _number(row.get("plain")), f"[{colour}]{escape(said)}[/{colour}]{_coverage(row)}",
        )  # fmt: skip
    return table


def _coverage(row: Mapping[str, Any]) -> str:
    """What a coverage rests on: cars weighted alike, the interval that so many allow, and how wide covolt's own is."""
    if row.get("coverage_low") is None:
        return ""
    width = row.get("halfwidth") or f"{_number(row.get('halfwidth_90'))} %"
    return f"by cars {row['by_car']:.0f} ({row['coverage_low']:.0f} to {row['coverage_high']:.0f}); half-width {width}"


def left_out_of(rows: Iterable[Row]) -> list[str]:
    """What the folder holds and rows cannot use, once for all rows that say the same."""
    said: dict[str, list[str]] = {}
    for row in rows:
        left = [str(name) for name in row.get("left_out") or ()]
        if left:
            more = f"; and {len(left) - NAMED} more" if len(left) > NAMED else ""
            said.setdefault(f"{len(left)}: {'; '.join(left[:NAMED])}{more}", []).append(str(row["name"]))
    return [f"{', '.join(names)} left out {what}" for what, names in said.items()]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _goal(row: Mapping[str, Any]) -> str:
    if row.get("goal_low") is not None and row.get("goal_high") is not None:
        return f"{row['goal_low']:g} to {row['goal_high']:g}"
    return "" if row.get("goal") is None else f"{row['goal']:g} or {'less' if row['better'] == 'lower' else 'more'}"


def write(rows: list[Row], folder: Path) -> None:
    """Both files, each written beside its place first, so that none is ever half written."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = [{key: row[key] for key in (*FIELDS, *OPTIONAL) if key in row} for row in rows]
    text = json.dumps(plain, indent=2, ensure_ascii=False, default=float) + "\n"
    _replace(folder / "validation.json", text)
    lines = [["name", "case", "quantity", "value"]]
    for row in rows:
        lines += [[str(row["name"]), *line] for line in _cases(row.get("details"))]
    partial = folder / "validation_details.csv.part"
    with partial.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    partial.replace(folder / "validation_details.csv")


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _cases(details: object) -> list[list[str]]:
    """Details as lines of case, quantity and value, whatever shape a module gave them."""
    if isinstance(details, Mapping):
        return [[str(case), "value", str(value)] for case, value in cast(Mapping[Any, Any], details).items()]
    if isinstance(details, list):
        return [
            [str(case.get("case", index)), str(key), str(value)]
            for index, case in enumerate(cast(list[dict[str, Any]], details))
            for key, value in case.items()
            if key != "case"
        ]
    return []


def main(arguments: list[str] | None = None) -> int:
    """Run all modules, or those named, on a data folder; 0 unless one of them failed."""
    parser = argparse.ArgumentParser(description="Compare covolt with measured data.")
    parser.add_argument("--data", type=Path, required=True, help="folder with epa, charging, trips_… and cell_… inside")
    parser.add_argument("--only", default="", help="run only the modules whose name holds this word")
    parser.add_argument("--build", type=Path, default=BUILD, help="where the two files are written")
    chosen = parser.parse_args(arguments)
    console = Console()
    # Names stand whole, in a pipe too.
    console.width = max(console.width, NARROWEST)
    if not chosen.data.is_dir():
        console.print(
            f"skipped: the data folder {chosen.data} is not there; measured data is not part of the repository. "
            "Give its place with make validate DATA=folder"
        )
        return 0
    rows: list[Row] = []
    names = [path.stem.removeprefix("validation_") for path in modules()]
    if not any(chosen.only in name for name in names):
        console.print(f"no module is called {chosen.only}; there are {', '.join(names)}")
        return 2
    for path in modules():
        if chosen.only in path.stem.removeprefix("validation_"):
            begin = time.perf_counter()
            with console.status(path.stem.removeprefix("validation_")):
                rows += run_module(path, chosen.data.resolve())
            console.print(
                f"{path.stem.removeprefix('validation_'):10s} {time.perf_counter() - begin:6.1f} s", style="dim"
            )
    console.print(table_of(rows))
    for line in left_out_of(rows):
        console.print(line, style="dim", markup=False, highlight=False)
    if not chosen.only:
        write(rows, chosen.build)
        console.print(f"written: {chosen.build / 'validation.json'}, {chosen.build / 'validation_details.csv'}")
    return 1 if any(str(row.get("reason", "")).startswith(FAILED) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
