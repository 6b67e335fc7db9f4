"""The few end-to-end numbers that no change may move unseen. `python -m tests.golden.numbers` writes them anew.

A new number needs a line in CHANGELOG.md that says why it moved.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from covolt.simulation.cycles import standard
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, follow, full_throttle
from covolt.simulation.precision import prepare_process
from covolt.simulation.run import simulate
from tests.sample import LABORATORY, compact

FILE = Path(__file__).with_name("numbers.json")
HUNDRED_m_per_s = 100.0 / 3.6
WINTER = Conditions(ambient_temperature_K=ZERO_CELSIUS_K - 6.7, comforts_on=True)


def computed() -> dict[str, float]:
    """The numbers of the compact car as they are now; each name ends in its unit."""
    udds, hwfet, winter = (
        simulate(compact(), follow(standard(cycle), conditions), throw=True).result
        for cycle, conditions in (("udds", LABORATORY), ("hwfet", LABORATORY), ("udds", WINTER))
    )
    sprint = simulate(compact(), full_throttle(20.0))
    return {
        "udds_plug_consumption_Wh_per_km": udds.plug_consumption_J_per_m / 3.6,
        "hwfet_plug_consumption_Wh_per_km": hwfet.plug_consumption_J_per_m / 3.6,
        "udds_winter_battery_consumption_Wh_per_km": winter.battery_consumption_J_per_m / 3.6,
        "zero_to_hundred_s": float(np.interp(HUNDRED_m_per_s, sprint["speed_m_per_s"], sprint.time_s)),
    }


def recorded() -> dict[str, float]:
    """The numbers as they were last written."""
    return json.loads(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    prepare_process()
    rounded = {name: float(f"{value:.6g}") for name, value in computed().items()}
    FILE.write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")
