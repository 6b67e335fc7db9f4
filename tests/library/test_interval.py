"""Intervals of a car that nobody measured, and how families that the fit had not seen lie in them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.sample import LABORATORY, compact, figures, mission

from covolt.library.build import car
from covolt.library.generic import FITTED_ON, GENERIC, UNCERTAIN, correlation, moved
from covolt.library.interval import NINETY, Interval, plug_intervals, standard_uncertainty
from covolt.library.left_out import left_out
from covolt.simulation.cycles import standard
from covolt.simulation.mission import follow


def test_the_uncertainty_is_the_sum_of_all_that_the_numbers_move_by_hand() -> None:
    def constant_W(vehicles) -> np.ndarray:
        return np.array([[float(one.axles[0].drive_unit.constant_W)] for one in vehicles])

    value, u = standard_uncertainty(lambda generic: car(figures(), generic), constant_W)
    size = (110e3 / GENERIC.reference_power_W) ** GENERIC.power_exponent
    by = {number.name: number.standard_uncertainty for number in UNCERTAIN}
    base, magnets = by["base_loss_W"], size * by["permanent_magnet_loss_W"]
    ratio = by["drive_loss_ratio"] * value[0]
    tied = 2.0 * correlation("base_loss_W", "permanent_magnet_loss_W") * base * magnets
    assert u[0] == pytest.approx((base**2 + magnets**2 + ratio**2 + tied) ** 0.5)


def test_a_step_ends_where_physics_does_and_the_slope_stays() -> None:
    number = next(one for one in UNCERTAIN if one.name == "base_loss_W")
    measured = lambda vehicles: np.array([[float(one.axles[0].drive_unit.constant_W)] for one in vehicles])  # noqa: E731
    wide = type(number)(number.name, 10.0 * GENERIC.base_loss_W, 0.0, 1e4, "W", number.source, number.title)
    _, u = standard_uncertainty(lambda generic: car(figures(), generic), measured, [wide])
    assert u[0] == pytest.approx(10.0 * GENERIC.base_loss_W)


def test_what_else_is_moved_counts_too() -> None:
    measured = lambda vehicles: np.array([[float(one.body.mass_kg)] for one in vehicles])  # noqa: E731
    pair = (car(figures(test_mass="1730 kg")), car(figures(test_mass="1690 kg")))
    value, u = standard_uncertainty(lambda generic: compact(), measured, others=[pair])
    assert value[0] == figures().test_mass
    assert u[0] == pytest.approx(20.0)


def test_plug_energy_of_a_car_has_an_interval_wider_with_induction_machines() -> None:
    missions = [follow(standard("udds"), LABORATORY), mission()]
    found = plug_intervals(figures(), missions)
    assert len(found) == 2
    assert 0.07 < found[0].halfwidth_90_fraction < 0.14
    induction = plug_intervals(figures(motor_kind="induction"), missions[:1])[0]
    assert induction.halfwidth_90_fraction > 1.2 * found[0].halfwidth_90_fraction
    assert Interval(2.0, 0.5).halfwidth_90_fraction == NINETY * 0.25


def test_families_left_out_are_those_fitted_on_and_most_lie_inside() -> None:
    rows = left_out()
    assert {row.family for row in rows} == set(FITTED_ON)
    for cycle in ("UDDS", "HWFET"):
        own = [row for row in rows if row.cycle == cycle]
        assert len(own) == len(FITTED_ON)
        assert 0.85 < np.mean([row.inside_fraction for row in own]) < 0.97
        assert all(abs(row.error_fraction) <= row.absolute_error_fraction + 1e-4 for row in own)


def test_a_moved_set_is_another_set() -> None:
    assert moved(GENERIC, "base_loss_W", 10.0).base_loss_W == GENERIC.base_loss_W + 10.0
