"""Vehicles that go far: no range is told as measured that was cut off."""

import importlib

import pytest

from covolt.library.subject import Subject
from covolt.study.procedures.protocol import Procedure
from covolt.study.procedures.registry import procedures
from tests.study.procedures.sample import changed, city_car, recorded

RANGES = {"un-r101": "range", "wltp": "range", "sae-j1634": "label_range"}


def with_cells(times: float) -> Subject:
    """The city car with so many times its cells, which weigh nothing."""
    count = float(city_car().vehicle.battery.parallel_count)
    return changed(city_car(), lambda v: v.battery.parallel_count, times * count)


def procedure(name: str) -> Procedure:
    return procedures()[name]


def test_a_battery_of_four_times_the_energy_goes_beyond_a_thousand_km_and_is_empty_then():
    """At a quarter of the current its cells lose less: a little more than four times as far."""
    near, far = (recorded(procedure("un-r101"), with_cells(times)) for times in (1.0, 4.0))
    assert far.measures["range"] > 1.1e6
    assert 4.0 * near.measures["range"] < far.measures["range"] < 4.3 * near.measures["range"]
    assert next(one.value_si for one in far.lines if one.symbol == "SoC") < 0.01


@pytest.mark.parametrize(("name", "measure"), RANGES.items())
def test_a_battery_that_is_not_emptied_gives_a_bound_and_no_range(name, measure, monkeypatch):
    emptied = recorded(procedure(name), with_cells(4.0))
    for module in ("segments", "nedc", "wltp", "sae_j1634"):
        monkeypatch.setattr(importlib.import_module(f"covolt.study.procedures.{module}"), "LONGEST_s", 20_000)
    record = recorded(procedure(name), with_cells(4.0))
    assert measure not in record.measures
    opened = record.open[measure]
    assert opened.high is None
    assert 50e3 < opened.low < 0.9 * emptied.measures[measure]
    assert "the battery is not empty after" in str(opened.why)
    assert not any(name.startswith("range") for name in record.measures)


def test_a_string_that_was_too_short_is_made_longer(monkeypatch):
    """A first guess of a tenth comes to the same battery's end, hence to the same range."""
    module = importlib.import_module("covolt.study.procedures.sae_j1634")
    usual = recorded(procedure("sae-j1634"), city_car())
    steady = module._steady
    monkeypatch.setattr(
        module, "_steady", lambda name, far_m: steady(name, far_m * (0.02 if name == "csc-end" else 1.0))
    )
    again = recorded(procedure("sae-j1634"), city_car())
    assert again.measures["label_range"] == pytest.approx(usual.measures["label_range"], rel=1e-9)


def test_what_rests_on_a_bound_is_open_too(monkeypatch):
    for module in ("segments", "sae_j1634"):
        monkeypatch.setattr(importlib.import_module(f"covolt.study.procedures.{module}"), "LONGEST_s", 20_000)
    record = recorded(procedure("epa-five-cycle"), with_cells(4.0))
    assert not record.measures
    assert set(record.open) == {one.id for one in procedure("epa-five-cycle").measures}
