"""The Sankey drawing holds the energies of the ledger, and stands aside where it cannot."""

import re

import pytest
from tests.sample import compact, mission

from covolt.simulation.ledger import DECLARED_LESS_REAL_FLOW, ledger
from covolt.simulation.run import simulate
from covolt.simulation.sankey import COLOURS, STAGES, sankey


@pytest.mark.parametrize(("width", "name"), [(920.0, "wide"), (360.0, "narrow")])
def test_bars_are_as_high_as_their_energy(width, name):
    account = simulate(compact(), mission()).ledger
    drawing = sankey(account, width=width, css_class=name, trunk_height=200.0)
    bars = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="9.0" height="([\d.]+)" rx="1.5" fill="(#\w+)"', drawing)
    per_J = 200.0 / account.energy_J("battery")
    for entry in account.entries:
        if entry.name in COLOURS and entry.energy_J * per_J > 3.0:
            heights = [float(height) for _, _, height, colour in bars if colour == COLOURS[entry.name]]
            assert any(height == pytest.approx(entry.energy_J * per_J, abs=0.06) for height in heights), entry.name
    assert all(float(x) + 9.0 < width for x, *_ in bars)
    assert f'class="sankey {name}"' in drawing


def test_every_sink_of_the_ledger_has_a_place_and_a_colour():
    entries = ledger({"battery_remainder_power_W": 0.0, DECLARED_LESS_REAL_FLOW: 0.0}, 0.0).entries
    sinks = {entry.name for entry in entries if entry.kind != "source"}
    placed = {name for _, names in STAGES for name in names}
    assert sinks == placed == set(COLOURS)


def test_a_descent_is_not_drawn():
    falling = ledger({"battery_open_circuit_power_W": -1e6, "slope_power_W": -5e5, "air_power_W": 1.5e6}, 0.0)
    assert sankey(falling, width=900.0, css_class="wide") == ""
