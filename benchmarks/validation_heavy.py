"""Buses and heavy trucks beside the few figures that were published of them with a source (`published.toml`).

Their files stand in `vehicles/`, written down before the first run; what no public figure gives is generic. The heating is that
of the bus that ships, against two buses of its class.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from intervals import standard_uncertainty
from published import figure, published, quantity, stated_uncertainties, vehicle_figures
from scoring import Scored, scored_rows

from covolt.contract.road_load import GTR_15_DENSITY_kg_per_m3
from covolt.library.build import car
from covolt.library.cars import figures as shipped
from covolt.library.figures import CarFigures
from covolt.simulation.cycles import standard
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission, follow
from covolt.simulation.run import BatchRunner, simulate
from covolt.vehicle.assembly import Vehicle

GOAL_TRUCK, GOAL_BUS = 15.0, 15.0
TRUCK_CYCLE, TRUCK_AIR_C = "vecto-long-haul", 15.0
BUS, BUS_AIR_C = "city-bus", 20.0
BUS_CYCLES = ("sort-2", "vecto-urban-bus")
ROUNDS = 12
HEATING_C = (0.0, -5.0, -10.0)
"""The range of the air in which the heating was measured."""
INSIDE_C = 18.0
PLAIN_EFFICIENCY, PLAIN_SPEED_m_per_s, GRAVITY_m_per_s2 = 0.88, 80.0 / 3.6, 9.81


def _per_metre(vehicles: list[Vehicle], mission: Mission) -> np.ndarray:
    """Energy from the battery and from the mains over the road driven, J/m."""
    results = [row[0] for row in BatchRunner().run(vehicles, [mission])]
    return np.array([[one.battery_consumption_J_per_m, one.plug_consumption_J_per_m] for one in results])


def truck_rows() -> list[dict[str, Any]]:
    """Two trucks of 40 t over the long haul, at the battery."""
    conditions = Conditions(ambient_temperature_K=TRUCK_AIR_C + ZERO_CELSIUS_K, lights_on=True)
    mission = follow(standard(TRUCK_CYCLE), conditions)
    cases: list[Scored] = []
    for one in published()["truck"]:
        name = one["car"]
        of = vehicle_figures(name)
        computed, u = standard_uncertainty(of, lambda them: _per_metre(list(them), mission), stated_uncertainties(name))
        wanted = quantity(one["consumption"], "J/m")
        cases.append(Scored(name, name, *(float(x) / 3.6e3 for x in (computed[0], wanted, u[0], _plain_J_per_m(of)))))
    return scored_rows(
        "truck_40t_energy_max",
        cases,
        peer="published means at 40 t: a journalist's round and a maker's tour",
        goal=GOAL_TRUCK,
        fitted="nothing: vehicle data written down before the first run",
        plain_is=f"tyres and air at a steady 80 km/h over {PLAIN_EFFICIENCY}, and the auxiliaries",
        score=max,
    )


def _plain_J_per_m(of: CarFigures) -> float:
    air_N = 0.5 * GTR_15_DENSITY_kg_per_m3 * figure(of, "drag_area") * PLAIN_SPEED_m_per_s**2
    tyres_N = figure(of, "rolling_coefficient") * of.test_mass * GRAVITY_m_per_s2
    return (air_N + tyres_N) / PLAIN_EFFICIENCY + (of.auxiliary_power or 0.0) / PLAIN_SPEED_m_per_s


def bus_rows() -> list[dict[str, Any]]:
    """SORT 2 and the urban mission, half laden, at 20 degC, against the measured round of a magazine in the same bus."""
    measured = published()["bus"]
    name = measured["car"]
    of = vehicle_figures(name)
    wanted = [quantity(measured[side], "J/m") / 3.6e3 for side in ("battery", "mains")]
    cases: list[Scored] = []
    for cycle in BUS_CYCLES:
        shape = standard(cycle).resampled(1.0)
        shape = shape.repeated(ROUNDS) if shape.duration_s < 1000.0 else shape
        conditions = Conditions(ambient_temperature_K=BUS_AIR_C + ZERO_CELSIUS_K, lights_on=True)
        mission = follow(shape, conditions)
        computed, u = standard_uncertainty(
            of, lambda them, m=mission: _per_metre(list(them), m), stated_uncertainties(name)
        )
        for side, value, uncertain, want in zip(("battery", "mains"), computed / 3.6e3, u / 3.6e3, wanted, strict=True):
            cases.append(Scored(f"{cycle}, {side}", name, float(value), want, float(uncertain)))
    return scored_rows(
        "city_bus_energy_max",
        cases,
        peer="the bus on a magazine's round, kWh/km from the battery and from the mains",
        goal=GOAL_BUS,
        fitted="nothing: vehicle data written down before the first run of it; the round was read before",
        score=max,
    )


def heating_J_per_m(of: CarFigures, celsius: float) -> float:
    """What keeping the saloon and the pack warm takes on SORT 2 beyond the same drive without comforts, once all is settled."""
    cycle = standard("sort-2").resampled(1.0)
    rounds = cycle.repeated(ROUNDS)
    used: list[float] = []
    for comforts in (True, False):
        conditions = Conditions(
            ambient_temperature_K=celsius + ZERO_CELSIUS_K,
            comforts_on=comforts,
            lights_on=True,
            cabin_temperature_K=INSIDE_C + ZERO_CELSIUS_K,
            battery_temperature_K=20.0 + ZERO_CELSIUS_K,
        )
        trace = simulate(car(of), follow(rounds, conditions))
        half = len(trace["battery_power_W"]) // 2
        used.append(float(-trace["battery_power_W"][half:].sum()) / float(trace["mean_speed_m_per_s"][half:].sum()))
    return used[0] - used[1]


def heating_rows() -> list[dict[str, Any]]:
    """Heating between 0 and -10 degC, electric and by heat pump, against two buses in Berlin."""
    measured = published()["bus_heating"]
    cases: list[Scored] = []
    for kind, pump in (("electric", False), ("heat_pump", True)):
        of = shipped(BUS).model_copy(update={"heat_pump": pump})
        computed = float(np.mean([heating_J_per_m(of, celsius) for celsius in HEATING_C])) / 3.6e3
        cases.append(Scored(kind, BUS, computed, quantity(measured[kind], "J/m") / 3.6e3))
    return scored_rows(
        "city_bus_heating_max",
        cases,
        peer="two buses in the same service in Berlin, February 2021; mean of 0, -5 and -10 degC here",
        goal=GOAL_BUS,
        fitted="nothing fitted; the two figures were read before",
        score=max,
    )


def rows(_data: Path) -> list[dict[str, Any]]:
    """All rows of buses and trucks. They stand against published figures and need no file of the folder."""
    return [*bus_rows(), *heating_rows(), *truck_rows()]
