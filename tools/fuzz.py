"""Damaged input files: whatever is done to them, a reader answers or refuses with what, where and a hint."""

from __future__ import annotations

import random
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mutants import ROOT

from covolt.errors import CovoltError

CAR = (ROOT / "src/covolt/library/cars/leaf-40.toml").read_text(encoding="utf-8")
CYCLE = "time_s,speed_km_per_h,slope_fraction\n" + "".join(f"{t},{min(t, 50)},0.01\n" for t in range(0, 120))
ROUTE = "distance_m,speed_km_per_h,stop_s,slope_fraction\n0,30,0,0\n500,50,10,0.02\n1500,0,30,0\n"
PULSES = (
    "ambient_C,soc_pct,pulse_A,rest_voltage_V,R_1s_mohm,R_10s_mohm,pulse_s\n"
    + "".join(f"25,{z},3,{3.3 + 0.008 * z:.3f},32,34,10\n" for z in (90, 70, 50, 30, 10))
)  # fmt: skip
TRACE = "time_s,current_A,voltage_V\n" + "".join(f"{t},0.15,{4.1 - t / 60000:.4f}\n" for t in range(0, 60000, 600))
REQIF = next(ROOT.glob("tests/**/*.reqif"), None)
PIECES = (
    "",
    "-",
    "nan",
    "inf",
    "1e999",
    "-1e9",
    "0",
    "\x00",
    "\ufeff",
    "ё",
    "=",
    '"',
    ",,,",
    "[",
    "]",
    "\n",
    "2**",
    "12:60:61",
    " km/h",
)


def _readers() -> dict[str, tuple[str, str, Callable[[Path], Any]]]:
    from covolt.library.figures import read_car
    from covolt.simulation.cycle_file import read_csv
    from covolt.simulation.route import read_route
    from covolt.vehicle.identification import identify
    from covolt.vehicle.pulse_data import read_pulses, read_trace, slow_discharge

    def identified(path: Path) -> object:
        trace = path.with_name("slow.csv")
        trace.write_text(TRACE, encoding="utf-8")
        return identify(read_pulses(path), slow_discharge(read_trace(trace)))

    return {
        "car": (".toml", CAR, read_car),
        "cycle": (".csv", CYCLE, read_csv),
        "route": (".csv", ROUTE, read_route),
        "pulses": (".csv", PULSES, identified),
        "trace": (".csv", TRACE, lambda path: slow_discharge(read_trace(path))),
    }


def _harmed(text: str, dice: random.Random) -> bytes:
    """The text with one to four things done to it."""
    for _ in range(dice.randint(1, 4)):
        lines = text.splitlines(keepends=True) or [""]
        at = dice.randrange(len(lines))
        kind = dice.randrange(7)
        if kind == 0:
            lines[at] = ""
        elif kind == 1:
            lines.insert(at, lines[dice.randrange(len(lines))])
        elif kind == 2:
            lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
        elif kind == 3:
            parts = lines[at].split(",")
            parts[dice.randrange(len(parts))] = dice.choice(PIECES)
            lines[at] = ",".join(parts)
        elif kind == 4:
            place = dice.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + dice.choice(PIECES) + lines[at][place:]
        elif kind == 5:
            other = dice.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines = lines[: at + 1]
        text = "".join(lines)
    raw = text.encode("utf-8", "surrogatepass")
    if dice.random() < 0.1 and raw:
        place = dice.randrange(len(raw))
        raw = raw[:place] + bytes([dice.randrange(256)]) + raw[place + 1 :]
    return raw


def damaged(count: int, seed: int) -> tuple[int, list[dict[str, str]]]:
    """How many files were tried, and those that crashed a reader, with the end of what it said."""
    dice, readers = random.Random(seed), _readers()
    crashed: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="covolt-fuzz-") as folder:
        for number in range(count):
            kind = dice.choice(sorted(readers))
            ending, text, read = readers[kind]
            path = Path(folder) / f"damaged{ending}"
            raw = _harmed(text, dice)
            path.write_bytes(raw)
            try:
                read(path)
            except CovoltError as error:
                if not all(problem.what and problem.hint for problem in error.problems):
                    crashed.append({"case": f"{number} {kind}", "said": "a refusal without a word or a hint"})
            except Exception:
                crashed.append(
                    {
                        "case": f"{number} {kind}",
                        "said": traceback.format_exc()[-400:],
                        "input": raw[:400].decode("utf-8", "replace"),
                    }
                )
    return count, crashed
