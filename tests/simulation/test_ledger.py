"""The ledger: closed balances, and a refusal that names the one that is not."""

from __future__ import annotations

import pytest

from covolt.errors import CovoltError
from covolt.simulation.ledger import ledger

FLOWS_J = {
    "battery_open_circuit_power_W": -1060.0,
    "battery_loss_power_W": 60.0,
    "battery_power_W": -1000.0,
    "auxiliary_power_W": 80.0,
    "climate_power_W": 15.0,
    "conditioning_power_W": 5.0,
    "drive_unit_power_W": 900.0,
    "drive_unit_loss_power_W": 90.0,
    "gearbox_loss_power_W": 10.0,
    "wheel_power_W": 800.0,
    "friction_brake_power_W": 50.0,
    "rolling_power_W": 300.0,
    "driveline_power_W": 100.0,
    "air_power_W": 200.0,
    "slope_power_W": 50.0,
}
"""As the battery's own sign has it: energy stored = energy at the terminals - losses."""


def test_a_closed_account_closes_and_sources_equal_sinks_and_stores() -> None:
    account = ledger({**FLOWS_J, "battery_open_circuit_power_W": -1060.0}, 100.0)
    assert account.closes
    account.demand_closed()
    kinds = {kind: sum(e.energy_J for e in account.entries if e.kind == kind) for kind in ("source", "sink", "store")}
    assert kinds["source"] == pytest.approx(kinds["sink"] + kinds["store"])
    assert account.energy_J("battery") == 1060.0
    assert account.energy_J("kinetic energy gained") == 100.0


@pytest.mark.parametrize(
    ("flow", "names"),
    [
        ("battery_loss_power_W", {"battery"}),
        ("climate_power_W", {"bus"}),
        ("drive_unit_power_W", {"bus", "drive"}),
        ("wheel_power_W", {"drive", "body"}),
        ("air_power_W", {"body"}),
    ],
)
def test_an_open_account_names_its_balances(flow: str, names: set[str]) -> None:
    account = ledger({**FLOWS_J, flow: FLOWS_J[flow] + 1.0}, 100.0)
    assert not account.closes
    with pytest.raises(CovoltError) as raised:
        account.demand_closed()
    assert {problem.where for problem in raised.value.problems} == {f"ledger.{name}" for name in names}
    assert all("off by" in problem.what and problem.hint for problem in raised.value.problems)


def test_a_millionth_is_the_tolerance() -> None:
    moved_J = ledger(FLOWS_J, 100.0).moved_J
    within, beyond = (ledger({**FLOWS_J, "air_power_W": 200.0 + share * moved_J}, 100.0) for share in (0.9e-6, 1.1e-6))
    assert within.closes
    assert not beyond.closes
    assert beyond.worst_ratio == pytest.approx(1.1e-6, rel=1e-3)


def test_what_is_not_a_number_does_not_close() -> None:
    assert not ledger({**FLOWS_J, "climate_power_W": float("nan")}, 100.0).closes


def test_charging_is_paid_by_the_mains() -> None:
    account = ledger(
        {
            "mains_power_W": 1000.0,
            "charger_loss_power_W": 80.0,
            "auxiliary_power_W": 20.0,
            "battery_power_W": 900.0,
            "battery_loss_power_W": 30.0,
            "battery_open_circuit_power_W": 870.0,
        },
        0.0,
    )
    assert account.closes
    assert account.energy_J("mains") == 1000.0
    assert account.energy_J("battery") == -870.0
